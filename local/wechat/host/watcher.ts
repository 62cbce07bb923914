import fs from 'node:fs';
import type { ServerResponse } from 'node:http';
import { CoalescedTask } from '../../coalesced-task.ts';

/** An editor's several writes count as one change. */
const SETTLE_MS = 120;
const IGNORED = /(^|[/\\])(node_modules|miniprogram_npm|dist|\.)|\.test\.ts$|~$/;

/** Builds again when the source changes, and sends the outcome to the open pages (server-sent events). */
export class BuildWatcher {
  readonly #build: CoalescedTask;
  readonly #watcher: fs.FSWatcher | undefined;
  readonly #pages = new Set<ServerResponse>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param folder undefined: nothing is watched. */
  constructor(folder: string | undefined, build: () => Promise<unknown>) {
    this.#build = new CoalescedTask(() => this.#buildAndSend(build));
    if (folder === undefined) return;
    this.#watcher = fs.watch(folder, { recursive: true }, (_event, file) => {
      if (file === null || IGNORED.test(file)) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#build.trigger(), SETTLE_MS);
    });
  }

  async #buildAndSend(build: () => Promise<unknown>): Promise<void> {
    try {
      await build();
      this.#send('built', '');
    } catch (error) {
      this.#send('failed', error instanceof Error ? error.message : String(error));
    }
  }

  #send(event: string, data: string): void {
    const lines = data.split('\n').map((line) => `data: ${line}\n`);
    for (const page of this.#pages) page.write(`event: ${event}\n${lines.join('')}\n`);
  }

  /** Answers a page's request with the stream of events, until the page closes it. */
  subscribe(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': connected\n\n');
    this.#pages.add(response);
    response.on('close', () => this.#pages.delete(response));
  }

  /** Resolves once a build that is running has ended. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#watcher?.close();
    for (const page of this.#pages) page.end();
    this.#pages.clear();
    await this.#build.stop();
  }
}
