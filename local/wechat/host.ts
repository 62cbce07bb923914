import fs from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type BuiltApp, buildBrowserApp } from '../../compile/browser/app.ts';
import { loadBrowserRuntime } from './browser-runtime.ts';
import { createContainerBalancer } from './host/containers.ts';
import { proxyToGateway } from './host/gateway.ts';
import { createPanelPaths, type PanelPaths } from './host/panel-paths.ts';
import { PRIVACY_KEYS, readPrivacyKeys } from './host/privacy.ts';
import { createServicePaths, type ServicePaths } from './host/service-paths.ts';
import { createSocketProxy } from './host/sockets.ts';
import { serveFile } from './host/static.ts';
import { BuildWatcher } from './host/watcher.ts';
import type { HostConfig, HostSample, HostUser, RecordingPage } from './runtime/device.ts';

export interface WechatHostOptions {
  /** 0 takes a free one. */
  port: number;
  /** The mini-program's folder, with app.json. */
  appDir: string;
  /**
   * The mini-program is another than this project's own: what this host lacks is told and does not stop the build, and without
   * privacy.json everything counts as declared.
   */
  foreign?: boolean;
  /** Where its npm packages are; the project's by default. */
  nodeModules?: string;
  /**
   * `http://host:port` of the containers, asked for each new connection: `wx.cloud.connectContainer` connects to one
   * of them. Among several, only those whose `/ready` answers 200 get new connections, in turn.
   */
  containerUrls: () => readonly string[];
  /** `http://…` of the local cloud; `wx.cloud.callFunction`, `uploadFile` and `downloadFile` end there. */
  gatewayUrl: string;
  /** People who may use the app; the first is signed in. */
  users: readonly HostUser[];
  /** Name of the container service; any other is refused as WeChat refuses an unknown service. */
  service?: string;
  /** Given to the app as `getApp().globalData.demo`. */
  demo?: { phrases: readonly string[] };
  /** What recognises speech here, for people; said beside the phone. */
  recogniser?: string;
  /** The app's page that records, and recordings that can be recorded there by a press of a button beside the phone. */
  recording?: RecordingPage;
  samples?: readonly HostSample[];
  /**
   * Kills the container, which is then started again; only then the page has a button for it.
   * @param url of the container that serves the page; undefined: no connection is open
   */
  killContainer?: (url: string | undefined) => boolean;
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
  /** Ends every connection and the watching of the source; nothing of the host is left in the process. */
  stop(): Promise<void>;
}

/** Name that the app's fresh settings use. */
const DEFAULT_SERVICE = 'realtime-voice';
const LOOPBACK = '127.0.0.1';
/** What only the page uses. */
const HOST_PATHS = '/_host/';

const configScript = (options: WechatHostOptions): string => {
  const {
    users,
    service = DEFAULT_SERVICE,
    demo,
    appDir,
    foreign = false,
    recogniser = '',
    recording,
    samples = [],
  } = options;
  const config: HostConfig = {
    users,
    service,
    foreign,
    globalData: demo === undefined ? {} : { demo },
    privacyKeys: readPrivacyKeys(appDir, foreign ? PRIVACY_KEYS : []),
    recogniser,
    recording,
    samples: samples.map(({ id, title, note }) => ({ id, title, note })),
    canKill: options.killContainer !== undefined,
  };
  return `globalThis.__hostConfig = ${JSON.stringify(config).replaceAll('<', '\\u003c')};`;
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });

/** Another site's page must not call the local cloud through this server. */
const isCrossOrigin = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined && headers.origin !== `http://${headers.host}`;

/** undefined: it is none. */
const urlOf = ({ url = '/' }: IncomingMessage): URL | undefined =>
  URL.canParse(url, 'http://host') ? new URL(url, 'http://host') : undefined;

interface Answering {
  outDir: string;
  watcher: BuildWatcher;
  service: ServicePaths;
  panel: PanelPaths;
}

/** Answers every request to the host: those for the service, its own paths, the calls to the cloud, and the files of the built app. */
const requestHandler =
  (options: WechatHostOptions, { outDir, watcher, service, panel }: Answering) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const url = urlOf(request);
    if (url && service.has(url.pathname)) return void service.request(url.pathname, request, response);
    if (isCrossOrigin(request)) return void response.writeHead(403).end();
    if (!url) return void response.writeHead(400).end();
    if (url.pathname === '/host-config.js')
      response
        .writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' })
        .end(configScript(options));
    else if (url.pathname === '/_host/events') watcher.subscribe(response);
    else if (panel.answer(url, request, response)) return;
    else if (url.pathname.startsWith(HOST_PATHS))
      void proxyToGateway(options.gatewayUrl, url, request, response);
    else serveFile(outDir, url.pathname, response);
  };

/**
 * Builds the mini-program and serves it to ordinary browsers on loopback. Several hosts may run in one process.
 * @throws {BuildError} when the source does not compile at the start; later builds show their errors in the page.
 */
export const startWechatHost = async (options: WechatHostOptions): Promise<WechatHost> => {
  const outDir = path.resolve(options.outDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'wechat-host-')));
  const removeOutput = (): void => {
    if (options.outDir === undefined) fs.rmSync(outDir, { recursive: true, force: true });
  };
  const runtime = await loadBrowserRuntime();
  const { appDir, foreign = false, nodeModules } = options;
  const input = { appDir, outDir, runtime, foreign, ...(nodeModules !== undefined && { nodeModules }) };
  const build = (): Promise<BuiltApp> => buildBrowserApp(input);
  const server = createServer();
  let watcher: BuildWatcher | undefined;
  try {
    const built = await build();
    const watching = await BuildWatcher.start(options.watch === true ? appDir : undefined, build);
    watcher = watching;
    const port = await listen(server, options.port);
    const chooseContainer = createContainerBalancer(options.containerUrls);
    const sockets = createSocketProxy(chooseContainer);
    const service = createServicePaths({ chooseContainer, gatewayUrl: options.gatewayUrl });
    const panel = createPanelPaths({ ...options, newestContainer: sockets.newestContainer });
    server.on('request', requestHandler(options, { outDir, watcher: watching, service, panel }));
    server.on('upgrade', (request, socket, head) => {
      if (!urlOf(request)?.pathname.startsWith(HOST_PATHS)) void service.upgrade(request, socket, head);
      else if (isCrossOrigin(request)) socket.destroy();
      else sockets.accept(request, socket, head);
    });
    return {
      url: `http://${LOOPBACK}:${port}`,
      build: built,
      cutSockets: sockets.cut,
      stop: async () => {
        sockets.stop();
        service.stop();
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeAllConnections();
        await Promise.all([closed, watching.stop()]);
        removeOutput();
      },
    };
  } catch (error) {
    await watcher?.stop();
    removeOutput();
    throw error;
  }
};
