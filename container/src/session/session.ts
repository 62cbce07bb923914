import { isRetriable, VoiceError } from '../../../contract/errors.ts';
import { CLIENT_GRACE_MS } from '../../../contract/limits.ts';
import { checkpointOf, type Loss, type SessionRecord } from '../../../contract/records.ts';
import type { AudioFrame, SkipRequest, StopAnswer } from '../../../contract/stream.ts';
import { withTimeout } from '../../../lib/clock.ts';
import { Deferred } from '../../../lib/deferred.ts';
import type { AsrFailure, AsrParams } from '../asr/types.ts';
import { AudioBuffer } from '../upstream/audio-buffer.ts';
import { LevelMeter } from '../upstream/level-meter.ts';
import { Relay } from '../upstream/relay.ts';
import type { RelayChange } from '../upstream/relay-states.ts';
import { RELAY_RULES } from '../upstream/rules.ts';
import { sentenceOf } from '../upstream/sentence-head.ts';
import { AudioInput } from './audio-input.ts';
import { cancelRecord, completedEventOf, completeRecord, stopAnswerOf } from './finish.ts';
import { FlowControl } from './flow-control.ts';
import { RecordWriter } from './record-writer.ts';
import { SESSION_RULES } from './rules.ts';
import { SessionMetrics } from './session-metrics.ts';
import {
  isEnding,
  SESSION_TABLE,
  type SessionEvent,
  type SessionState,
  SessionTimers,
  STOP_TIMEOUT_CODES,
} from './states.ts';
import { AttachedClient, type ClientSocket, outcomeWhenFenced } from './takeover.ts';
import { promotedResult, resendMissed, Transcript } from './transcript.ts';
import type { AttachResult, SessionDeps } from './types.ts';

/**
 * One session while this instance owns it: audio comes in by position, goes through the relay, comes back as
 * sentences, is shown and stored. Knows no transport: it is given {@link ClientSocket}s.
 */
export class Session {
  private state: SessionState = 'live';
  /** As claimed. */
  readonly record: SessionRecord;
  private readonly deps: SessionDeps;
  private readonly onOver: (session: Session) => void;
  private readonly buffer: AudioBuffer;
  private readonly input: AudioInput;
  private readonly relay: Relay;
  private readonly writer: RecordWriter;
  private readonly transcript: Transcript;
  private readonly attachment: AttachedClient;
  private readonly flow: FlowControl;
  private readonly stats: SessionMetrics;
  /** All audio before it belongs to the session, samples; undefined until its end is asked for. */
  private endPos: number | undefined;
  private endAs: 'completed' | 'interrupted' = 'completed';
  private stopping: Deferred<StopAnswer> | undefined;
  private answered: StopAnswer | undefined;
  private readonly gone = new Deferred<void>();
  private readonly timers: SessionTimers;

  /** @param record the session as claimed: its epoch is ours */
  constructor(
    deps: SessionDeps,
    record: SessionRecord,
    params: AsrParams,
    wordTimes: boolean,
    onOver: (session: Session) => void,
  ) {
    const { clock, connect, admission, random, log } = deps;
    this.deps = deps;
    this.timers = new SessionTimers(clock, (event) => this.transition(event));
    this.onOver = onOver;
    this.record = record;
    const { _id: sessionId, sampleRate: rateHz, committedPos, overlap } = record;
    const head = checkpointOf(record);
    const resumePos = head?.pos ?? committedPos;
    const [buffer, levels] = [new AudioBuffer(resumePos), new LevelMeter(rateHz, resumePos)];
    this.buffer = buffer;
    this.stats = new SessionMetrics(deps.metrics, clock, rateHz);
    this.attachment = new AttachedClient(sessionId, record.clientId);
    this.input = new AudioInput({ buffer, levels, clock, rateHz, lost: (...loss) => this.lose(...loss) });
    this.writer = new RecordWriter(deps, record, {
      stored: () => {
        this.flow.raise();
        this.advance();
      },
      fenced: (now) => this.onFenced(now),
      unavailable: () => this.attachment.emitError('STORE_UNAVAILABLE'),
      available: () => log.info({}, 'the store answers again'),
    });
    this.transcript = new Transcript(record, wordTimes, this.writer, (event) => {
      this.attachment.emit('result', event);
      this.stats.shown(event);
    });
    const { relayRules: rules = RELAY_RULES, sentenceCheckpoints: findHeads = true } = deps;
    const audio = { params, buffer, levels, checkpoint: { pos: committedPos, overlap }, head, findHeads };
    this.relay = new Relay(
      { ...audio, connect, clock, admission, random, rules, log },
      {
        interim: (sentence) => this.transcript.interim(sentence),
        final: (sentence, at) => this.transcript.final(sentence, at),
        checkpoint: (at) => this.writer.checkpoint(at),
        head: (at) => this.writer.noteHead(at && { index: this.transcript.nextIndex, ...at }),
        unrecognised: (fromPos, toPos) => this.lose(fromPos, toPos, 'asr'),
        advanced: () => this.flow.raise(),
        unavailable: (failure) => this.onAsrUnavailable(failure),
        available: () => log.info({}, 'the recogniser answers again'),
        refused: (failure) => this.onAsrRefused(failure),
        drained: () => this.transition('drained'),
        queued: (place, waitMs) => this.attachment.emit('queue', { sessionId, place, waitMs }),
        stateChanged: (change) => this.onRelayChanged(change),
      },
    );
    if (head) this.transcript.interim(sentenceOf(head));
    const { writer, relay, attachment } = this;
    this.flow = new FlowControl({ sessionId, rateHz, clock, buffer, writer, relay, attachment });
  }

