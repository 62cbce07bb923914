import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseTicketKeys, signTicket } from '../../contract/ticket.ts';
import { type AsrServer, startAsrServer } from '../../local/asr/server.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../local/cloudbase/gateway.ts';

export const SECRET = 'test-secret-that-is-long-enough-0123456789';
const CONTAINER = 'container/src/main.ts';
export const ACCOUNT = { appId: '1250000000', secretId: 'AKIDLOCAL', secretKey: 'SKLOCAL' };

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

/** Database and recogniser on loopback, for containers of whatever kind. */
export type LocalCloud = Pick<LocalService, 'gateway' | 'asr' | 'ticket' | 'stop'> & {
  /** What a container needs in its environment to use them. */
  env: Record<string, string>;
};

/** Starts database and recogniser; `options` overrides the gateway's. */
export async function startLocalCloud(options: Partial<GatewayOptions> = {}): Promise<LocalCloud> {
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
  return {
    gateway,
    asr,
    env: { ...gateway.containerEnv(), ASR_ENDPOINT: asr.url.replace('http', 'ws') },
    ticket: (openid = 'oTester') => ticketFor(openid),
    stop: async () => void (await Promise.all([gateway.stop(), asr.close()])),
  };
}

/**
 * Starts database, recogniser and container. `env` overrides the container's environment, `options` the gateway's.
 * @param script the container, of another release too
 */
export async function startLocalService(
  env: Record<string, string> = {},
  options: Partial<GatewayOptions> = {},
  script = CONTAINER,
): Promise<LocalService> {
  const { gateway, asr, ticket, stop, env: endpoints } = await startLocalCloud(options);
  const log: string[] = [];
  const { container, url } = await startContainer({ ...endpoints, ...env }, log, [], script);
  return {
    url,
    gateway,
    asr,
    container,
    log,
    ticket,
    async stop() {
      await stopProcess(container);
      await stop();
    },
  };
}

/** What a container of the tests is given besides its endpoints; `env` overrides it. */
export const containerSettings = (env: Record<string, string>): Record<string, string> => ({
  PORT: '0',
  HOST: '127.0.0.1',
  TICKET_SECRET: SECRET,
  TENCENT_APPID: ACCOUNT.appId,
  TENCENT_SECRET_ID: ACCOUNT.secretId,
  TENCENT_SECRET_KEY: ACCOUNT.secretKey,
  ...env,
});

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
    env: { PATH: process.env.PATH, ...containerSettings(env) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { container, url: await addressOf(container, log) };
}

/** The address of a container process that was just started, once it listens. @param log takes what it prints */
export async function addressOf(container: ChildProcess, log: string[]): Promise<string> {
  // a test that is cut off leaves nothing behind
  process.once('exit', () => container.kill('SIGKILL'));
  container.stderr?.on('data', (data) => log.push(String(data)));
  const port = await new Promise<number>((resolve, reject) => {
    // not `exit`: what it wrote last may come after that
    container.once('close', (code) => reject(new Error(`container ended with ${code}: ${log.join('\n')}`)));
    createInterface({ input: container.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      log.push(line);
      const entry = line.startsWith('{') ? (JSON.parse(line) as { msg?: string; port?: number }) : {};
      if (entry.msg === 'listening' && entry.port) resolve(entry.port);
    });
  });
  return `http://127.0.0.1:${port}`;
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
