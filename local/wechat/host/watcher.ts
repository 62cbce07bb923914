import type { ServerResponse } from 'node:http';
import { type SourceWatcher, watchSourceFiles } from '../../../compile/source-watcher.ts';
import { CoalescedTask } from '../../../lib/coalesced-task.ts';

/** Builds again when the source changes, and sends the outcome to the open pages (server-sent events). */
export class BuildWatcher {
  readonly #build: CoalescedTask;
  readonly #pages = new Set<ServerResponse>();
  #watcher: SourceWatcher | undefined;

  private constructor(build: () => Promise<unknown>) {
    this.#build = new CoalescedTask(() => this.#buildAndSend(build));
  }

  /**
   * Resolves once every later change is noticed.
   * @param folder undefined: nothing is watched
   */
  static async start(folder: string | undefined, build: () => Promise<unknown>): Promise<BuildWatcher> {
    const started = new BuildWatcher(build);
    if (folder !== undefined)
      started.#watcher = await watchSourceFiles([folder], {
        changed: () => started.#build.trigger(),
        failed: (error) => started.#send('failed', error.message),
      });
    return started;
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
    await this.#watcher?.close();
    for (const page of this.#pages) page.end();
    this.#pages.clear();
    await this.#build.stop();
  }
}
