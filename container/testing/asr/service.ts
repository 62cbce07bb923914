import { createHash, createHmac } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

export const KEYS = { appId: '1250000000', secretId: 'AKIDEXAMPLE', secretKey: 'SKEXAMPLE' };

/** The service's side of one connection. */
export interface ServerConnection {
  readonly query: URLSearchParams;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly socket: WebSocket;
  readonly audio: Buffer[];
  readonly texts: string[];
  sendJson(fields: object): void;
}

export interface AsrService {
  /** Called after the upgrade; default: accepts the connection, and answers `end` with `final: 1` and a close. */
  script: (connection: ServerConnection) => void;
  /** Handles the upgrade instead, where it is set. */
  upgrade: ((request: IncomingMessage, socket: Duplex) => void) | undefined;
  serverTime: ((response: http.ServerResponse) => void) | undefined;
  readonly endpoint: string;
  readonly connections: ServerConnection[];
  readonly violations: string[];
  /** Open TCP connections. */
  sockets(): number;
  /** Restores the default behaviour. */
  reset(): void;
  stop(): Promise<void>;
}

/** Whether the signature covers the decoded values and the constant host (Tencent Cloud 1093/48982). */
function isSigned(url: URL): boolean {
  const pairs = [...url.searchParams].filter(([name]) => name !== 'signature');
  const raw = pairs.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
  const text = `asr.cloud.tencent.com${url.pathname}?${raw.join('&')}`;
  const expected = createHmac('sha1', KEYS.secretKey).update(text).digest('base64');
  return url.searchParams.get('signature') === expected;
}

export const sendHandshake = (connection: ServerConnection): void =>
  connection.sendJson({ code: 0, message: 'success', voice_id: connection.query.get('voice_id') });
export const sendFinal = (connection: ServerConnection): void =>
  connection.sendJson({ code: 0, message: 'success', message_id: 'x_1', final: 1 });

function answerNormally(connection: ServerConnection): void {
  sendHandshake(connection);
  connection.socket.on('message', (_, isBinary) => {
    if (isBinary) return;
    sendFinal(connection);
    connection.socket.close();
  });
}

/** Accepts an upgrade, sends these bytes, and answers nothing that the client sends, a close included. */
export const upgradeWithoutAnswer =
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
    // the end of the client's TCP connection is noticed all the same
    socket.on('end', () => socket.destroy()).resume();
  };

/** Tencent's real-time recognition on a loopback socket; it records what a client does against the protocol. */
export async function startAsrService(): Promise<AsrService> {
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
    let answered = false;
    const connection: ServerConnection = {
      query,
      url: request.url ?? '',
      headers: request.headers,
      socket,
      audio: [],
      texts: [],
      sendJson(fields) {
        answered = true;
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
      if (!answered) violation('sent before the handshake');
      if (connection.texts.length > 0) violation('sent after the end');
      if (isBinary) connection.audio.push(data);
      else connection.texts.push(data.toString());
      if (!isBinary && data.toString() !== '{"type":"end"}') violation('unknown text');
    });
    service.connections.push(connection);
    service.script(connection);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service: AsrService = {
    script: answerNormally,
    upgrade: undefined,
    serverTime: undefined,
    endpoint: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: [],
    violations: [],
    sockets: () => open.size,
    reset() {
      Object.assign(service, { script: answerNormally, upgrade: undefined, serverTime: undefined });
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}
