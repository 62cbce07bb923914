import type { SessionManager } from '../container/src/session/manager.ts';
import { SESSION_RULES } from '../container/src/session/rules.ts';
import type { AudioBuffer } from '../container/src/upstream/audio-buffer.ts';
import { RELAY_RULES } from '../container/src/upstream/rules.ts';
import { CLIENT_GRACE_MS, CREDIT_MS } from '../contract/limits.ts';
import type { SessionRecord } from '../contract/records.ts';
import type { Scheduler } from './scheduler.ts';
import { RATE_HZ } from './speech.ts';

/** The grace of a client that is gone, twice the time that an end is worked at without it, and what a slow store takes. */
export const LET_GO_MS = CLIENT_GRACE_MS + 2 * SESSION_RULES.finishWithoutClientMs + 60_000;
/**
 * Audio that an instance keeps of one session: what was heard and is not settled, after which the stream is replaced; what a client may
 * send ahead; and a frame or two.
 */
export const AUDIO_BUFFER_MS = RELAY_RULES.unsettledMaxMs + CREDIT_MS + 5_000;

/** A field of an object that others need not see. @throws Error where it has been renamed */
function inside<T>(owner: object, field: string): T {
  const value = Reflect.get(owner, field) as T | undefined;
  if (value === undefined) throw new Error(`the simulator looks for a field that is gone: ${field}`);
  return value;
}

interface Watched {
  /** What talks to it; undefined: nothing. */
  by: object | undefined;
  goneAtMs: number;
}

/** What must hold of the sessions of one instance: each ends after its client is gone, and keeps a bounded amount of audio. */
export class SessionWatch {
  readonly #scheduler: Scheduler;
  readonly #sessions: ReadonlyMap<string, object>;
  readonly #watched = new Map<string, Watched>();
  readonly #isUp: () => boolean;
  readonly #broken: (rule: string, detail: string) => void;

  /** @param isUp whether the instance runs: a paused one cannot let go */
  constructor(
    scheduler: Scheduler,
    manager: SessionManager,
    isUp: () => boolean,
    broken: (rule: string, detail: string) => void,
  ) {
    this.#scheduler = scheduler;
    this.#sessions = inside(manager, 'sessions');
    this.#isUp = isUp;
    this.#broken = broken;
  }

  /** Under which epoch the instance has a session; undefined: it has none. */
  epochOf(sessionId: string): number | undefined {
    const session = this.#sessions.get(sessionId);
    return session && inside<SessionRecord>(session, 'record').epoch;
  }

  attached(sessionId: string, by: object): void {
    this.#watched.set(sessionId, { by, goneAtMs: 0 });
  }

  detached(sessionId: string, by: object): void {
    const watched = this.#watched.get(sessionId);
    if (watched?.by !== by) return;
    watched.by = undefined;
    watched.goneAtMs = this.#scheduler.nowMs;
    this.#checkLater(sessionId, watched);
  }

  /** Audio has come for a session. */
  checkBuffer(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    const buffer = inside<AudioBuffer>(session, 'buffer');
    const maxSamples = (AUDIO_BUFFER_MS * RATE_HZ) / 1000;
    if (buffer.endPos - buffer.startPos <= maxSamples) return;
    const samples = buffer.samplesBetween(buffer.startPos, buffer.endPos);
    if (samples > maxSamples)
      this.#broken('audio is kept within its bound', `${sessionId}: ${(samples * 1000) / RATE_HZ} ms`);
  }

  #checkLater(sessionId: string, watched: Watched): void {
    this.#scheduler.schedule(LET_GO_MS, () => {
      const isSame = this.#watched.get(sessionId) === watched && !watched.by;
      if (!isSame || !this.#sessions.has(sessionId)) return;
      if (this.#isUp()) this.#broken('a session ends after its client is gone', sessionId);
    });
  }
}
