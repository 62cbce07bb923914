import { isRetriable, VoiceError } from '../../../contract/errors.ts';
import { CLIENT_GRACE_MS } from '../../../contract/limits.ts';
import type { SessionRecord } from '../../../contract/records.ts';
import type { AudioFrame, SkipRequest, StopAnswer } from '../../../contract/stream.ts';
import type { AsrFailure, AsrParams } from '../asr/types.ts';
import { AudioBuffer } from '../upstream/audio-buffer.ts';
import { Loudness } from '../upstream/level-meter.ts';
import { Relay } from '../upstream/relay.ts';
import { Intake } from './audio-input.ts';
import { bounded } from './deferred.ts';
import { cancelRecord, Ending } from './finish.ts';
import { Gauge } from './flow-control.ts';
import { partingOf } from './parting.ts';
import type { Peer } from './peer.ts';
import { Journal } from './record-writer.ts';
import { SESSION_RULES } from './rules.ts';
import { Scribe } from './scribe.ts';
import { Seat } from './seat.ts';
import type { Attached, SessionDeps } from './session-types.ts';
import { showAgain } from './show-again.ts';
import { promotedResult, Transcript } from './transcript.ts';
import { Watchers } from './watchers.ts';

/**
 * One session while this instance owns it: audio comes in by position, goes through the relay, comes back as
 * sentences, is shown and stored. It knows no socket: doors hand it {@link Peer}s.
 */
