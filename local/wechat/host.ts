import fs from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type BuiltApp, buildBrowserApp } from '../../compile/browser/app.ts';
import { proxyToGateway } from './host/gateway.ts';
import { createSocketProxy } from './host/sockets.ts';
import { serveFile } from './host/static.ts';
import { BuildWatcher } from './host/watcher.ts';

export interface HostUser {
  /** Stands for the OpenID that WeChat reports. */
  openid: string;
  /** Shown on the button that switches to this user. */
  name: string;
}

export interface WechatHostOptions {
  /** 0 takes a free one. */
  port: number;
  /** The mini-program's folder, with app.json. */
  appDir: string;
  /** `http://…` or `ws://…` of the container; `wx.cloud.connectContainer` ends there. */
  containerUrl: string;
  /** `http://…` of the local cloud; `wx.cloud.callFunction` and `uploadFile` end there. */
  gatewayUrl: string;
  /** People who may use the app; the first is signed in. */
  users: readonly HostUser[];
  /** Name of the container service; any other is refused as WeChat refuses an unknown service. */
  service?: string;
  /** Given to the app as `getApp().globalData.demo`, and shown beside the phone. */
  demo?: { phrases: readonly string[] };
  /** Build again and reload when the source changes. */
  watch?: boolean;
  /** Where the built app goes; a temporary folder by default. */
  outDir?: string;
}

export interface WechatHost {
  url: string;
  build: BuiltApp;
  /** Cuts the TCP connections of every socket at once, without a closing handshake. @returns how many. */
  cutSockets(): number;
  stop(): Promise<void>;
}

/** Name that the app's fresh settings use. */
export const DEFAULT_SERVICE = 'realtime-voice';
const LOOPBACK = '127.0.0.1';

const configScript = ({ users, service = DEFAULT_SERVICE, demo }: WechatHostOptions): string => {
  const config = {
    users,
    service,
    extConfig: {},
    globalData: demo === undefined ? {} : { demo },
    phrases: demo?.phrases ?? [],
  };
  return `globalThis.__hostConfig = ${JSON.stringify(config).replaceAll('<', '\\u003c')};`;
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });

/** Another site's page must not call the local cloud through this server. */
const fromElsewhere = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined && headers.origin !== `http://${headers.host}`;

/**
 * Builds the mini-program and serves it to ordinary browsers on loopback.
 * @throws {BuildError} when the source does not compile at the start; later builds show their errors in the page.
 */
export const startWechatHost = async (options: WechatHostOptions): Promise<WechatHost> => {
  const outDir = path.resolve(options.outDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'wechat-host-')));
  const build = (): Promise<BuiltApp> => buildBrowserApp({ appDir: options.appDir, outDir });
  const built = await build();
  const watcher = new BuildWatcher(options.watch === true ? options.appDir : undefined, build);
  const sockets = createSocketProxy(options.containerUrl);
  const script = configScript(options);

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://host');
    if (fromElsewhere(request)) response.writeHead(403).end();
    else if (url.pathname === '/host-config.js')
      response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' }).end(script);
    else if (url.pathname === '/_host/events') watcher.subscribe(response);
    else if (url.pathname.startsWith('/_host/'))
      void proxyToGateway(options.gatewayUrl, url, request, response);
    else serveFile(outDir, url.pathname, response);
  };

  const server = createServer(handle);
  server.on('upgrade', (request, socket, head) => {
    if (fromElsewhere(request)) socket.destroy();
    else sockets.accept(request, socket, head);
  });
  const port = await listen(server, options.port);
  return {
    url: `http://${LOOPBACK}:${port}`,
    build: built,
    cutSockets: sockets.cut,
    stop: async () => {
      watcher.stop();
      sockets.cut();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      if (options.outDir === undefined) fs.rmSync(outDir, { recursive: true, force: true });
    },
  };
};
