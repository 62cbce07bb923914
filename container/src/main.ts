import { randomUUID } from 'node:crypto';
import cloudbase from '@cloudbase/node-sdk';
import { pino } from 'pino';
import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { createTencentAsr } from './asr/tencent.ts';
import { readConfig } from './config.ts';
import { collectProcessMetrics, createMetrics } from './metrics.ts';
import { type Service, startService } from './server.ts';
import { CloudbaseLeases } from './store/cloudbase-leases.ts';
import { CloudbaseStore } from './store/cloudbase-store.ts';

/** One database request; a write that takes longer is repeated, and repeating is safe. */
const DATABASE_TIMEOUT_MS = 5_000;
/** Beyond the drain time, for the last writes; then the process ends in any case. */
const STOP_MARGIN_MS = 8_000;

const read = readConfig(process.env);
if ('problems' in read) {
  console.error(`配置有误，服务没有启动：\n${read.problems.map((problem) => `  - ${problem}`).join('\n')}`);
  process.exit(1);
}
const { config } = read;
// Not pino's own destination: when its reader is gone, that would keep the process from ending.
process.stdout.on('error', () => {});
const log = pino({ level: config.logLevel, base: undefined }, process.stdout);
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
  clock: systemClock,
  random: systemRandom,
  newId: randomUUID,
  log,
});
const store = new CloudbaseStore(app, systemClock, systemRandom);

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
    clock: systemClock,
    random: systemRandom,
    newId: randomUUID,
    log,
    metrics,
  });
  const { port, metricsPort } = service;
  // Whatever the log level: whoever starts the process waits for this line.
  console.log(JSON.stringify({ level: 30, time: Date.now(), port, metricsPort, msg: 'listening' }));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopAndExit(service, 0));
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error) => {
      log.fatal({ err: error, event }, 'a defect: the sessions are handed over and the process ends');
      stopAndExit(service, 1);
    });
} catch (error) {
  log.fatal({ err: error }, 'could not start');
  process.exit(1);
}
