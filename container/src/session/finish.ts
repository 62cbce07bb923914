import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import { samplesToMs } from '../../../contract/limits.ts';
import type { SessionRecord } from '../../../contract/records.ts';
import type { StopAnswer } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { SessionStore } from '../store/types.ts';
import type { AudioBuffer } from '../upstream/audio-buffer.ts';
import type { Relay } from '../upstream/relay.ts';
import { bounded, Deferred, sleep } from './deferred.ts';
import type { RecordWriter } from './record-writer.ts';
import { SESSION_RULES } from './rules.ts';
import type { Watchers } from './watchers.ts';

type How = 'completed' | 'interrupted';

export interface SessionFinishParts {
  record: SessionRecord;
  buffer: AudioBuffer;
  relay: Relay;
  writer: RecordWriter;
  store: SessionStore;
  clock: Clock;
  watchers: Watchers;
  /** Whether the session is no longer this instance's. */
  isOver: () => boolean;
  /** The record turned out to be somebody else's. */
  fenced: (record: SessionRecord | null) => void;
  /** The record has ended, as told. */
  ended: (record: SessionRecord, answer: StopAnswer) => void;
}

/**
 * The end of a session: missing audio is waited for, everything is recognised, stored, and the record is completed
 * and counted. The steps are taken once, however often and from wherever the end is asked for.
 */
export class SessionFinish {
  /** All before it belongs to the session; undefined while it is open-ended. */
  endPos: number | undefined;
  private readonly parts: SessionFinishParts;
  private readonly recognised = new Deferred<void>();
  private running: Promise<StopAnswer> | undefined;
  /** What a caller is told that waits too long. */
  private waitingFor: ErrorCode = 'AUDIO_GAP';

  constructor(parts: SessionFinishParts) {
    this.parts = parts;
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** The relay has decided all audio, or never will. */
  drained(): void {
    this.recognised.resolve();
  }

  /**
   * The same as {@link finish}, with an answer in bounded time; the work goes on behind a retriable refusal.
   * @throws VoiceError AUDIO_GAP, ASR_UNAVAILABLE, STORE_UNAVAILABLE, SESSION_ENDED
   */
  answer(endPos: number | undefined): Promise<StopAnswer> {
    this.endPos ??= endPos ?? this.parts.buffer.endPos;
    const finished = this.finish('completed');
    return bounded(finished, this.parts.clock, SESSION_RULES.stopAnswerMs, () => this.waitingFor);
  }

  finish(how: How): Promise<StopAnswer> {
    this.running ??= this.steps(how).catch((error) => {
      // the session goes on, and the next one who asks tries again
      this.running = undefined;
      throw error;
    });
    return this.running;
  }

  private async steps(how: How): Promise<StopAnswer> {
    const { buffer, relay, writer, watchers, isOver, record } = this.parts;
    this.endPos ??= buffer.endPos;
    const { endPos } = this;
    const arrived = () => buffer.endPos >= endPos;
    await watchers.when(() => arrived() || isOver(), SESSION_RULES.missingAudioMs);
    if (!arrived()) {
      this.endPos = undefined;
      throw new VoiceError(isOver() ? 'SESSION_ENDED' : 'AUDIO_GAP');
    }
    this.waitingFor = 'ASR_UNAVAILABLE';
    relay.drain();
    await this.recognised.promise;
    this.waitingFor = 'STORE_UNAVAILABLE';
    await writer.flush();
    const ended = await this.complete(how);
    const answer: StopAnswer = {
      id: record._id,
      sentences: ended.sentenceCount,
      durationMs: samplesToMs(ended.samples, ended.sampleRate),
    };
    this.parts.ended(ended, answer);
    return answer;
  }

  /** Tries until the store says what has become of the record. */
  private async complete(how: How): Promise<SessionRecord> {
    const { record, store, clock, buffer, isOver } = this.parts;
    const { endPos } = buffer;
    for (let tries = 0; ; tries++) {
      if (isOver()) throw new VoiceError('SESSION_ENDED');
      try {
        const { outcome, record: now } = await store.complete({
          sessionId: record._id,
          epoch: record.epoch,
          state: how,
          nowMs: clock.now(),
          // an interrupted session may be taken up again, from where it was decided
          patch: { samples: endPos, ...(how === 'completed' && { committedPos: endPos }) },
        });
        const ours = now?.epoch === record.epoch && now.state !== 'live' && now.state !== 'cancelled';
        if (now && ours && outcome !== 'fenced') return now;
        this.parts.fenced(now);
        throw new VoiceError('SESSION_ENDED');
      } catch (error) {
        if (!(error instanceof VoiceError && error.retriable)) throw error;
        await sleep(clock, SESSION_RULES.storeRetryMs * Math.min(tries + 1, 5));
      }
    }
  }
}

/**
 * Ends a record without keeping anything of it; cancelled already is fine.
 * @throws VoiceError STORE_UNAVAILABLE (ask again), SESSION_ENDED (it is not ours to cancel any more)
 */
export async function cancelRecord(
  { store, clock }: { store: SessionStore; clock: Clock },
  sessionId: string,
  epoch: number,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const answer = await store.cancel(sessionId, epoch, clock.now());
      if (answer.stored || answer.record?.state === 'cancelled') return;
      throw new VoiceError('SESSION_ENDED');
    } catch (error) {
      const again = error instanceof VoiceError && error.retriable && tries < SESSION_RULES.cancelTries;
      if (!again) throw error;
      await sleep(clock, SESSION_RULES.storeRetryMs);
    }
  }
}
