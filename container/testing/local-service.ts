import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseTicketKeys, signTicket } from '../../contract/ticket.ts';
import { type AsrServer, startAsrServer } from '../../local/asr/server.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../local/cloudbase/gateway.ts';

export const SECRET = 'test-secret-that-is-long-enough-0123456789';
const CONTAINER = 'container/src/main.ts';
const ACCOUNT = { appId: '1250000000', secretId: 'AKIDLOCAL', secretKey: 'SKLOCAL' };

/** A container process with what it needs, all on loopback: the real SDK, the real protocols. */
export interface LocalService {
  url: string;
  gateway: Gateway;
  asr: AsrServer;
  container: ChildProcess;
  /** What the container logged. */
  log: string[];
  ticket(openid?: string): Promise<string>;
  stop(): Promise<void>;
}

export const ticketFor = async (openid: string): Promise<string> =>
  (await signTicket(openid, parseTicketKeys(SECRET))).ticket;

export const API_KEY = 'local-api-key';

/**
 * Starts database, recogniser and container. `env` overrides the container's environment, `options` the gateway's.
 * @param script the container, of another release too
 */
export async function startLocalService(
  env: Record<string, string> = {},
  options: Partial<GatewayOptions> = {},
  script = CONTAINER,
): Promise<LocalService> {
  const gateway = await startGateway({
    port: 0,
    rcPath: 'cloudbaserc.json',
    envId: 'local-env',
    secrets: { AKIDlocal: 'local' },
    apiKeys: new Set([API_KEY]),
    ...options,
  });
  const asr = await startAsrServer({
    port: 0,
    appId: ACCOUNT.appId,
    secrets: { [ACCOUNT.secretId]: ACCOUNT.secretKey },
    engine: 'phrases',
    samplesDir: 'samples',
  });
  const log: string[] = [];
  const { container, url } = await startContainer(
    { ...gateway.containerEnv(), ASR_ENDPOINT: asr.url.replace('http', 'ws'), ...env },
    log,
    [],
    script,
  );
  return {
    url,
    gateway,
    asr,
    container,
    log,
    ticket: (openid = 'oTester') => ticketFor(openid),
    async stop() {
      await stopProcess(container);
      await Promise.all([gateway.stop(), asr.close()]);
    },
  };
}

/**
 * One more container process on the same database and recogniser.
 * @param nodeArgs more arguments of node itself, such as a module to preload
 */
export async function startContainer(
  env: Record<string, string>,
  log: string[],
  nodeArgs: string[] = [],
  script = CONTAINER,
): Promise<{ container: ChildProcess; url: string }> {
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const container = spawn(process.execPath, [...loader, ...nodeArgs, script], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      TICKET_SECRET: SECRET,
      TENCENT_APPID: ACCOUNT.appId,
      TENCENT_SECRET_ID: ACCOUNT.secretId,
      TENCENT_SECRET_KEY: ACCOUNT.secretKey,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // a test that is cut off leaves nothing behind
  process.once('exit', () => container.kill('SIGKILL'));
  container.stderr?.on('data', (data) => log.push(String(data)));
  const port = await new Promise<number>((resolve, reject) => {
    container.once('exit', (code) => reject(new Error(`container ended with ${code}: ${log.join('\n')}`)));
    createInterface({ input: container.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      log.push(line);
      const entry = line.startsWith('{') ? (JSON.parse(line) as { msg?: string; port?: number }) : {};
      if (entry.msg === 'listening' && entry.port) resolve(entry.port);
    });
  });
  return { container, url: `http://127.0.0.1:${port}` };
}

export async function stopProcess(
  process: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<number | null> {
  if (process.exitCode !== null || process.signalCode !== null) return process.exitCode;
  process.kill(signal);
  const [code] = (await once(process, 'exit')) as [number | null];
  return code;
}