export class Session {
  readonly sessionId: string;
  readonly openid: string;
  private readonly deps: SessionDeps;
  private readonly onOver: (session: Session) => void;
  /** As claimed. */
  readonly record: SessionRecord;
  private readonly buffer: AudioBuffer;
  private readonly intake: Intake;
  private readonly relay: Relay;
  private readonly journal: Journal;
  private readonly transcript: Transcript;
  private readonly scribe: Scribe;
  private over = false;
  private readonly seat: Seat;
  private readonly gauge: Gauge;
  private cancelGrace: (() => void) | undefined;
  private answered: StopAnswer | undefined;
  private readonly ending: Ending;
  private readonly watchers: Watchers;

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
    this.seat = new Seat(record._id, record.clientId);
    this.buffer = new AudioBuffer(record.committedPos);
    const loudness = new Loudness(record.sampleRate, record.committedPos);
    this.intake = new Intake(this.buffer, loudness, clock);
    this.transcript = new Transcript(record, wordTimes);
    this.journal = new Journal(deps, record, {
      stored: () => {
        this.gauge.raise();
        this.watchers.changed();
      },
      fenced: (now) => this.onFenced(now),
      trouble: () => this.seat.tell('STORE_UNAVAILABLE'),
      recovered: () => deps.log.info({}, 'the store answers again'),
    });
    this.scribe = new Scribe({
      transcript: this.transcript,
      journal: this.journal,
      seat: this.seat,
      buffer: this.buffer,
    });
    this.relay = new Relay(
      {
        connect: deps.connect,
        params,
        buffer: this.buffer,
        loudness,
        clock,
        anchor: { pos: record.committedPos, overlap: record.overlap },
        ...(deps.relayRules && { rules: deps.relayRules }),
      },
      {
        interim: (placed) => this.scribe.interim(placed),
        final: (placed, at) => this.scribe.final(placed, at),
        anchor: (at) => this.journal.anchor(at),
        advanced: () => this.gauge.raise(),
        trouble: (failure) => this.onAsrTrouble(failure),
        recovered: () => deps.log.info({}, 'the recogniser answers again'),
        fatal: (failure) => this.onAsrFatal(failure),
        drained: () => this.ending.drained(),
      },
    );
    this.watchers = new Watchers(clock);
    this.ending = new Ending({
      ...deps,
      record,
      buffer: this.buffer,
      relay: this.relay,
      journal: this.journal,
      watchers: this.watchers,
      isOver: () => this.over,
      fenced: (now) => this.onFenced(now),
      ended: (now, answer) => this.onEnded(now, answer),
    });
    const { sessionId, buffer, journal, relay, seat } = this;
    this.gauge = new Gauge({ sessionId, rateHz: record.sampleRate, clock, buffer, journal, relay, seat });
  }

  get clientId(): string {
    return this.seat.clientId;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** A socket takes the session's seat, and with it the session from an earlier socket or another client. */
  attach(peer: Peer, clientId: string, haveIndex: number): Attached {
    if (clientId !== this.seat.clientId) this.journal.clientId(clientId);
    this.seat.take(peer, clientId);
    this.cancelGrace?.();
    this.relay.warmUp();
    const { sessionId, transcript, deps } = this;
    const show = { sessionId, transcript, deps, isThere: () => this.seat.holds(peer) };
    return {
      answer: this.gauge.startAnswer(transcript.nextIndex),
      showAgain: () => void showAgain(peer, haveIndex, show),
    };
  }

  /** The socket is gone. The session waits for the client, or ends if it could not be resumed anyway. */
  detach(peer: Peer): void {
    if (!this.seat.leave(peer) || this.over) return;
    const resumable = !this.intake.unpositioned && this.record.clientId !== '';
    if (!resumable && !this.ending.isRunning) this.endAlone();
    this.awaitClient();
  }

  /** An end that is under way may still fail, so it is looked at again rather than trusted. */
  private awaitClient(): void {
    this.cancelGrace = this.deps.clock.after(CLIENT_GRACE_MS, () => {
      if (this.ending.isRunning) this.awaitClient();
      else void this.release();
    });
  }

  isAttached(peer: Peer): boolean {
    return this.seat.holds(peer);
  }

  audio(peer: Peer, frame: AudioFrame): void {
    if (!this.seat.holds(peer) || this.over) return;
    const upTo = this.ending.endPos;
    if (upTo !== undefined && this.buffer.endPos >= upTo) return;
    const { overflow } = this.intake;
    const complaint = this.intake.take(frame, this.gauge.limitPos, upTo);
    if (complaint) peer.emit('error', { ...complaint, sessionId: this.sessionId });
    const dropped = this.intake.overflow - overflow;
    if (dropped > 0) this.journal.lose(this.buffer.endPos, this.buffer.endPos + dropped, 'client-overflow');
    this.relay.pump();
    this.scribe.note();
    this.watchers.changed();
  }

  /** Audio that the client lost is a loss, and passed over: times stay true. @throws VoiceError BAD_REQUEST */
  skip(peer: Peer, range: SkipRequest): { nextPos: number } {
    if (!this.seat.holds(peer)) throw new VoiceError('NOT_STARTED');
    const fromPos = this.buffer.endPos;
    this.intake.skip(range, this.record.sampleRate);
    if (this.buffer.endPos > fromPos) {
      this.journal.lose(fromPos, this.buffer.endPos, range.reason);
      this.relay.pump();
      this.watchers.changed();
    }
    return { nextPos: this.buffer.endPos };
  }

  /** What `stop` answered; undefined while the session goes on. */
  get stopAnswer(): StopAnswer | undefined {
    return this.answered;
  }

  /**
   * All audio up to `endPos` (default: what has come) is recognised and stored, then the session is completed.
   * However often it is asked, the answer is the same.
   * @throws VoiceError AUDIO_GAP (audio below `endPos` never came), ASR_UNAVAILABLE, STORE_UNAVAILABLE (it takes
   * too long: ask again), SESSION_ENDED
   */
  stop(endPos: number | undefined): Promise<StopAnswer> {
    return this.ending.answer(endPos);
  }

  /**
   * Ends the session without keeping anything. Until the store has taken it, the session goes on.
   * @throws VoiceError STORE_UNAVAILABLE (ask again), SESSION_ENDED
   */
  async cancel(): Promise<void> {
    try {
      await cancelRecord(this.deps, this.sessionId, this.record.epoch);
      this.end();
    } catch (error) {
      if (!(error instanceof VoiceError && error.retriable)) this.end();
      throw error;
    }
  }

  /** Gives the session to whichever instance the client meets next: at the next commit, or after `deadlineMs`. */
  async handOver(deadlineMs: number): Promise<void> {
    this.seat.emit('draining', { deadlineMs });
    const settled = () => this.over || (!this.relay.midSentence && this.journal.unstoredCount === 0);
    await this.watchers.when(() => settled() && (this.over || !this.ending.isRunning), deadlineMs);
    await this.release();
  }

  /** Holds the record against ours: under another epoch, or ended without us, the session is let go. */
  check(now: SessionRecord | null): void {
    const ours = now?.epoch === this.record.epoch && (now.state === 'live' || this.ending.isRunning);
    if (!ours) this.onFenced(now);
  }

  /** Lets go: what is known is written, the record stays live for the next owner. */
  private async release(): Promise<void> {
    if (this.over) return;
    const { clock, log } = this.deps;
    this.relay.close();
    this.scribe.note();
    const flushed = bounded(this.journal.flush(), clock, SESSION_RULES.releaseMs, () => 'STORE_UNAVAILABLE');
    await flushed.catch(() => {
      log.warn({ unstored: this.journal.unstoredCount }, 'released unstored text: it will be heard again');
    });
    this.end({ close: true });
  }

  private onEnded(record: SessionRecord, answer: StopAnswer): void {
    this.answered = answer;
    for (const event of promotedResult(record)) this.seat.emit('result', event);
    const state = record.state === 'interrupted' ? 'interrupted' : 'completed';
    this.seat.emit('completed', { ...answer, sessionId: this.sessionId, state });
    this.end();
  }

  private onFenced(now: SessionRecord | null): void {
    if (this.over) return;
    const { tell, close } = partingOf(now, { epoch: this.record.epoch, clientId: this.clientId });
    this.deps.log.info({ state: now?.state, tell }, 'the session is not ours any more');
    if (tell) this.seat.tell(tell);
    this.end({ close });
  }

  private onAsrTrouble(failure: AsrFailure): void {
    this.deps.log.warn({ code: failure.code, reason: failure.reason }, 'the recogniser is away');
    if (isRetriable(failure.error)) this.seat.tell(failure.error);
    else this.onAsrFatal(failure);
  }

  /** What was recognised is kept, the open sentence too; what was not is a loss. */
  private onAsrFatal(failure: AsrFailure): void {
    this.deps.log.error({ code: failure.code, reason: failure.reason }, 'the recogniser refused');
    this.seat.tell(failure.error);
    this.relay.close();
    if (this.buffer.endPos > this.buffer.startPos)
      this.journal.lose(this.buffer.startPos, this.buffer.endPos, 'asr');
    this.ending.endPos = this.buffer.endPos;
    this.ending.drained();
    this.endAlone();
  }

  /** Ends the session although nobody asked for it. */
  private endAlone(): void {
    this.ending
      .finish('interrupted')
      .catch((error) => this.deps.log.warn({ err: error }, 'could not end a session'));
  }

  private end({ close } = { close: false }): void {
    if (this.over) return;
    this.over = true;
    this.seat.vacate({ close });
    this.relay.close();
    this.journal.close();
    this.cancelGrace?.();
    this.gauge.stop();
    this.ending.drained();
    this.watchers.changed();
    this.onOver(this);
  }
}
