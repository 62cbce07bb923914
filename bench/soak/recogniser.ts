/**
 * The recogniser of a soak: the local one with its protocol, signatures and error codes, and an engine that costs next to nothing. A
 * process of its own.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../lib/clock.ts';
import { Faults } from '../../local/asr/faults.ts';
import { DEFAULT_LIMITS } from '../../local/asr/options.ts';
import { RealtimeHandler } from '../../local/asr/realtime/upgrade.ts';
import { newStats } from '../../local/asr/stats.ts';
import { answerParent } from '../processes/answering.ts';
import { ToneEngine } from './tones.ts';

/** Who may use it. */
export interface Account {
  appId: string;
  secretId: string;
  secretKey: string;
}

const stats = newStats();

async function listen({ appId, secretId, secretKey }: Account): Promise<number> {
  const realtime = new RealtimeHandler({
    secrets: { [secretId]: secretKey },
    appId,
    engine: new ToneEngine(),
    // A container that waits for a core is late by seconds of scaled time, and then sends within ms what it has.
    limits: {
      ...DEFAULT_LIMITS,
      windowAudioMs: Number.POSITIVE_INFINITY,
      maxSessions: Number.POSITIVE_INFINITY,
    },
    clock: systemClock,
    faults: new Faults(),
    stats,
    recordDir: undefined,
  });
  const server = createServer((_, response) => response.end(String(Math.floor(Date.now() / 1_000))));
  server.on('upgrade', (request, socket, head) => realtime.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

answerParent({ listen, stats: () => stats });
