import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** How one request is answered; without one the file is given, or the range that was asked for. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** A server with one file, for tests of downloads. */
export interface FileServer {
  url: string;
  file: Uint8Array;
  etag: string;
  /** Answers for the next requests, first in first out. */
  next: Behaviour[];
  /** The `range` of each request so far; undefined: the whole file. */
  ranges: (string | undefined)[];
}

const answer = (server: FileServer, request: IncomingMessage, response: ServerResponse): void => {
  const { file, etag } = server;
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  if (Number.isNaN(from) || !isSame) {
    response.writeHead(200, { 'content-length': file.length, etag }).end(file);
  } else if (from >= file.length) {
    response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
  } else {
    const range = `bytes ${from}-${file.length - 1}/${file.length}`;
    const rest = file.subarray(from);
    response.writeHead(206, { 'content-range': range, 'content-length': rest.length, etag }).end(rest);
  }
};

/** Starts one on loopback; it ends with the test. */
export async function startFileServer(file: Uint8Array): Promise<FileServer> {
  const server: FileServer = { url: '', file, etag: '"1"', next: [], ranges: [] };
  const http = createServer((request, response) => {
    server.ranges.push(request.headers.range);
    const behaviour = server.next.shift();
    if (behaviour) behaviour(request, response);
    else answer(server, request, response);
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/toy-model.tar.bz2`;
  return server;
}

/** Gives a range of the file, and cuts the connection once the client has it. */
export const cutAt =
  ({ file, etag }: FileServer, from: number, to: number, received: () => Promise<void>): Behaviour =>
  (_request, response) => {
    const whole = { 'content-length': file.length, etag };
    const range = { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}`, etag };
    response.writeHead(from === 0 ? 200 : 206, from === 0 ? whole : range);
    response.write(file.subarray(from, to));
    void received().then(() => response.destroy());
  };
