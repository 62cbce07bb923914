import type { AppJson } from './components.ts';

/** The browser host that a mini-program is compiled for: what runs in the page around the app. */
export interface BrowserRuntime {
  /** Folder of the runtime's scripts. Their package imports are resolved as Node does, not as WeChat does. */
  folder: string;
  /**
   * Module that exports `prepareApp(manifest: AppManifest, templates: () => object): Promise<void>`, called before the
   * app's scripts run, and `startApp(): void`, called after them.
   */
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

/** The app as the compiler hands it to the runtime. */
export interface AppManifest {
  app: AppJson;
  pages: string[];
  /** theme.json: variables of `@name` values in app.json, by theme. */
  theme: Record<'light' | 'dark', Record<string, string>>;
  /** Pages and components by code path. `scope` is the prefix of their class names, '' for shared styles. */
  components: Record<string, { config: Record<string, unknown>; scope: string }>;
  /** CSS by code path; `app` is the application's. */
  styles: Record<string, string>;
}
