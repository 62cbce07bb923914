import { isRetriable, VoiceError } from '../../../contract/errors.ts';
import { CLIENT_GRACE_MS } from '../../../contract/limits.ts';
import type { SessionRecord } from '../../../contract/records.ts';
import type { AudioFrame, SkipRequest, StopAnswer } from '../../../contract/stream.ts';
import type { AsrFailure, AsrParams } from '../asr/types.ts';
import { AudioBuffer } from '../upstream/audio-buffer.ts';
import { LevelMeter } from '../upstream/level-meter.ts';
import { Relay } from '../upstream/relay.ts';
import { Attachment } from './attachment.ts';
import { AudioInput } from './audio-input.ts';
import type { ClientSocket } from './client-socket.ts';
import { bounded } from './deferred.ts';
import { cancelRecord, SessionFinish } from './finish.ts';
import { FlowControl } from './flow-control.ts';
import { RecordWriter } from './record-writer.ts';
import { resendMissed } from './resend.ts';
import { SESSION_RULES } from './rules.ts';
import { Scribe } from './scribe.ts';
import { fenceOutcome } from './takeover.ts';
import { promotedResult, Transcript } from './transcript.ts';
import type { Attached, SessionDeps } from './types.ts';
import { Watchers } from './watchers.ts';

/**
 * One session while this instance owns it: audio comes in by position, goes through the relay, comes back as
 * sentences, is shown and stored. It knows no socket: doors hand it {@link ClientSocket}s.
 */
