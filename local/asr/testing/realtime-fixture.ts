import { expect, vi } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import type { AsrServerOptions } from '../options.ts';
import type { AsrServer } from '../server.ts';
import { AsrClient, baseQuery, type Query, signedPath } from './asr-client.ts';
import { startTestServer } from './test-server.ts';

const POLL = { interval: 2, timeout: 10_000 };

/** A server with a fake clock, and clients that are disconnected after each test. */
export class RealtimeFixture {
  readonly clock = new FakeClock();
  readonly #clients: AsrClient[] = [];
  readonly #options: Partial<AsrServerOptions>;
  #server: AsrServer | undefined;

  constructor(options: Partial<AsrServerOptions> = {}) {
    this.#options = options;
  }

  get server(): AsrServer {
    if (!this.#server) throw new Error('start the fixture first');
    return this.#server;
  }

  async start(): Promise<void> {
    this.#server = await startTestServer({ clock: this.clock, ...this.#options });
  }

  /** The fake clock's time, epoch seconds, for signatures. */
  get nowS(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  /** To be called after each test. */
  async reset(): Promise<void> {
    this.server.faults.clear();
    for (const client of this.#clients.splice(0)) client.socket.terminate();
    await vi.waitFor(() => expect(this.server.stats.sessions.open).toBe(0), POLL);
  }

  async stop(): Promise<void> {
    await this.server.close();
  }

  async connect(query: Query = {}, path?: string, headers?: Record<string, string>): Promise<AsrClient> {
    const signed = path ?? signedPath({ ...baseQuery(this.nowS), ...query });
    const client = await AsrClient.connect(this.server.url, signed, headers);
    this.#clients.push(client);
    return client;
  }

  /** Connects and waits for the handshake message. */
  async open(query: Query = {}): Promise<AsrClient> {
    const client = await this.connect(query);
    await vi.waitFor(() => expect(client.messages.length).toBe(1), POLL);
    return client;
  }

  /** Sends audio at the rate of the fake clock; resolves when the server has received it. */
  async feed(client: AsrClient, pcm: Int16Array | Uint8Array, bytesPerMs = 32): Promise<void> {
    const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    for (let at = 0; at < bytes.length; at += 2_000 * bytesPerMs) {
      const before = this.server.stats.audioMs;
      client.send(bytes.subarray(at, at + 2_000 * bytesPerMs));
      await vi.waitFor(() => expect(this.server.stats.audioMs).toBeGreaterThan(before), POLL);
      this.clock.advanceSync(2_000);
    }
  }

  /** Sends audio and `end`. @returns the close code */
  async stream(client: AsrClient, pcm: Int16Array | Uint8Array, bytesPerMs = 32): Promise<number> {
    await this.feed(client, pcm, bytesPerMs);
    client.end();
    return client.closed;
  }
}
