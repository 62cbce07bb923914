import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { ControlDoor } from './control.ts';
import type { AsrEngine } from './engine/recogniser.ts';
import { Faults } from './faults.ts';
import { sendJson } from './http.ts';
import { OneshotDoor } from './oneshot/door.ts';
import { type AsrLimits, type AsrServerOptions, DEFAULT_LIMITS } from './options.ts';
import { PhraseEngine } from './phrases/phrase-engine.ts';
import { loadPhraseBank } from './phrases/samples.ts';
import { RealtimeDoor } from './realtime/door.ts';
import { SherpaEngine } from './sherpa/sherpa-engine.ts';
import { type AsrStats, newStats } from './stats.ts';

export type { AsrServerOptions } from './options.ts';

export interface AsrServer {
  /** `http://127.0.0.1:PORT`; for streams replace `http` by `ws`. */
  readonly url: string;
  readonly port: number;
  readonly engineName: string;
  readonly faults: Faults;
  readonly stats: Readonly<AsrStats>;
  /** Ends all streams without a close frame, and the engine. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for Tencent Cloud's speech recognition: real-time (WebSocket `/asr/v2/:appid`), one-sentence
 * (`POST /`, SentenceRecognition) and `GET /server_time`, with its signatures, limits and error codes.
 * @throws where the engine cannot be loaded (the message says what is missing) or the port is taken
 */
export async function startAsrServer(options: AsrServerOptions): Promise<AsrServer> {
  const engine = await loadEngine(options);
  const faults = new Faults();
  const stats = newStats();
  const clock = options.clock ?? systemClock;
  const limits: AsrLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const { secrets, appId, recordDir } = options;
  const shared = { secrets, engine, limits, clock, stats };
  const realtime = new RealtimeDoor({ ...shared, appId, faults, recordDir });
  const oneshot = new OneshotDoor(shared);
  const control = new ControlDoor(engine, faults, stats);

  const server = createServer((request, response) => {
    route(request, response, { oneshot, control, clock }).catch((error: unknown) => {
      console.error('request failed:', error);
      response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => realtime.upgrade(request, socket, head));
  try {
    await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
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

interface Doors {
  oneshot: OneshotDoor;
  control: ControlDoor;
  clock: Clock;
}

async function route(request: IncomingMessage, response: ServerResponse, doors: Doors): Promise<void> {
  const path = (request.url ?? '').split('?')[0] as string;
  if (path.startsWith('/_local/')) await doors.control.handle(request, response, path);
  else if (path === '/' && request.method === 'POST') await doors.oneshot.handle(request, response);
  else if (path === '/server_time' && request.method === 'GET') {
    response.setHeader('content-type', 'text/plain');
    response.end(String(Math.floor(doors.clock.now() / 1000)));
  } else sendJson(response, path.startsWith('/asr/') ? 400 : 404, { error: 'no such route' });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
