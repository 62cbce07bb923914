import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';
import {
  BYTES_PER_SAMPLE,
  CLIENT_GRACE_MS,
  CLIENT_RING_MS,
  CREDIT_MS,
  MAX_FRAME_BYTES,
  msToSamples,
  PROGRESS_MS,
  samplesToMs,
} from '../../../contract/limits.ts';
import type { Loss, SessionRecord } from '../../../contract/records.ts';
import type { AudioFrame, ProgressEvent, StartAnswer, StopAnswer } from '../../../contract/stream.ts';
import type { AsrFailure, AsrParams, ConnectAsr } from '../asr/types.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { SessionStore } from '../store/types.ts';
import type { WriteQueue } from '../store/write-queue.ts';
import { AudioBuffer } from './audio-buffer.ts';
import { bounded, Deferred } from './deferred.ts';
import { Intake } from './intake.ts';
import { Journal } from './journal.ts';
import { Loudness } from './loudness.ts';
import type { Peer } from './peer.ts';
import { Relay } from './relay.ts';
import type { Anchor, PlacedSentence } from './relay-types.ts';
import { type RelayRules, SESSION_RULES } from './rules.ts';
import { storedResults, Transcript } from './transcript.ts';

/** A socket's start: its answer, and what to call once that was sent. */
export interface Attached {
  answer: StartAnswer;
  showAgain: () => void;
}

export interface SessionDeps {
  connect: ConnectAsr;
  store: SessionStore;
  queue: WriteQueue;
  clock: Clock;
  log: Log;
  relayRules?: RelayRules;
  /** Forced sentence end, ms; undefined: the recogniser's own default. */
  asrMaxSpeakMs?: number | undefined;
}

/**
 * One session while this instance owns it: audio comes in by position, goes through the relay, comes back as
 * sentences, is shown and stored. It knows no socket: doors hand it {@link Peer}s.
 */
export class Session {
  readonly sessionId: string;
  readonly openid: string;
  private readonly deps: SessionDeps;
  private readonly onOver: (session: Session) => void;
  private readonly record: SessionRecord;
  private readonly buffer: AudioBuffer;
  private readonly intake: Intake;
  private readonly relay: Relay;
  private readonly journal: Journal;
  private readonly transcript: Transcript;
  private over = false;
  private owner: string;
  private peer: Peer | null = null;
  private limit = 0;
  private lastProgress = '';
  private cancelGrace: (() => void) | undefined;
  private cancelProgress: (() => void) | undefined;
  private finishing: Promise<StopAnswer> | undefined;
  private endPos: number | undefined;
  private readonly relayDrained = new Deferred<void>();
  private readonly watchers = new Set<() => void>();

  /** @param record the session as claimed: its epoch is ours */
  constructor(
    deps: SessionDeps,
    record: SessionRecord,
    params: AsrParams,
    wordTimes: boolean,
    onOver: (s: Session) => void,
  ) {
    const { clock } = deps;
    this.deps = deps;
    this.onOver = onOver;
    this.record = record;
    this.sessionId = record._id;
    this.openid = record._openid;
    this.owner = record.clientId;
    this.buffer = new AudioBuffer(record.committedPos);
    const loudness = new Loudness(record.sampleRate, record.committedPos);
    this.intake = new Intake(this.buffer, loudness, clock);
    this.transcript = new Transcript(record._id, {
      rateHz: record.sampleRate,
      wordTimes,
      nextIndex: record.nextIndex,
    });
    this.journal = new Journal(deps, record, {
      stored: () => this.onStored(),
      fenced: (now) => this.onFenced(now),
      trouble: () => this.tell('STORE_UNAVAILABLE'),
      recovered: () => deps.log.info({}, 'the store answers again'),
    });
    const anchor = { pos: record.committedPos, overlap: record.overlap };
    this.relay = new Relay(
      {
        connect: deps.connect,
        params,
        buffer: this.buffer,
        loudness,
        clock,
        anchor,
        ...(deps.relayRules && { rules: deps.relayRules }),
      },
      {
        interim: (placed) => this.onInterim(placed),
        final: (placed, at) => this.onFinal(placed, at),
        anchor: (at) => this.journal.anchor(at),
        advanced: () => this.raiseLimit(),
        trouble: (failure) => this.onAsrTrouble(failure),
        recovered: () => deps.log.info({}, 'the recogniser answers again'),
        fatal: (failure) => this.onAsrFatal(failure),
        drained: () => this.relayDrained.resolve(),
      },
    );
    this.raiseLimit();
    this.scheduleProgress();
  }

