import fs from 'node:fs';
import type { ServerResponse } from 'node:http';

/** An editor's several writes count as one change. */
const SETTLE_MS = 120;
const IGNORED = /(^|[/\\])(node_modules|miniprogram_npm|dist|\.)|\.test\.ts$|~$/;

/** Builds again when the source changes, and sends the outcome to the open pages (server-sent events). */
export class BuildWatcher {
  readonly #build: () => Promise<unknown>;
  readonly #watcher: fs.FSWatcher | undefined;
  readonly #pages = new Set<ServerResponse>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The build that is running. */
  #building: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  /** @param folder undefined: nothing is watched. */
  constructor(folder: string | undefined, build: () => Promise<unknown>) {
    this.#build = build;
    if (folder === undefined) return;
    this.#watcher = fs.watch(folder, { recursive: true }, (_event, file) => {
      if (file === null || IGNORED.test(file)) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#rebuild(), SETTLE_MS);
    });
  }

  /** One build at a time; a change during a build starts one more after it. */
  #rebuild(): void {
    if (this.#building !== undefined) {
      this.#again = true;
      return;
    }
    this.#building = this.#buildOnce().finally(() => {
      this.#building = undefined;
      const again = this.#again && !this.#stopped;
      this.#again = false;
      if (again) this.#rebuild();
    });
  }

  async #buildOnce(): Promise<void> {
    try {
      await this.#build();
      this.#send('built', '');
    } catch (error) {
      this.#send('failed', error instanceof Error ? error.message : String(error));
    }
  }

  #send(event: string, data: string): void {
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

  /** Resolves once a build that is running has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
    for (const page of this.#pages) page.end();
    this.#pages.clear();
    await this.#building;
  }
}
