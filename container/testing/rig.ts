import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';
import { parseStart, type ResultEvent, type ServerEvents, type StartAnswer } from '../../contract/stream.ts';
import { FakeClock, flushPromises } from '../../lib/fake-clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { KeyedBuckets } from '../../lib/token-bucket.ts';
import { Health } from '../src/health.ts';
import type { Log } from '../src/log.ts';
import { createMetrics } from '../src/metrics.ts';
import { type SessionLimits, SessionManager, type SessionManagerDeps } from '../src/session/manager.ts';
import type { Session } from '../src/session/session.ts';
import type { ClientSocket } from '../src/session/takeover.ts';
import { DatabaseBudget } from '../src/store/database-budget.ts';
import { CALLER_LIMITS, dailyAudioRule } from '../src/transport/limits.ts';
import { UpstreamAdmission } from '../src/upstream/admission.ts';
import { joined, silence, tone } from './audio.ts';
import { FakeAsr } from './fake-asr.ts';
import { FakeStore } from './fake-store.ts';

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quietLog };

export interface Heard {
  event: keyof ServerEvents;
  data: unknown;
}

/** A client socket that remembers what it was told. */
export class FakeClientSocket implements ClientSocket {
  readonly id = 'socket';
  readonly heard: Heard[] = [];
  closed = false;

  emit<E extends keyof ServerEvents>(event: E, ...[data]: Parameters<ServerEvents[E]>): void {
    this.heard.push({ event, data: structuredClone(data) });
  }

  close(): void {
    this.closed = true;
  }

  of<E extends keyof ServerEvents>(event: E): Parameters<ServerEvents[E]>[0][] {
    return this.heard
      .filter((one) => one.event === event)
      .map((one) => one.data as Parameters<ServerEvents[E]>[0]);
  }

  get codes(): string[] {
    return this.of('error').map((error) => error.code);
  }

  /** The transcript as a client shows it: the newest result of each index. */
  get shown(): string[] {
    const lines = new Map<number, ResultEvent>();
    for (const result of this.of('result')) lines.set(result.index, result);
    return [...lines.values()].sort((a, b) => a.index - b.index).map((line) => line.text);
  }
}

/** One instance of the service without transports: fake clock, recogniser and store. */
export class Rig {
  readonly clock: FakeClock;
  readonly asr = new FakeAsr();
  readonly store: FakeStore;
  readonly manager: SessionManager;
  readonly starts: KeyedBuckets;
  readonly dailyAudio: KeyedBuckets | undefined;
  readonly metrics = createMetrics();
  readonly health = new Health();
  /** Ids are unique over all instances: a claim is recognised by its id. */
  private static ids = 0;
  readonly newId = (): string => `id-${++Rig.ids}`;

  /** What a client connection needs of the service. */
  get connectionDeps() {
    const { manager, starts, dailyAudio, clock, metrics, newId } = this;
    return { manager, starts, dailyAudio, clock, metrics, newId, hashUser: () => 'hash', log: quietLog };
  }

  constructor(
    init: {
      store?: FakeStore;
      clock?: FakeClock;
      deps?: Partial<SessionManagerDeps>;
      limits?: Partial<SessionLimits>;
      audioSecondsPerDay?: number;
    } = {},
  ) {
    this.clock = init.clock ?? new FakeClock();
    this.store = init.store ?? new FakeStore();
    this.starts = new KeyedBuckets(this.clock, CALLER_LIMITS.starts);
    const { audioSecondsPerDay } = init;
    if (audioSecondsPerDay)
      this.dailyAudio = new KeyedBuckets(this.clock, dailyAudioRule(audioSecondsPerDay));
    this.manager = new SessionManager(
      {
        connect: this.asr.connect,
        store: this.store,
        budget: new DatabaseBudget(this.clock, 100),
        admission: new UpstreamAdmission(this.clock),
        clock: this.clock,
        random: seededRandom(1),
        newId: this.newId,
        hashUser: (openid) => `hash of ${openid}`,
        log: quietLog,
        metrics: this.metrics,
        health: this.health,
        ...init.deps,
      },
      { maxSessions: 10, maxSessionsPerUser: 5, ...init.limits },
    );
  }

  async start(
    request: object = {},
    peer = new FakeClientSocket(),
    openid = 'oUser',
  ): Promise<{ peer: FakeClientSocket; answer: StartAnswer; session: Session }> {
    const options = parseStart({ sessionId: 'session-1', clientId: 'client-1', ...request });
    const started = await this.manager.start(options, openid, peer);
    started.resendMissed();
    await flushPromises();
    return { peer, answer: started.answer, session: (started as { session: Session }).session };
  }

  /** Sends audio from `pos` in frames of 100 ms as it would be spoken: one frame each 100 ms. */
  async speak(session: Session, peer: FakeClientSocket, pos: number, pcm: Uint8Array): Promise<number> {
    const frame = 1_600 * BYTES_PER_SAMPLE;
    for (let i = 0; i < pcm.byteLength; i += frame) {
      session.audio(peer, { pos: pos + i / BYTES_PER_SAMPLE, pcm: pcm.subarray(i, i + frame) });
      await this.clock.advance(100);
    }
    return pos + pcm.byteLength / BYTES_PER_SAMPLE;
  }
}

/** A sentence of 2 s followed by 1.5 s of silence. */
export const SENTENCE = joined(tone(2_000), silence(1_500));

/** A session that has said one sentence, stored by now; `end` is where its audio ends. */
export async function oneSentence(rig: Rig, text: string) {
  const { peer, session } = await rig.start();
  rig.asr.newest.open();
  const end = await rig.speak(session, peer, 0, SENTENCE);
  rig.asr.newest.say({ text, final: true, startMs: 0, endMs: 2_000 });
  await rig.clock.advance(500);
  return { peer, session, end };
}