  get clientId(): string {
    return this.owner;
  }

  get isOver(): boolean {
    return this.over;
  }

  // --- the client comes and goes ----------------------------------------------------------------------------

  /**
   * A socket takes the session. An earlier one of the same client is closed without a word; another client's is
   * told that it was taken over.
   */
  attach(peer: Peer, clientId: string, haveIndex: number): Attached {
    const old = this.peer;
    if (old && old !== peer) {
      if (clientId === this.owner) old.close();
      else old.emit('error', { ...new VoiceError('TAKEN_OVER').toWire(), sessionId: this.sessionId });
    }
    if (clientId !== this.owner) this.journal.clientId(clientId);
    this.owner = clientId;
    this.peer = peer;
    this.cancelGrace?.();
    this.relay.warmUp();
    const answer: StartAnswer = {
      sessionId: this.sessionId,
      state: 'live',
      nextPos: this.buffer.endPos,
      committedPos: this.journal.committedPos,
      limitPos: this.limit,
      nextIndex: this.transcript.nextIndex,
      settledIndex: this.journal.settledIndex,
      limits: { maxFrameBytes: MAX_FRAME_BYTES, creditMs: CREDIT_MS, ringMs: CLIENT_RING_MS },
    };
    return { answer, showAgain: () => void this.showAgain(peer, haveIndex) };
  }

  /** The socket is gone. The session waits for the client, or ends if it could not be resumed anyway. */
  detach(peer: Peer): void {
    if (this.peer !== peer) return;
    this.peer = null;
    if (this.over || this.finishing) return;
    if (this.intake.unpositioned || this.record.clientId === '') {
      this.finish('interrupted').catch((error) =>
        this.deps.log.warn({ err: error }, 'could not end a session'),
      );
      return;
    }
    this.cancelGrace = this.deps.clock.after(CLIENT_GRACE_MS, () => void this.release());
  }

  isAttached(peer: Peer): boolean {
    return this.peer === peer;
  }

  /** Finals that the client does not have, in order; from the store where they are older than what is kept here. */
  private async showAgain(peer: Peer, haveIndex: number): Promise<void> {
    if (haveIndex + 1 < this.transcript.oldestKept) {
      try {
        const kept = this.transcript.oldestKept;
        const older = await this.deps.store.sentencesAbove(this.record, haveIndex);
        for (const event of storedResults(
          this.sessionId,
          older.filter(([index]) => index < kept),
        ))
          peer.emit('result', event);
      } catch (error) {
        this.deps.log.warn({ err: error }, 'could not read finals to show again');
      }
    }
    for (const event of this.transcript.above(haveIndex)) peer.emit('result', event);
  }

  // --- audio in ---------------------------------------------------------------------------------------------

  audio(peer: Peer, frame: AudioFrame): void {
    if (this.peer !== peer || this.over) return;
    const upTo = this.endPos;
    if (upTo !== undefined && this.buffer.endPos >= upTo) return;
    const { overflow } = this.intake;
    const complaint = this.intake.take(trimTo(frame, upTo), this.limit);
    if (complaint) peer.emit('error', { ...complaint, sessionId: this.sessionId });
    if (this.intake.overflow > overflow)
      this.lose(this.buffer.endPos, this.buffer.endPos + this.intake.overflow - overflow);
    this.relay.poke();
    this.noteForJournal();
    this.changed();
  }

  /** Audio that the client lost: counted as a loss, heard as silence, so that times stay true. */
  skip(peer: Peer, range: { fromPos: number; toPos: number }): { nextPos: number } {
    const from = this.buffer.endPos;
    const tooFar = range.toPos - from > msToSamples(24 * 3_600_000, this.record.sampleRate);
    if (this.peer !== peer || range.fromPos > from || tooFar)
      throw new VoiceError('BAD_REQUEST', { detail: 'skip' });
    if (range.toPos > from) {
      this.lose(from, range.toPos);
      this.intake.skipTo(range.toPos);
      this.relay.poke();
      this.changed();
    }
    return { nextPos: this.buffer.endPos };
  }

