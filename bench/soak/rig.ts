import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ACCOUNT, addressOf, containerSettings } from '../../container/testing/local-service.ts';
import { ClockControl } from '../clock/clock-control.ts';
import { Child } from '../processes/child.ts';
import { buildContainerIn, buildScripts, imageRuntime, startDatabase } from '../processes/parts.ts';
import type { Leak } from './leaks.ts';

const BENCH = fileURLToPath(new URL('../', import.meta.url));
const SCRIPTS = {
  clock: join(BENCH, 'clock/preload.ts'),
  probe: join(BENCH, 'soak/probe.ts'),
  phones: join(BENCH, 'soak/phones.ts'),
  recogniser: join(BENCH, 'soak/recogniser.ts'),
};
/**
 * Database requests a second: twice what 200 streams need. The SDK has 100 connections, and leaves a listener on one that goes from a
 * request straight to one that waited for it (`onTimeout` in its request-core.js), until that connection is closed.
 */
const DB_WRITES_PER_SECOND = 100;

export interface SoakRigOptions {
  /** Where bundles and snapshots are kept. */
  folder: string;
  speed: number;
  streams: number;
  leak?: Leak | undefined;
}

/** Container, recogniser and phones as processes with a common clock; the database runs in this one. */
export interface SoakRig {
  url: string;
  container: Child;
  phones: Child;
  clock: ClockControl;
  /** What the container logged. */
  log: string[];
  stop(): Promise<void>;
}

export async function startSoakRig({ folder, speed, streams, leak }: SoakRigOptions): Promise<SoakRig> {
  await mkdir(folder, { recursive: true });
  await buildScripts(folder, SCRIPTS);
  const script = await buildContainerIn(folder);
  const gateway = await startDatabase();
  const clock = new ClockControl(speed);
  const preload = ['--require', join(folder, 'clock.cjs')];
  const helper = (name: 'phones' | 'recogniser'): Child => {
    const child = Child.spawn(name, [...preload, join(folder, `${name}.cjs`)], { env: clock.env });
    child.process.stderr?.pipe(process.stderr);
    return child;
  };
  const [phones, recogniser] = [helper('phones'), helper('recogniser')];
  clock.add(phones, recogniser);
  const asrPort = await recogniser.ask<number>('listen', ACCOUNT);
  const image = await imageRuntime();
  const env = {
    ...image.env,
    ...containerSettings(gateway.containerEnv()),
    ...clock.env,
    ...(leak && { SOAK_LEAK: leak }),
    ASR_ENDPOINT: `ws://127.0.0.1:${asrPort}`,
    // a session that was ended may still be there when its phone begins another
    MAX_SESSIONS: String(2 * streams),
    DB_WRITES_PER_SECOND: String(DB_WRITES_PER_SECOND),
    DRAIN_MS: '0',
    LOG_LEVEL: 'warn',
  };
  const args = [...image.nodeArgs, ...preload, '--require', join(folder, 'probe.cjs'), script];
  const container = Child.spawn('container', args, { env });
  clock.add(container);
  clock.run();
  const log: string[] = [];
  return {
    url: await addressOf(container.process, log),
    container,
    phones,
    clock,
    log,
    async stop() {
      await clock.stop().catch(() => undefined);
      await Promise.all([phones, container, recogniser].map((child) => child.stop()));
      await gateway.stop();
    },
  };
}
