import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { readBody } from '../../lib/http-body.ts';

/** Above the largest package, in base64 within JSON. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Written by redirect.cjs. */
const HOST_HEADER = 'x-recorded-host';

/** One request, whole, and how it is answered. */
export interface HttpContext {
  method: string;
  /** The host that was meant. */
  host: string;
  url: URL;
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  send(status: number, headers: OutgoingHttpHeaders, body: string): void;
  /** Cuts the connection without an answer. */
  cut(): void;
}

export async function readRequest(request: IncomingMessage, response: ServerResponse): Promise<HttpContext> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
  const host = headers[HOST_HEADER] ?? '';
  return {
    method: request.method ?? 'GET',
    host,
    url: new URL(request.url ?? '/', 'http://recorded'),
    headers: { ...headers, host },
    body: await readBody(request, MAX_BODY_BYTES),
    send: (status, fields, body) => void response.writeHead(status, fields).end(body),
    cut: () => request.socket.destroy(),
  };
}