  private lose(fromPos: number, toPos: number): void {
    const ms = (pos: number) => samplesToMs(pos, this.record.sampleRate);
    const loss: Loss = { startMs: ms(fromPos), endMs: ms(toPos), reason: 'client-overflow' };
    this.journal.loss(loss);
    this.deps.log.warn({ lostMs: loss.endMs - loss.startMs }, 'audio lost');
  }

  private raiseLimit(): void {
    if (this.journal.unstoredCount > SESSION_RULES.maxUnstored) return;
    this.limit = Math.max(this.limit, this.relay.heardPos + msToSamples(CREDIT_MS, this.record.sampleRate));
  }

  // --- text out ---------------------------------------------------------------------------------------------

  private onInterim(placed: PlacedSentence): void {
    const event = this.transcript.interim(placed);
    if (event) this.peer?.emit('result', event);
    this.noteForJournal();
  }

  private onFinal(placed: PlacedSentence, anchor: Anchor): void {
    const made = this.transcript.final(placed);
    if (made) {
      this.peer?.emit('result', made.event);
      this.noteForJournal();
      this.journal.final(made.index, made.sentence, anchor);
    } else {
      this.onInterim({ ...placed, text: '' });
      this.journal.anchor(anchor);
    }
  }

  private noteForJournal(): void {
    this.journal.note(this.buffer.endPos, this.transcript.open);
  }

  private onStored(): void {
    this.raiseLimit();
    this.changed();
  }

  private scheduleProgress(): void {
    this.cancelProgress = this.deps.clock.after(PROGRESS_MS, () => {
      this.emitProgress();
      if (!this.over) this.scheduleProgress();
    });
  }

  private emitProgress(): void {
    const event: ProgressEvent = {
      sessionId: this.sessionId,
      nextPos: this.buffer.endPos,
      committedPos: this.journal.committedPos,
      limitPos: this.limit,
      settledIndex: this.journal.settledIndex,
    };
    const text = JSON.stringify(event);
    if (text === this.lastProgress || !this.peer) return;
    this.lastProgress = text;
    this.peer.emit('progress', event);
  }

  private tell(code: ErrorCode): void {
    this.peer?.emit('error', { ...new VoiceError(code).toWire(), sessionId: this.sessionId });
  }

  // --- the end ----------------------------------------------------------------------------------------------

  /**
   * All audio up to `endPos` (default: what has come) is recognised and stored, then the session is completed.
   * However often it is asked, the answer is the same.
   * @throws VoiceError AUDIO_GAP (audio below `endPos` never came), ASR_UNAVAILABLE (it takes too long: ask again)
   */
  stop(endPos: number | undefined): Promise<StopAnswer> {
    this.endPos ??= endPos ?? this.buffer.endPos;
    return bounded(this.finish('completed'), this.deps.clock, SESSION_RULES.stopAnswerMs, 'ASR_UNAVAILABLE');
  }

  /** Ends the session without keeping anything. */
  async cancel(): Promise<void> {
    this.end();
    const answer = await this.deps.store.cancel(this.sessionId, this.record.epoch, this.deps.clock.now());
    if (!answer.stored && answer.record && answer.record.state !== 'cancelled')
      throw new VoiceError('SESSION_ENDED');
  }

  /** Gives the session to whichever instance the client meets next: at the next commit, or after `deadlineMs`. */
  async handOver(deadlineMs: number): Promise<void> {
    this.peer?.emit('draining', { deadlineMs });
    await this.when(() => !this.relay.midSentence && this.journal.unstoredCount === 0, deadlineMs);
    await this.release();
  }

  /** Lets go: what is known is written, the record stays live for the next owner. */
  private async release(): Promise<void> {
    if (this.isOver) return;
    this.relay.close();
    this.noteForJournal();
    await bounded(this.journal.flush(), this.deps.clock, SESSION_RULES.releaseMs, 'STORE_UNAVAILABLE').catch(
      () => {
        this.deps.log.warn(
          { unstored: this.journal.unstoredCount },
          'released with unstored text: it will be heard again',
        );
      },
    );
    const { peer } = this;
    this.end();
    peer?.close();
  }

