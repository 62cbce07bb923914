import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBody } from '../../../lib/http-body.ts';
import type { FaultDecision } from '../faults.ts';

/** One request and its answer. */
export class HttpContext {
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

  /** The whole body. @throws BodyTooLargeError */
  body(limitBytes: number): Promise<Buffer> {
    return readBody(this.request, limitBytes);
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
 * Does `work` and answers with it, unless a fault was decided for the request. `answer` sends a result; `refuse` sends an
 * injected error in the form of this route.
 */
export async function withFault<T>(
  context: HttpContext,
  decision: FaultDecision,
  route: {
    work: () => Promise<T>;
    answer: (result: T) => void;
    refuse: (code: string, message: string) => void;
  },
): Promise<void> {
  if (decision.delayMs > 0) await sleep(decision.delayMs);
  switch (decision.effect) {
    case 'refuse':
      return context.cut();
    case 'http-500':
      return context.send(
        500,
        { 'content-type': 'text/html' },
        '<html><body>500 Internal Server Error</body></html>',
      );
    case 'error':
      return route.refuse(decision.code, decision.message);
    case 'lose-answer':
      await route.work();
      return context.cut();
    case 'late':
      context.cut();
      await sleep(decision.lateMs);
      await route.work();
      return;
    default:
      return route.answer(await route.work());
  }
}
