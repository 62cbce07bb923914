import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { ControlApi } from './control.ts';
import { Faults } from './faults.ts';
import { sendJson } from './http.ts';
import { OneshotHandler } from './oneshot/handler.ts';
import { type AsrLimits, type AsrServerOptions, DEFAULT_LIMITS } from './options.ts';
import { PhraseEngine } from './phrases/phrase-engine.ts';
import { loadPhraseBank } from './phrases/samples.ts';
import { RealtimeHandler } from './realtime/upgrade.ts';
import type { AsrEngine } from './recogniser.ts';
import { SherpaEngine } from './sherpa/sherpa-engine.ts';
import { type AsrStats, newStats } from './stats.ts';

export type { AsrServerOptions } from './options.ts';

export interface AsrServer {
  /** `http://127.0.0.1:PORT`; streams use the same address with `ws`. */
  readonly url: string;
  readonly port: number;
  readonly engineName: string;
  readonly faults: Faults;
  readonly stats: Readonly<AsrStats>;
  /** Closes all streams without a close frame, and the engine. */
  close(): Promise<void>;
}

/**
 * Starts a local emulator of Tencent Cloud's speech recognition: real-time (WebSocket `/asr/v2/:appid`), one-sentence
 * (`POST /`, SentenceRecognition) and `GET /server_time`, with its signatures, limits and error codes.
 * @throws when the engine cannot be loaded (the message says what is missing) or the port is taken
 */
export async function startAsrServer(options: AsrServerOptions): Promise<AsrServer> {
  const engine = await loadEngine(options);
  const faults = new Faults();
  const stats = newStats();
  const clock = options.clock ?? systemClock;
  const limits: AsrLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const { secrets, appId, recordDir } = options;
  const shared = { secrets, engine, limits, clock, stats };
  const realtime = new RealtimeHandler({ ...shared, appId, faults, recordDir });
  const handlers: Handlers = {
    oneshot: new OneshotHandler(shared),
    control: new ControlApi(engine, faults, stats),
    clock,
  };
  const server = createServer((request, response) => {
    route(request, response, handlers).catch((error: unknown) => {
      console.error('request failed:', error);
      response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => realtime.upgrade(request, socket, head));
  try {
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    await engine.close();
    throw error;
  }
  const { port, address } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port}`,
    port,
    engineName: engine.name,
    faults,
    stats,
    async close() {
      realtime.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await engine.close();
    },
  };
}

async function loadEngine({ engine, samplesDir }: AsrServerOptions): Promise<AsrEngine> {
  if (engine === 'phrases') return new PhraseEngine(loadPhraseBank(samplesDir));
  return SherpaEngine.load(engine.model);
}

interface Handlers {
  oneshot: OneshotHandler;
  control: ControlApi;
  clock: Clock;
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { oneshot, control, clock }: Handlers,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] as string;
  if (path.startsWith('/_local/')) await control.handle(request, response, path);
  else if (path === '/' && request.method === 'POST') await oneshot.handle(request, response);
  else if (path === '/server_time' && request.method === 'GET') {
    response.setHeader('content-type', 'text/plain');
    response.end(String(Math.floor(clock.now() / 1000)));
  } else sendJson(response, path.startsWith('/asr/') ? 400 : 404, { error: 'no such route' });
}
