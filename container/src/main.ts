import { randomUUID } from 'node:crypto';
import cloudbase from '@cloudbase/node-sdk';
import { pino } from 'pino';
import { BUILD } from '../../lib/build.ts';
import { nodeClock } from '../../lib/node-clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { createTencentAsr } from './asr/tencent.ts';
import { readConfig, STOP_MARGIN_MS } from './config.ts';
import { collectProcessMetrics, createMetrics } from './metrics.ts';
import { type Service, startService } from './server.ts';
import { CloudbaseLeases } from './store/cloudbase-leases.ts';
import { CloudbaseStore } from './store/cloudbase-store.ts';

/** One database request; a write that takes longer is repeated, and repeating is safe. */
const DATABASE_TIMEOUT_MS = 5_000;

// Not pino's own destination: when its reader is gone, that would keep the process from ending.
process.stdout.on('error', () => {});
/** For the first line: that the service listens, or why it does not start. Whoever starts it waits for that, whatever the log level. */
const startLog = pino({ base: { ...BUILD } }, process.stdout);
const read = readConfig(process.env);
if ('problems' in read) {
  startLog.fatal({ problems: read.problems }, 'the configuration is wrong: nothing was started');
  process.exit(1);
}
const { config } = read;
const log = pino({ level: config.logLevel, base: undefined }, process.stdout);
// The SDK calls what newer versions of Node.js call deprecated. Other warnings of Node.js become lines of the log.
process.noDeprecation = true;
process.removeAllListeners('warning');
process.on('warning', (warning) => log.warn({ err: warning }, 'a warning of Node.js'));
const app = cloudbase.init({
  env: config.envId || cloudbase.SYMBOL_CURRENT_ENV,
  timeout: DATABASE_TIMEOUT_MS,
});

const connect = createTencentAsr({
  endpoint: config.asrEndpoint,
  appId: config.tencent.appId,
  secretId: config.tencent.secretId,
  secretKey: config.tencent.secretKey,
  ...(config.tencent.token && { token: config.tencent.token }),
  clock: nodeClock,
  random: systemRandom,
  newId: randomUUID,
  log,
});
const store = new CloudbaseStore(app, nodeClock, systemRandom);

const metrics = createMetrics();
collectProcessMetrics(metrics);

/** Hands the sessions over and ends the process, whatever is left after the drain time. */
function stopAndExit(service: Service, code: number): void {
  setTimeout(() => process.exit(code || 1), config.drainMs + STOP_MARGIN_MS).unref();
  void service.stop().then(() => process.exit(code));
}

try {
  const service = await startService(config, {
    connect,
    store,
    leaseStore: new CloudbaseLeases(app),
    clock: nodeClock,
    random: systemRandom,
    newId: randomUUID,
    log,
    metrics,
  });
  const { port, metricsPort } = service;
  startLog.info({ port, metricsPort }, 'listening');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopAndExit(service, 0));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => {
      log.fatal({ err: error, event }, 'a defect: the sessions are handed over and the process ends');
      stopAndExit(service, 1);
    });
} catch (error) {
  startLog.fatal({ err: error }, 'could not start');
  process.exit(1);
}
