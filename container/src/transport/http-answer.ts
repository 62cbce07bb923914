import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes a plain HTTP request. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;
/** Takes a request to become a WebSocket; `head` is what the client has already sent. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const JSON_TYPE = 'application/json; charset=utf-8';

/** The path of a request, without its query. */
export const pathOf = (request: IncomingMessage): string => request.url?.split('?')[0] ?? '/';

export function answerJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': JSON_TYPE, ...headers });
  response.end(JSON.stringify(body));
}

/** Answers an upgrade with a status and a JSON body, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number, body: object): void {
  // The server no longer listens on this socket: without a listener its error would end the process.
  socket.on('error', () => socket.destroy());
  // Not left half open: a client that never closes its side would keep the socket for ever.
  socket.once('finish', () => socket.destroy());
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${JSON_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
