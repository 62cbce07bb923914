import { type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HTTP_API_BASE } from '../../../contract/http-api.ts';
import { DEFAULT_SOCKET_IO_PATH, ECHO_PATH, HEALTH_PATHS, STREAM_PATHS } from '../../../contract/paths.ts';

/** Paths of the container, as the cloud publishes them on the service's domain. */
const CONTAINER_PATHS: readonly string[] = [...HEALTH_PATHS, ...STREAM_PATHS, ECHO_PATH];

/** Where the published paths lead. */
interface Published {
  /** Asked for each request; undefined: no container takes any now. */
  chooseContainer: () => Promise<string | undefined>;
  /** Of the functions' HTTP access. */
  gatewayUrl: string;
}

export interface ServicePaths {
  /** Whether the request is for the service and not for the page. */
  has(pathname: string): boolean;
  request(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Cuts the sockets that were passed on. */
  stop(): void;
}

const isContainerPath = (pathname: string): boolean =>
  CONTAINER_PATHS.includes(pathname) || pathname.startsWith(DEFAULT_SOCKET_IO_PATH);

function unavailable(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(502, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ code: 'LOCAL_UNAVAILABLE', message: '容器或云函数的网关没有应答' }));
}

/** Passes a request on and its answer back, bodies unread. */
function forward(origin: string, request: IncomingMessage, response: ServerResponse): void {
  const { hostname, port } = new URL(origin);
  const { method, headers, url: path } = request;
  const passed = requestHttp({ hostname, port, path, method, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  passed.on('error', () => unavailable(response));
  response.on('close', () => passed.destroy());
  request.pipe(passed);
}

/** The head of a request as it was received. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * The service's published paths on the page's address, so that `npm start` has one address for everything, as the docs and other
 * programs use it. Pages of other origins may call them: tickets protect them, as in the cloud.
 */
export function createServicePaths({ chooseContainer, gatewayUrl }: Published): ServicePaths {
  const open = new Set<Socket>();
  const originOf = async (pathname: string): Promise<string | undefined> =>
    isContainerPath(pathname) ? chooseContainer() : gatewayUrl;

  return {
    has: (pathname) => isContainerPath(pathname) || pathname.startsWith(`${HTTP_API_BASE}/`),

    async request(pathname, request, response) {
      const origin = await originOf(pathname);
      if (origin === undefined) unavailable(response);
      else forward(origin, request, response);
    },

    async upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      // a WebSocket ends at the container, which also answers for the paths that are none
      const origin = await chooseContainer();
      if (origin === undefined || socket.destroyed) return void socket.destroy();
      const { hostname, port } = new URL(origin);
      const upstream = connect(Number(port), hostname);
      open.add(upstream);
      upstream.on('error', () => upstream.destroy());
      upstream.on('close', () => {
        open.delete(upstream);
        socket.destroy();
      });
      socket.on('close', () => upstream.destroy());
      upstream.write(headOf(request));
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    },

    stop() {
      for (const upstream of open) upstream.destroy();
    },
  };
}