  private finish(how: 'completed' | 'interrupted'): Promise<StopAnswer> {
    this.finishing ??= this.finishOnce(how).catch((error) => {
      // the session goes on; the next stop tries again
      this.finishing = undefined;
      throw error;
    });
    return this.finishing;
  }

  private async finishOnce(how: 'completed' | 'interrupted'): Promise<StopAnswer> {
    if (this.isOver) throw new VoiceError('SESSION_ENDED');
    this.endPos ??= this.buffer.endPos;
    const endPos = this.endPos;
    if (!(await this.when(() => this.buffer.endPos >= endPos, SESSION_RULES.missingAudioMs))) {
      this.endPos = undefined;
      throw new VoiceError('AUDIO_GAP');
    }
    this.relay.drain();
    await this.relayDrained.promise;
    this.noteForJournal();
    await this.journal.flush();
    const record = await this.complete(how);
    const answer: StopAnswer = {
      id: this.sessionId,
      sentences: record.sentenceCount,
      durationMs: samplesToMs(record.samples, record.sampleRate),
    };
    const state = record.state === 'interrupted' ? 'interrupted' : 'completed';
    this.peer?.emit('completed', { ...answer, sessionId: this.sessionId, state });
    this.end();
    return answer;
  }

  private async complete(how: 'completed' | 'interrupted'): Promise<SessionRecord> {
    const { clock, store } = this.deps;
    const { outcome, record } = await store.complete({
      sessionId: this.sessionId,
      epoch: this.record.epoch,
      state: how,
      nowMs: clock.now(),
      patch: { samples: this.buffer.endPos, committedPos: this.buffer.endPos },
    });
    if (outcome === 'fenced' || !record || record.epoch !== this.record.epoch) {
      this.onFenced(record);
      throw new VoiceError('SESSION_ENDED');
    }
    return record;
  }

  private onFenced(now: SessionRecord | null): void {
    if (this.isOver) return;
    const { peer } = this;
    this.deps.log.info(
      { state: now?.state, deleted: now?.deletedAt != null },
      'the session is not ours any more',
    );
    if (!now || now.deletedAt) this.tell('SESSION_DELETED');
    else if (now.state === 'live' && now.clientId !== this.owner) this.tell('TAKEN_OVER');
    // the same client is elsewhere already, or comes back and finds what has become of the session
    else peer?.close();
    this.end();
  }

  private onAsrTrouble(failure: AsrFailure): void {
    this.deps.log.warn({ code: failure.code, reason: failure.reason }, 'the recogniser is away');
    this.tell(failure.error);
  }

  private onAsrFatal(failure: AsrFailure): void {
    this.deps.log.error({ code: failure.code, reason: failure.reason }, 'the recogniser refused');
    this.tell(failure.error);
    // what was recognised is kept; what was not cannot be
    this.endPos = this.buffer.endPos;
    this.relayDrained.resolve();
    this.finish('interrupted').catch((error) =>
      this.deps.log.warn({ err: error }, 'could not end a session'),
    );
  }

  private end(): void {
    if (this.isOver) return;
    this.over = true;
    this.peer = null;
    this.relay.close();
    this.journal.close();
    this.cancelGrace?.();
    this.cancelProgress?.();
    this.changed();
    this.onOver(this);
  }

  private changed(): void {
    for (const look of this.watchers) look();
  }

  /** Whether `condition` came true within `ms`. */
  private when(condition: () => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (value: boolean) => {
        this.watchers.delete(look);
        cancel();
        resolve(value);
      };
      const cancel = this.deps.clock.after(ms, () => done(condition()));
      const look = () => (condition() || this.over) && done(condition());
      this.watchers.add(look);
      look();
    });
  }
}

/** The part of a frame that lies before `endPos`. */
function trimTo(frame: AudioFrame, endPos: number | undefined): AudioFrame {
  if (endPos === undefined || frame.pos === undefined) return frame;
  return { pos: frame.pos, pcm: frame.pcm.subarray(0, Math.max(0, endPos - frame.pos) * BYTES_PER_SAMPLE) };
}
