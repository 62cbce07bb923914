import fs from 'node:fs';
import type { ServerResponse } from 'node:http';

/** An editor's several writes count as one change. */
const SETTLE_MS = 120;
const IGNORED = /(^|[/\\])(node_modules|miniprogram_npm|dist|\.)|\.test\.ts$|~$/;

/** Builds again when the source changes, and tells the pages that are open (server-sent events). */
export class BuildWatcher {
  readonly #build: () => Promise<unknown>;
  readonly #watcher: fs.FSWatcher | undefined;
  readonly #pages = new Set<ServerResponse>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #building = false;
  #again = false;

  /** @param folder undefined: nothing is watched. */
  constructor(folder: string | undefined, build: () => Promise<unknown>) {
    this.#build = build;
    if (folder === undefined) return;
    this.#watcher = fs.watch(folder, { recursive: true }, (_event, file) => {
      if (file === null || IGNORED.test(file)) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#rebuild(), SETTLE_MS);
    });
  }

  async #rebuild(): Promise<void> {
    if (this.#building) {
      this.#again = true;
      return;
    }
    this.#building = true;
    try {
      await this.#build();
      this.#tell('built', '');
    } catch (error) {
      this.#tell('failed', error instanceof Error ? error.message : String(error));
    } finally {
      this.#building = false;
    }
    if (this.#again) {
      this.#again = false;
      await this.#rebuild();
    }
  }

  #tell(event: string, data: string): void {
    const lines = data.split('\n').map((line) => `data: ${line}\n`);
    for (const page of this.#pages) page.write(`event: ${event}\n${lines.join('')}\n`);
  }

  /** Keeps a page's event stream open until it goes away. */
  subscribe(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': connected\n\n');
    this.#pages.add(response);
    response.on('close', () => this.#pages.delete(response));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#watcher?.close();
    for (const page of this.#pages) page.end();
  }
}
