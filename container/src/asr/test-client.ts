import type { Mock } from 'vitest';
import { afterAll, afterEach, expect, vi } from 'vitest';
import { ASR_LIMITS, type AsrLimits } from './limits.ts';
import { createTencentAsr } from './tencent.ts';
import { FakeClock, KEYS, type Peer, type Service, startService } from './test-support.ts';
import type { AsrConnection, AsrFailure, AsrHandlers, AsrParams, AsrSentence, ConnectAsr } from './types.ts';

/** For a loaded machine. */
export const WAIT = { timeout: 20_000, interval: 5 };

/** A service for a whole file. After each test no connection may be left, and nothing been said outside of the protocol. */
export async function serviceForTests(): Promise<Service> {
  const service = await startService();
  afterEach(async () => {
    await vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
    expect(service.violations.splice(0)).toEqual([]);
    service.reset();
  });
  afterAll(() => service.stop());
  return service;
}

const PARAMS: AsrParams = {
  engine: '16k_zh',
  sampleRate: 16_000,
  hotwords: [],
  silenceMs: 1_000,
  wordTimes: true,
};

/** What one connection told its caller, in order. */
interface Talk {
  readonly asr: AsrConnection;
  readonly events: string[];
  readonly sentences: AsrSentence[];
  readonly failures: AsrFailure[];
  /** Waits until an event of this name has come. */
  until(event: 'open' | 'sentence' | 'finished' | 'failed'): Promise<void>;
  /** The service's side, once it has accepted. */
  peer(): Promise<Peer>;
}

export interface Client {
  readonly clock: FakeClock;
  readonly log: { info: Mock; warn: Mock };
  talk(params?: Partial<AsrParams>, also?: Partial<AsrHandlers>): Talk;
}

interface Options {
  limits?: Partial<AsrLimits>;
  token?: string;
  secretKey?: string;
  clock?: FakeClock;
}

/** A client whose time stands still; only the wire is real. */
export function clientOf(
  service: Service,
  { limits = {}, clock = new FakeClock(), ...options }: Options = {},
): Client {
  const log = { info: vi.fn(), warn: vi.fn() };
  const connect: ConnectAsr = createTencentAsr({
    endpoint: service.endpoint,
    ...KEYS,
    ...options,
    clock,
    log,
    // Told by the real clock inside of ws, so it is short.
    limits: { ...ASR_LIMITS, CLOSE_WAIT_MS: 20, ...limits },
  });
  return {
    clock,
    log,
    talk(params = {}, also = {}) {
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
        peer: () =>
          vi.waitFor(() => {
            const peer = service.peers.find(({ query }) => query.get('voice_id') === asr.voiceId);
            if (!peer) throw new Error('not accepted');
            return peer;
          }, WAIT),
      };
    },
  };
}
