import { createHash, createHmac } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../lib/clock.ts';

/** Time that stands still until it is told to pass. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Map<symbol, { at: number; fn: () => void }>();

  constructor(nowMs = 1_700_000_000_000) {
    this.#now = nowMs;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const id = Symbol('timer');
    this.#timers.set(id, { at: this.#now + ms, fn });
    return () => void this.#timers.delete(id);
  }

  get waiting(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter(([, timer]) => timer.at <= this.#now);
    for (const [id, { fn }] of due.sort(([, a], [, b]) => a.at - b.at)) if (this.#timers.delete(id)) fn();
  }
}

export const KEYS = { appId: '1250000000', secretId: 'AKIDEXAMPLE', secretKey: 'SKEXAMPLE' };

/** The service's side of one connection. */
export interface Peer {
  readonly query: URLSearchParams;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly socket: WebSocket;
  readonly audio: Buffer[];
  readonly texts: string[];
  say(fields: object): void;
}

export interface Service {
  /** What happens after the upgrade; default: greet, and answer `end` with `final: 1` and a close. */
  script: (peer: Peer) => void;
  /** Takes the upgrade into its own hands instead. */
  upgrade: ((request: IncomingMessage, socket: Duplex) => void) | undefined;
  serverTime: ((response: http.ServerResponse) => void) | undefined;
  readonly endpoint: string;
  readonly peers: Peer[];
  readonly violations: string[];
  /** TCP connections that are still there. */
  sockets(): number;
  /** Forgets every special behaviour. */
  reset(): void;
  stop(): Promise<void>;
}

/** Signed with the decoded values and the constant host. */
function isSigned(url: URL): boolean {
  const pairs = [...url.searchParams].filter(([name]) => name !== 'signature');
  const raw = pairs.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
  const text = `asr.cloud.tencent.com${url.pathname}?${raw.join('&')}`;
  const expected = createHmac('sha1', KEYS.secretKey).update(text).digest('base64');
  return url.searchParams.get('signature') === expected;
}

export const greet = (peer: Peer): void =>
  peer.say({ code: 0, message: 'success', voice_id: peer.query.get('voice_id') });
export const sayFinal = (peer: Peer): void =>
  peer.say({ code: 0, message: 'success', message_id: 'x_1', final: 1 });

function polite(peer: Peer): void {
  greet(peer);
  peer.socket.on('message', (_, isBinary) => {
    if (isBinary) return;
    sayFinal(peer);
    peer.socket.close();
  });
}

/** Takes an upgrade by hand, sends these bytes, and never answers anything. */
export const deafUpgrade =
  (frame: Buffer) =>
  (request: IncomingMessage, socket: Duplex): void => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    const head = [
      'HTTP/1.1 101 Yes',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(frame);
    // It notices all the same that the client has gone.
    socket.on('end', () => socket.destroy()).resume();
  };

/** A service on a loopback socket that records every step outside of the protocol. */
export async function startService(): Promise<Service> {
  const server = http.createServer((request, response) => {
    if (request.url === '/server_time' && service.serverTime) service.serverTime(response);
    else response.writeHead(404).end();
  });
  const upgrader = new WebSocketServer({ noServer: true });
  const open = new Set<Duplex>();
  const voiceIds = new Set<string>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (service.upgrade) return service.upgrade(request, socket);
    upgrader.handleUpgrade(request, socket, head, (ws) => accept(request, ws));
  });

  function accept(request: IncomingMessage, socket: WebSocket): void {
    const url = new URL(request.url ?? '', 'http://service');
    const { searchParams: query, pathname } = url;
    const violation = (what: string) => service.violations.push(what);
    let greeted = false;
    const peer: Peer = {
      query,
      url: request.url ?? '',
      headers: request.headers,
      socket,
      audio: [],
      texts: [],
      say(fields) {
        greeted = true;
        socket.send(JSON.stringify(fields));
      },
    };
    const voiceId = query.get('voice_id') ?? '';
    if (pathname !== `/asr/v2/${KEYS.appId}`) violation(`path ${pathname}`);
    if (request.headers['sec-websocket-extensions']) violation('extensions offered');
    if (!isSigned(url)) violation('signature');
    if (!/^[1-9]\d{0,9}$/.test(query.get('nonce') ?? '')) violation('nonce');
    if (!/^\d{10}$/.test(query.get('timestamp') ?? '')) violation('timestamp');
    if (voiceIds.has(voiceId) || voiceId.length === 0 || voiceId.length > 128) violation('voice_id');
    voiceIds.add(voiceId);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      if (!greeted) violation('spoke before the handshake');
      if (peer.texts.length > 0) violation('spoke after the end');
      if (isBinary) peer.audio.push(data);
      else peer.texts.push(data.toString());
      if (!isBinary && data.toString() !== '{"type":"end"}') violation('unknown text');
    });
    service.peers.push(peer);
    service.script(peer);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service: Service = {
    script: polite,
    upgrade: undefined,
    serverTime: undefined,
    endpoint: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    peers: [],
    violations: [],
    sockets: () => open.size,
    reset() {
      Object.assign(service, { script: polite, upgrade: undefined, serverTime: undefined });
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}