export class Session {
  readonly sessionId: string;
  readonly openid: string;
  private readonly deps: SessionDeps;
  private readonly onOver: (session: Session) => void;
  /** As claimed. */
  readonly record: SessionRecord;
  private readonly buffer: AudioBuffer;
  private readonly input: AudioInput;
  private readonly relay: Relay;
  private readonly writer: RecordWriter;
  private readonly transcript: Transcript;
  private readonly scribe: Scribe;
  private over = false;
  private readonly attachment: Attachment;
  private readonly flow: FlowControl;
  private cancelGrace: (() => void) | undefined;
  private answered: StopAnswer | undefined;
  private readonly finishing: SessionFinish;
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
    this.attachment = new Attachment(record._id, record.clientId);
    this.buffer = new AudioBuffer(record.committedPos);
    const levels = new LevelMeter(record.sampleRate, record.committedPos);
    this.input = new AudioInput(this.buffer, levels, clock);
    this.transcript = new Transcript(record, wordTimes);
    this.writer = new RecordWriter(deps, record, {
      stored: () => {
        this.flow.raise();
        this.watchers.changed();
      },
      fenced: (now) => this.onFenced(now),
      trouble: () => this.attachment.tell('STORE_UNAVAILABLE'),
      recovered: () => deps.log.info({}, 'the store answers again'),
    });
    this.scribe = new Scribe({
      transcript: this.transcript,
      writer: this.writer,
      attachment: this.attachment,
      buffer: this.buffer,
    });
    this.relay = new Relay(
      {
        connect: deps.connect,
        params,
        buffer: this.buffer,
        levels,
        clock,
        checkpoint: { pos: record.committedPos, overlap: record.overlap },
        ...(deps.relayRules && { rules: deps.relayRules }),
      },
      {
        interim: (placed) => this.scribe.interim(placed),
        final: (placed, at) => this.scribe.final(placed, at),
        checkpoint: (at) => this.writer.checkpoint(at),
        advanced: () => this.flow.raise(),
        trouble: (failure) => this.onAsrTrouble(failure),
        recovered: () => deps.log.info({}, 'the recogniser answers again'),
        fatal: (failure) => this.onAsrFatal(failure),
        drained: () => this.finishing.drained(),
      },
    );
    this.watchers = new Watchers(clock);
    this.finishing = new SessionFinish({
      ...deps,
      record,
      buffer: this.buffer,
      relay: this.relay,
      writer: this.writer,
      watchers: this.watchers,
      isOver: () => this.over,
      fenced: (now) => this.onFenced(now),
      ended: (now, answer) => this.onEnded(now, answer),
    });
    const { sessionId, buffer, writer, relay, attachment } = this;
    this.flow = new FlowControl({
      sessionId,
      rateHz: record.sampleRate,
      clock,
      buffer,
      writer,
      relay,
      attachment,
    });
  }

  get clientId(): string {
    return this.attachment.clientId;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** A socket takes the session's attachment, and with it the session from an earlier socket or another client. */
  attach(peer: ClientSocket, clientId: string, haveIndex: number): Attached {
    if (clientId !== this.attachment.clientId) this.writer.clientId(clientId);
    this.attachment.take(peer, clientId);
    this.cancelGrace?.();
    this.relay.warmUp();
    const { sessionId, transcript, deps } = this;
    const show = { sessionId, transcript, deps, isThere: () => this.attachment.holds(peer) };
    return {
      answer: this.flow.startAnswer(transcript.nextIndex),
      resendMissed: () => void resendMissed(peer, haveIndex, show),
    };
  }

  /** The socket is gone. The session waits for the client, or ends if it could not be resumed anyway. */
  detach(peer: ClientSocket): void {
    if (!this.attachment.leave(peer) || this.over) return;
    const resumable = !this.input.unpositioned && this.record.clientId !== '';
    if (!resumable && !this.finishing.isRunning) this.endAlone();
    this.awaitClient();
  }

  /** An end that is under way may still fail, so it is looked at again rather than trusted. */
  private awaitClient(): void {
    this.cancelGrace = this.deps.clock.after(CLIENT_GRACE_MS, () => {
      if (this.finishing.isRunning) this.awaitClient();
      else void this.release();
    });
  }

  isAttached(peer: ClientSocket): boolean {
    return this.attachment.holds(peer);
  }

  audio(peer: ClientSocket, frame: AudioFrame): void {
    if (!this.attachment.holds(peer) || this.over) return;
    const upTo = this.finishing.endPos;
    if (upTo !== undefined && this.buffer.endPos >= upTo) return;
    const { overflow } = this.input;
    const complaint = this.input.take(frame, this.flow.limitPos, upTo);
    if (complaint) peer.emit('error', { ...complaint, sessionId: this.sessionId });
    const dropped = this.input.overflow - overflow;
    if (dropped > 0) this.writer.lose(this.buffer.endPos, this.buffer.endPos + dropped, 'client-overflow');
    this.relay.pump();
    this.scribe.note();
    this.watchers.changed();
  }

  /** Audio that the client lost is a loss, and passed over: times stay true. @throws VoiceError BAD_REQUEST */
  skip(peer: ClientSocket, range: SkipRequest): { nextPos: number } {
    if (!this.attachment.holds(peer)) throw new VoiceError('NOT_STARTED');
    const fromPos = this.buffer.endPos;
    this.input.skip(range, this.record.sampleRate);
    if (this.buffer.endPos > fromPos) {
      this.writer.lose(fromPos, this.buffer.endPos, range.reason);
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
    return this.finishing.answer(endPos);
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
    this.attachment.emit('draining', { deadlineMs });
    const settled = () => this.over || (!this.relay.midSentence && this.writer.unstoredCount === 0);
    await this.watchers.when(() => settled() && (this.over || !this.finishing.isRunning), deadlineMs);
    await this.release();
  }

  /** Holds the record against ours: under another epoch, or ended without us, the session is let go. */
  check(now: SessionRecord | null): void {
    const ours = now?.epoch === this.record.epoch && (now.state === 'live' || this.finishing.isRunning);
    if (!ours) this.onFenced(now);
  }

  /** Lets go: what is known is written, the record stays live for the next owner. */
  private async release(): Promise<void> {
    if (this.over) return;
    const { clock, log } = this.deps;
    this.relay.close();
    this.scribe.note();
    const flushed = bounded(this.writer.flush(), clock, SESSION_RULES.releaseMs, () => 'STORE_UNAVAILABLE');
    await flushed.catch(() => {
      log.warn({ unstored: this.writer.unstoredCount }, 'released unstored text: it will be heard again');
    });
    this.end({ close: true });
  }

  private onEnded(record: SessionRecord, answer: StopAnswer): void {
    this.answered = answer;
    for (const event of promotedResult(record)) this.attachment.emit('result', event);
    const state = record.state === 'interrupted' ? 'interrupted' : 'completed';
    this.attachment.emit('completed', { ...answer, sessionId: this.sessionId, state });
    this.end();
  }

  private onFenced(now: SessionRecord | null): void {
    if (this.over) return;
    const { tell, close } = fenceOutcome(now, { epoch: this.record.epoch, clientId: this.clientId });
    this.deps.log.info({ state: now?.state, tell }, 'the session is not ours any more');
    if (tell) this.attachment.tell(tell);
    this.end({ close });
  }

  private onAsrTrouble(failure: AsrFailure): void {
    this.deps.log.warn({ code: failure.code, reason: failure.reason }, 'the recogniser is away');
    if (isRetriable(failure.error)) this.attachment.tell(failure.error);
    else this.onAsrFatal(failure);
  }

  /** What was recognised is kept, the open sentence too; what was not is a loss. */
  private onAsrFatal(failure: AsrFailure): void {
    this.deps.log.error({ code: failure.code, reason: failure.reason }, 'the recogniser refused');
    this.attachment.tell(failure.error);
    this.relay.close();
    if (this.buffer.endPos > this.buffer.startPos)
      this.writer.lose(this.buffer.startPos, this.buffer.endPos, 'asr');
    this.finishing.endPos = this.buffer.endPos;
    this.finishing.drained();
    this.endAlone();
  }

  /** Ends the session although nobody asked for it. */
  private endAlone(): void {
    this.finishing
      .finish('interrupted')
      .catch((error) => this.deps.log.warn({ err: error }, 'could not end a session'));
  }

  private end({ close } = { close: false }): void {
    if (this.over) return;
    this.over = true;
    this.attachment.vacate({ close });
    this.relay.close();
    this.writer.close();
    this.cancelGrace?.();
    this.flow.stop();
    this.finishing.drained();
    this.watchers.changed();
    this.onOver(this);
  }
}
