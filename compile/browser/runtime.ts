/** The browser host that a mini-program is compiled for: what runs in the page around the app. */
export interface BrowserRuntime {
  /** Folder of the runtime's scripts. Their package imports are resolved as Node does, not as WeChat does. */
  folder: string;
  /** Module that exports `prepare(manifest, templates): Promise<void>` and `start(): void`. */
  entry: string;
  /** Further scripts of the page, each bundled by itself: file by the name of its output, without extension. */
  scripts: Readonly<Record<string, string>>;
  /** Files that are copied as they are, next to the built app. */
  staticFiles: readonly string[];
  /** Every tag that a page may use without a component behind it. */
  tags: ReadonlySet<string>;
  /** Members of `wx` that the runtime has; those of a namespace as `cloud` and `cloud.init`. */
  wxMembers: ReadonlySet<string>;
}
