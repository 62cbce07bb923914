import type { Server as HttpServer } from 'node:http';
import type { ErrorCode } from '../../../contract/errors.ts';
import { ECHO_PATH, HEALTH_PATHS, HTTP_API_PATHS, STREAM_PATHS } from '../../../contract/paths.ts';
import type { TransportDeps } from './connection.ts';
import { createEcho } from './echo.ts';
import {
  answerJson,
  pathOf,
  type RequestHandler,
  refuseUpgrade,
  type UpgradeHandler,
} from './http-answer.ts';
import { createSocketIo } from './socketio.ts';
import { createWebSocket } from './websocket.ts';

interface Route {
  request: RequestHandler;
  /** Undefined: no WebSocket begins here. */
  upgrade?: UpgradeHandler;
}

export interface Transports {
  /** Closes every connection. */
  close(): Promise<void>;
}

export interface RouteOptions {
  /** With a slash at both ends, or `/`. */
  socketIoPath: string;
  /** Answers the paths of `HEALTH_PATHS`. */
  health: RequestHandler;
}

/** Answers every path of the service: the transports, the health pages, and what to use instead of everything else. */
export function attachTransports(http: HttpServer, deps: TransportDeps, options: RouteOptions): Transports {
  const socketIo = createSocketIo(deps);
  const native = createWebSocket(deps);
  const echo = createEcho(deps);
  const unknown = unknownPath(options.socketIoPath);
  const routes = new Map<string, Route>([
    [options.socketIoPath, socketIo],
    [withoutSlash(options.socketIoPath), socketIo],
    ...routesOf(HEALTH_PATHS, { request: options.health }),
    ...routesOf(HTTP_API_PATHS, answeredElsewhere),
    ...routesOf(STREAM_PATHS, { request: useWebSocket, upgrade: native.upgrade }),
    [ECHO_PATH, { request: useWebSocket, upgrade: echo.upgrade }],
  ]);
  http.on('request', (request, response) => {
    (routes.get(pathOf(request)) ?? unknown).request(request, response);
  });
  http.on('upgrade', (request, socket, head) => {
    const route = routes.get(pathOf(request));
    (route?.upgrade ?? unknown.upgrade)(request, socket, head);
  });
  return {
    async close() {
      for (const ws of [...native.server.clients, ...echo.server.clients]) ws.close();
      await socketIo.close();
    },
  };
}

const withoutSlash = (path: string): string => path.replace(/(?<=.)\/$/, '');

const routesOf = (paths: readonly string[], route: Route): [string, Route][] =>
  paths.map((path) => [path, route]);

/** What a wrong path is answered: the code of `contract/errors.ts`, and where to go. */
const notFound = (message: string, paths: readonly string[]): object => ({
  error: { code: 'NOT_FOUND' satisfies ErrorCode, message, retriable: false, paths },
});

const refusing = (body: object): Required<Route> => ({
  request: (_request, response) => answerJson(response, 404, body),
  upgrade: (_request, socket) => refuseUpgrade(socket, 404, body),
});

const unknownPath = (socketIoPath: string): Required<Route> =>
  refusing(
    notFound(
      `没有这个路径。原生 WebSocket：${STREAM_PATHS.join(' 或 ')}；Socket.IO：把 path 设为 ${socketIoPath}；` +
        `测试连通性：${ECHO_PATH}；健康检查（不是 WebSocket）：${HEALTH_PATHS.join('、')}`,
      [...STREAM_PATHS, socketIoPath, ECHO_PATH, ...HEALTH_PATHS],
    ),
  );

const answeredElsewhere = refusing(
  notFound(
    '一句话识别、历史与统计的 HTTP 接口由云函数提供，不在容器里：请改用云开发控制台「HTTP 访问服务」里的域名，路径相同',
    HTTP_API_PATHS,
  ),
);

/** A plain request where a WebSocket begins (RFC 9110 §15.5.22). */
const useWebSocket: RequestHandler = (_request, response) =>
  answerJson(
    response,
    426,
    {
      error: {
        code: 'USE_WEBSOCKET' satisfies ErrorCode,
        message: '这个路径只接受 WebSocket：请用 ws:// 或 wss:// 连接；经过代理时，请让代理转发 Upgrade 头',
        retriable: false,
      },
    },
    { upgrade: 'websocket', connection: 'upgrade' },
  );
