import { randomUUID } from 'node:crypto';
import type { Mock } from 'vitest';
import { afterAll, afterEach, expect, vi } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { seededRandom } from '../../../lib/random.ts';
import { ASR_LIMITS, type AsrLimits } from '../../src/asr/connection.ts';
import { createTencentAsr } from '../../src/asr/tencent.ts';
import type {
  AsrConnection,
  AsrFailure,
  AsrHandlers,
  AsrParams,
  AsrSentence,
  ConnectAsr,
} from '../../src/asr/types.ts';
import { type AsrService, KEYS, type ServerConnection, startAsrService } from './service.ts';

/** Time limit of a wait for the network, ms: long, for a loaded machine. */
export const WAIT = { timeout: 20_000, interval: 5 };

/** A service for a whole test file. After each test no connection may be left, nor any violation of the protocol. */
export async function serviceForTests(): Promise<AsrService> {
  const service = await startAsrService();
  afterEach(async () => {
    await vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
    expect(service.violations.splice(0)).toEqual([]);
    service.reset();
  });
  afterAll(() => service.stop());
  return service;
}

/** What the clients' clocks show at first. */
const EPOCH_MS = 1_700_000_000_000;

const PARAMS: AsrParams = {
  engine: '16k_zh',
  sampleRate: 16_000,
  hotwords: [],
  silenceMs: 1_000,
  wordTimes: true,
};

/** A connection, and what it told its caller, in order. */
interface TestConnection {
  readonly asr: AsrConnection;
  readonly events: string[];
  readonly sentences: AsrSentence[];
  readonly failures: AsrFailure[];
  /** Waits until an event of this name has come. */
  until(event: 'open' | 'sentence' | 'finished' | 'failed'): Promise<void>;
  /** The service's side, once it has accepted. */
  server(): Promise<ServerConnection>;
}

export interface Client {
  readonly clock: FakeClock;
  readonly log: { info: Mock; warn: Mock };
  connect(params?: Partial<AsrParams>, also?: Partial<AsrHandlers>): TestConnection;
}

interface Options {
  limits?: Partial<AsrLimits>;
  token?: string;
  secretKey?: string;
  clock?: FakeClock;
}

/** A client on a clock that the test moves and a real network. */
export function clientOf(
  service: AsrService,
  { limits = {}, clock = new FakeClock(EPOCH_MS), ...options }: Options = {},
): Client {
  const log = { info: vi.fn(), warn: vi.fn() };
  const connect: ConnectAsr = createTencentAsr({
    endpoint: service.endpoint,
    ...KEYS,
    ...options,
    clock,
    random: seededRandom(1),
    newId: randomUUID,
    log,
    // ws measures it with the real clock, so it is short
    limits: { ...ASR_LIMITS, CLOSE_WAIT_MS: 20, ...limits },
  });
  return {
    clock,
    log,
    connect(params = {}, also = {}) {
      const events: string[] = [];
      const sentences: AsrSentence[] = [];
      const failures: AsrFailure[] = [];
      const asr = connect(
        { ...PARAMS, ...params },
        {
          open() {
            events.push('open');
            also.open?.();
          },
          sentence(sentence) {
            events.push('sentence');
            sentences.push(sentence);
            also.sentence?.(sentence);
          },
          finished: () => void events.push('finished'),
          failed(failure) {
            events.push('failed');
            failures.push(failure);
          },
        },
      );
      return {
        asr,
        events,
        sentences,
        failures,
        until: (event) =>
          vi.waitFor(() => {
            if (!events.includes(event)) throw new Error(`no ${event} among [${events.join()}]`);
          }, WAIT),
        server: () =>
          vi.waitFor(() => {
            const connection = service.connections.find(({ query }) => query.get('voice_id') === asr.voiceId);
            if (!connection) throw new Error('not accepted');
            return connection;
          }, WAIT),
      };
    },
  };
}
