import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fate } from '../faults.ts';

/** A body this many times its limit is not worth reading to the end: the connection is cut. */
const MOST_DROPPED = 10;

export class BodyTooLarge extends Error {
  constructor(limit: number) {
    super(`body exceeds ${limit} bytes`);
    this.name = 'BodyTooLarge';
  }
}

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.url = new URL(request.url ?? '/', 'http://local');
  }

  get path(): string {
    return this.url.pathname;
  }

  /** The whole body. One that is too large is read to its end and dropped, so that the refusal can still be read. */
  async body(limitBytes: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else if (bytes > limitBytes * MOST_DROPPED) break;
    }
    if (bytes > limitBytes) throw new BodyTooLarge(limitBytes);
    return Buffer.concat(chunks);
  }

  json(value: unknown, status = 200): void {
    this.send(status, { 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(value));
  }

  send(status: number, headers: OutgoingHttpHeaders, body: string | Buffer = ''): void {
    if (!this.response.destroyed) this.response.writeHead(status, headers).end(body);
  }

  /** Cuts the connection without an answer. */
  cut(): void {
    this.request.socket.destroy();
  }
}

/**
 * Does `work` and answers with it, unless a fault befalls the request. `answer` sends a result; `refuse` sends an
 * injected error in the form of this route.
 */
export async function underFate<T>(
  exchange: Exchange,
  fate: Fate,
  route: {
    work: () => Promise<T>;
    answer: (result: T) => void;
    refuse: (code: string, message: string) => void;
  },
): Promise<void> {
  if (fate.delayMs > 0) await sleep(fate.delayMs);
  switch (fate.effect) {
    case 'refuse':
      return exchange.cut();
    case 'http-500':
      return exchange.send(
        500,
        { 'content-type': 'text/html' },
        '<html><body>500 Internal Server Error</body></html>',
      );
    case 'error':
      return route.refuse(fate.code, fate.message);
    case 'lose-answer':
      await route.work();
      return exchange.cut();
    default:
      return route.answer(await route.work());
  }
}