  get sessionId(): string {
    return this.record._id;
  }

  get openid(): string {
    return this.record._openid;
  }

  get clientId(): string {
    return this.attachment.clientId;
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** All audio before it has come, samples. */
  get nextPos(): number {
    return this.buffer.endPos;
  }

  /** What `stop` answered; undefined while the session goes on. */
  get stopAnswer(): StopAnswer | undefined {
    return this.answered;
  }

  isAttached(socket: ClientSocket): boolean {
    return this.attachment.holds(socket);
  }

  /** Before `attach` of another client. @throws VoiceError STORE_UNAVAILABLE, see {@link RecordWriter.nameClient} */
  reserveFor = (clientId: string): Promise<void> => this.writer.nameClient(clientId, this.clientId);

  /** From now on the session talks to `socket`; an earlier socket, or another client's, is let go. */
  attach(socket: ClientSocket, clientId: string, haveIndex: number): AttachResult {
    this.attachment.attach(socket, clientId);
    this.deps.log.info({ socket: socket.id }, 'client attached');
    this.timers.cancel('client');
    const { transcript, deps, relay } = this;
    const wasQueued = relay.turn.isQueued;
    relay.warmUp();
    const resend = () => resendMissed(socket, transcript, haveIndex, deps, () => this.isAttached(socket));
    return {
      answer: this.flow.startAnswer(transcript.nextIndex),
      resendMissed: () => void resend().then(() => wasQueued && relay.turn.repeatPosition()),
    };
  }

  /** The socket is gone. The session waits for the client, or ends if it could not be resumed anyway. */
  detach(socket: ClientSocket): void {
    if (!this.attachment.detach(socket) || this.isOver) return;
    this.stats.dropped();
    const resumable = !this.input.unpositioned && this.record.clientId !== '';
    if (!resumable) this.transition('abandoned');
    this.timers.set('client', CLIENT_GRACE_MS, 'clientGone');
  }

  audio(socket: ClientSocket, frame: AudioFrame): void {
    if (!this.attachment.holds(socket) || this.isOver) return;
    if (this.endPos !== undefined && this.buffer.endPos >= this.endPos) return;
    const fromPos = this.buffer.endPos;
    const refusal = this.input.take(frame, this.flow.limitPos, this.endPos);
    if (refusal) socket.emit('error', { ...refusal, sessionId: this.sessionId });
    else this.stats.received(fromPos, this.buffer.endPos);
    this.onInput();
  }

  /** Audio that the client lost is a loss, and passed over: times stay true. @throws VoiceError BAD_REQUEST, NOT_STARTED */
  skip(socket: ClientSocket, range: SkipRequest): { nextPos: number } {
    if (!this.attachment.holds(socket)) throw new VoiceError('NOT_STARTED');
    this.input.skip(range);
    this.onInput();
    return { nextPos: this.buffer.endPos };
  }

  /**
   * All audio up to `endPos` (default: what has come) is recognised and stored, then the session is completed.
   * However often it is asked, the answer is the same. The work goes on behind a retriable refusal.
   * @throws VoiceError AUDIO_GAP (audio below `endPos` never came), ASR_UNAVAILABLE, STORE_UNAVAILABLE (it takes
   * too long: ask again), SESSION_ENDED
   */
  async stop(endPos: number | undefined): Promise<StopAnswer> {
    if (this.answered) return this.answered;
    if (this.isOver) throw new VoiceError('SESSION_ENDED');
    this.stopping ??= new Deferred();
    const { promise } = this.stopping;
    this.endPos ??= endPos ?? this.buffer.endPos;
    this.transition('stop');
    const tooLong = () => new VoiceError(STOP_TIMEOUT_CODES[this.state] ?? 'STORE_UNAVAILABLE');
    return withTimeout(promise, this.deps.clock, SESSION_RULES.stopAnswerMs, tooLong);
  }

  /**
   * Ends the session without keeping anything. Until the store has taken it, the session goes on.
   * @throws VoiceError STORE_UNAVAILABLE (ask again), SESSION_ENDED
   */
  async cancel(): Promise<void> {
    try {
      await cancelRecord(this.deps, this.record, () => this.writer.writes, this.attachment);
      this.end('cancelled');
    } catch (error) {
      if (!(error instanceof VoiceError && error.retriable)) this.end('cancelled');
      throw error;
    }
  }

  /** Lets the session go at once; its record stays as it is. */
  discard(): void {
    this.end('cancelled');
  }

  /**
   * Gives the session to whichever instance the client meets next: at the next commit, or after `deadlineMs`.
   * @returns resolves when the session is over here
   */
  handOver(deadlineMs: number): Promise<void> {
    this.attachment.emit('draining', { deadlineMs });
    if (!this.timers.isSet('handOver')) this.timers.set('handOver', deadlineMs, 'deadline');
    this.transition('handOver');
    return this.gone.promise;
  }

  /** Compares the record as read with ours: under another epoch, or ended without us, the session is let go. */
  check(now: SessionRecord | null): void {
    const ours = now?.epoch === this.record.epoch && (now.state === 'live' || isEnding(this.state));
    if (!ours) this.onFenced(now);
  }

  /** The one place where the state changes. @returns whether the event had an effect */
  private transition(event: SessionEvent): boolean {
    const from = this.state;
    const to = SESSION_TABLE.next(from, event);
    if (to === 'none') return false;
    if (to !== 'stay') {
      this.state = to;
      this.deps.log.debug({ from, to, reason: event }, 'session');
    }
    this.effects[event]?.(from);
    return true;
  }

  /** What an event does where {@link SESSION_TABLE} says that it has an effect. */
  private readonly effects: Partial<Record<SessionEvent, (from: SessionState) => void>> = {
    handOver: () => {
      this.relay.hold();
      this.advance();
    },
    settled: () => void this.release(),
    deadline: () => void this.release(),
    stop: () => this.awaitAudio(),
    audioComplete: () => this.recognise('completed'),
    audioMissing: () => this.resumeAfterGap(),
    abandoned: () => this.recognise('interrupted'),
    clientGone: () => (this.state === 'releasing' ? void this.release() : this.limitFinish()),
    finishTimeout: (from) => (from === 'completing' ? void this.release() : this.giveUp(from)),
    refused: (from) => this.giveUp(from),
    drained: () => void this.complete(),
    completeFailed: () => void this.release(),
  };

  /** Takes the step for which everything is there now; called when audio has come and when text was stored. */
  private advance(): void {
    if (this.state === 'awaitingAudio' && this.buffer.endPos >= (this.endPos ?? 0))
      this.transition('audioComplete');
    else if (this.state === 'handingOver' && !this.relay.midSentence && this.writer.unstoredCount === 0)
      this.transition('settled');
  }

  /** The end was asked for and the client is gone: it is worked at for a while longer. */
  private limitFinish(): void {
    this.timers.set('client', SESSION_RULES.finishWithoutClientMs, 'finishTimeout');
  }

  private awaitAudio(): void {
    this.timers.set('audio', SESSION_RULES.missingAudioMs, 'audioMissing');
    this.advance();
  }

  private resumeAfterGap(): void {
    this.endPos = undefined;
    this.stopping?.reject(new VoiceError('AUDIO_GAP'));
    this.stopping = undefined;
    if (this.timers.isSet('handOver')) this.transition('handOver');
  }

  private recognise(endAs: 'completed' | 'interrupted'): void {
    this.timers.cancel('audio');
    this.endPos ??= this.buffer.endPos;
    this.endAs = endAs;
    this.relay.drain();
  }

  /** What is not recognised by now is a loss; what was recognised is kept, the open sentence too. */
  private giveUp(from: SessionState): void {
    this.relay.close();
    this.timers.cancel('audio');
    const endPos = this.nextPos;
    const { resumePos } = this.relay;
    if (endPos > resumePos) this.lose(resumePos, endPos, 'asr');
    this.endPos = endPos;
    // Interrupted, a session can be resumed by a client that still has the audio.
    if (from !== 'recognising' || !this.attachment.isAttached) this.endAs = 'interrupted';
    if (!this.attachment.isAttached) this.limitFinish();
    void this.complete();
  }

  private async complete(): Promise<void> {
    const { deps, record, buffer } = this;
    try {
      await this.writer.flush();
      // A heartbeat between the attempts to complete would change the number that they depend on.
      this.writer.close();
      const { storedSeq: writeSeq } = this.writer.writes;
      const session = { record, state: this.endAs, endPos: buffer.endPos, writeSeq };
      const ended = await completeRecord(deps, session, () => this.isOver);
      if (ended.fenced) this.onFenced(ended.record);
      else this.onCompleted(ended.record);
    } catch (error) {
      if (this.isOver) return;
      deps.log.error({ err: error }, 'could not complete the record');
      this.stopping?.reject(error);
      this.transition('completeFailed');
    }
  }

  /** What is known is written; the record stays live for the next owner. */
  private async release(): Promise<void> {
    const { clock, log } = this.deps;
    this.relay.close();
    const tooLong = () => new VoiceError('STORE_UNAVAILABLE');
    await withTimeout(this.writer.flush(), clock, SESSION_RULES.releaseMs, tooLong).catch(() => {
      log.warn({ unstored: this.writer.unstoredCount }, 'released unstored text: it will be heard again');
    });
    this.end('released', { close: true });
  }

  /** Nothing of the session goes on here. */
  private end(event: 'completed' | 'released' | 'cancelled' | 'fenced', { close } = { close: false }): void {
    if (!this.transition(event)) return;
    this.attachment.leave({ close });
    this.relay.close();
    this.writer.close();
    this.flow.stop();
    this.timers.cancel('client', 'audio', 'handOver');
    this.stopping?.reject(new VoiceError('SESSION_ENDED'));
    this.gone.resolve();
    this.deps.log.info({ ...this.stats.ended(event), heads: this.relay.headCounts }, 'session ended');
    this.onOver(this);
  }

  private lose(fromPos: number, toPos: number, reason: Loss['reason']): void {
    this.writer.lose(fromPos, toPos, reason);
    this.stats.lost(toPos - fromPos, reason);
    this.flow.raise();
  }

  private onInput(): void {
    this.relay.pump();
    this.writer.noteSamples(this.buffer.endPos);
    this.advance();
  }

  private onCompleted(record: SessionRecord): void {
    const answer = stopAnswerOf(record);
    this.answered = answer;
    for (const event of promotedResult(record)) this.attachment.emit('result', event);
    this.attachment.emit('completed', completedEventOf(record));
    this.stopping?.resolve(answer);
    this.end('completed');
  }

  private onFenced(now: SessionRecord | null): void {
    if (this.isOver) return;
    const { code, close } = outcomeWhenFenced(now, { epoch: this.record.epoch, clientId: this.clientId });
    this.deps.log.info({ state: now?.state, code }, 'the record is not ours any more');
    if (code) this.attachment.emitError(code);
    this.end('fenced', { close });
  }

  private onRelayChanged(change: RelayChange): void {
    this.deps.log.debug(change, 'relay');
    this.stats.relayChanged(change);
    if (change.to === 'streaming') this.deps.health.works('asr');
  }

  private onAsrUnavailable(failure: AsrFailure): void {
    this.deps.log.warn({ code: failure.code, reason: failure.reason }, 'the recogniser is unavailable');
    if (isRetriable(failure.error)) this.attachment.emitError(failure.error);
    else this.onAsrRefused(failure);
  }

  private onAsrRefused(failure: AsrFailure): void {
    const { code, reason, cause } = failure;
    this.deps.health.failed('asr', failure.error);
    this.deps.log.error({ code, reason, err: cause }, 'the recogniser refused');
    this.attachment.emitError(failure.error);
    this.transition('refused');
  }
}
