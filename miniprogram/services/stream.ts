import type { WireError } from '../../contract/errors.ts';
import { CLIENT_RING_MS, msToSamples, samplesToMs } from '../../contract/limits.ts';
import type { Loss } from '../../contract/records.ts';
import type { ErrorEvent, ProgressEvent, StartAnswer, StopAnswer } from '../../contract/stream.ts';
import type { Clock } from '../../lib/clock.ts';
import { Conversation } from './conversation.ts';
import { readWireError } from './local-errors.ts';
import { LossLedger } from './losses.ts';
import { type During, NOTHING_TO_DELIVER, verdictOf, WAITS } from './retry.ts';
import { AudioRing, type Range } from './ring.ts';
import { Sender } from './sender.ts';
import { StaleGuard } from './stale-guard.ts';
import type { Intent, StreamHandlers, StreamIdentity } from './stream.types.ts';
import {
  EMPTY_TRANSCRIPT,
  finished,
  knownUpTo,
  resumed,
  type Transcript,
  withResult,
  withSettled,
} from './transcript.ts';
import type { Connection } from './transport.ts';
import { Watchdog } from './watchdog.ts';
import {
  readCompleted,
  readDraining,
  readNextPos,
  readProgress,
  readResult,
  readStartAnswer,
  readStopAnswer,
  startRequest,
} from './wire.ts';

/**
 * One recording: its audio, its text, and the conversation with the container. It outlives connections (`attach`, `detach`).
 */
export class Stream {
  readonly identity: StreamIdentity;
  readonly #handlers: StreamHandlers;
  readonly ring: AudioRing;
  readonly #losses: LossLedger;
  readonly #sender: Sender;
  readonly #watchdog: Watchdog;
  readonly #guard = new StaleGuard();
  #transcript: Transcript = EMPTY_TRANSCRIPT;
  readonly #talk: Conversation;
  #intent: Intent = 'record';
  #endPos = 0;
  /** A `start` went out some time. */
  #known = false;
  /** Why audio before the ring is missing. */
  #missingReason: Loss['reason'] = 'client-overflow';
  #takeOver = false;
  /** `start` was answered on this connection. */
  #open = false;
  /** `stop` or `cancel` went out on this connection. */
  #asked = false;

  constructor(identity: StreamIdentity, clock: Clock, handlers: StreamHandlers, ring?: AudioRing) {
    this.identity = identity;
    this.#handlers = handlers;
    this.ring = ring ?? new AudioRing(identity.rateHz, msToSamples(CLIENT_RING_MS, identity.rateHz));
    this.#losses = new LossLedger(identity.rateHz);
    this.#sender = new Sender(this.ring, identity.rateHz, clock);
    this.#watchdog = new Watchdog(clock, () => this.#handlers.broken('silent'));
    this.#talk = new Conversation({
      heard: () => this.#watchdog.calm(),
      refused: (error, event) => this.#refused(error, event === 'start' ? 'start' : 'request'),
      broken: (reason) => this.#handlers.broken(reason),
    });
  }

  /** A recording of an earlier run of the app: nothing is added to it, it only comes to its end. */
  static restored(
    identity: StreamIdentity,
    clock: Clock,
    handlers: StreamHandlers,
    past: { ring: AudioRing; endPos: number },
  ): Stream {
    const stream = new Stream(identity, clock, handlers, past.ring);
    stream.#known = true;
    stream.#missingReason = 'client-gap';
    stream.#endPos = Math.max(past.endPos, past.ring.endPos);
    return stream;
  }

  get transcript(): Transcript {
    return this.#transcript;
  }
  get intent(): Intent {
    return this.#intent;
  }
  /** The container may have it. */
  get known(): boolean {
    return this.#known;
  }
  /** Where the recording ends, or has come to so far. */
  get endPos(): number {
    return Math.max(this.#endPos, this.ring.endPos);
  }

  /** For people, ms. */
  get numbers(): { recordedMs: number; bufferedMs: number; losses: Loss[] } {
    const { rateHz } = this.identity;
    const unheard = this.ring.endPos - Math.max(this.#sender.receivedPos, this.ring.startPos);
    return {
      recordedMs: samplesToMs(this.endPos, rateHz),
      bufferedMs: samplesToMs(Math.max(0, unheard), rateHz),
      losses: this.#losses.list(this.#sender.missing),
    };
  }

  push(pcm: ArrayBuffer): void {
    if (this.#intent !== 'record') return;
    this.ring.append(pcm);
    this.#pump();
    this.#handlers.numbersChanged();
  }

  stop(): void {
    if (this.#intent !== 'record') return;
    this.#intent = 'stop';
    this.#sender.end(this.endPos);
    this.#pump();
  }

  cancel(): void {
    this.#intent = 'cancel';
    this.#asked = false;
    if (this.#open) this.#askCancel();
  }

  /** The next `start` may take the session from another client. */
  takeOver(): void {
    this.#takeOver = true;
  }

  /** Begins or resumes on a fresh connection. Nothing else is sent before the answer. */
  attach(connection: Connection): void {
    this.#talk.use(connection);
    this.#asked = false;
    const resume = { haveIndex: knownUpTo(this.#transcript), takeOver: this.#takeOver };
    const request = startRequest(this.identity, this.#known ? resume : undefined);
    this.#known = true;
    this.#talk.ask('start', [request], WAITS.START_MS, readStartAnswer, (answer) => this.#begin(answer));
  }

  /** The connection is gone; audio is kept from now on. */
  detach(): void {
    this.#talk.use(null);
    this.#open = false;
    this.#sender.close();
    this.#watchdog.calm();
  }

  /** An event of the present connection. */
  event(name: string, payload: unknown): void {
    const { sessionId } = this.identity;
    this.#watchdog.calm();
    if (name === 'result') {
      const result = readResult(payload, sessionId);
      if (result) this.#show(withResult(this.#transcript, result));
    } else if (name === 'progress') {
      const progress = readProgress(payload, sessionId);
      if (progress) this.#progress(progress);
    } else if (name === 'completed') {
      const answer = readStopAnswer(readCompleted(payload, sessionId));
      if (answer) this.#end(answer);
    } else if (name === 'draining') {
      this.#handlers.leaving(readDraining(payload));
    } else if (name === 'error') {
      this.#trouble(payload);
    }
    this.#pump();
  }

  #progress({ nextPos, committedPos, limitPos, settledIndex }: ProgressEvent): void {
    const moved =
      nextPos > this.#sender.receivedPos ||
      committedPos > this.ring.startPos ||
      settledIndex > this.#transcript.settledIndex;
    this.#forget(committedPos);
    this.#sender.progress(nextPos, limitPos);
    this.#show(withSettled(this.#transcript, settledIndex));
    if (moved) this.#handlers.worked();
    this.#handlers.numbersChanged();
  }

  #forget(committedPos: number): void {
    this.#guard.told(committedPos);
    this.ring.forget(committedPos);
  }

  #begin(answer: StartAnswer): void {
    if (this.#guard.leaves(answer, this.#transcript.settledIndex)) {
      this.#handlers.broken('stale');
      return;
    }
    const nextPos = Math.max(answer.nextPos, answer.committedPos);
    const limitPos = Math.max(answer.limitPos, nextPos);
    this.#takeOver = false;
    this.#open = true;
    // Further than this phone ever recorded: another device went on with the session, or an earlier run of this app.
    if (nextPos > this.ring.endPos) this.ring.rebase(nextPos);
    this.#forget(answer.committedPos);
    this.#show(resumed(this.#transcript, answer.nextIndex, answer.settledIndex));
    if (answer.state === 'live') {
      const maxFrameBytes = answer.limits?.maxFrameBytes ?? Number.POSITIVE_INFINITY;
      const port = {
        audio: (pos: number, pcm: ArrayBuffer) => this.#talk.emit('audio', pos, pcm),
        skip: (range: Range) => this.#skip(range),
      };
      this.#sender.open(port, { nextPos, limitPos, maxFrameBytes });
    } else {
      this.#sender.progress(nextPos, limitPos);
    }
    if (this.#intent === 'stop') this.#sender.end(this.endPos);
    this.#handlers.taken();
    this.#handlers.numbersChanged();
    if (!this.#open) return;
    if (this.#intent === 'cancel') this.#askCancel();
    else if (answer.state !== 'live') this.#endedElsewhere(nextPos);
    else this.#pump();
  }

  /** It had ended before: what the container has not heard by now it never will. */
  #endedElsewhere(nextPos: number): void {
    this.#intent = 'stop';
    if (this.endPos > nextPos) this.#lose({ fromPos: nextPos, toPos: this.endPos }, 'client-gap');
    this.#askStop(nextPos);
  }

  #pump(): void {
    if (!this.#open) return;
    this.#sender.pump();
    if (this.#intent === 'stop' && this.#sender.done && !this.#asked) this.#askStop(this.endPos);
    if (this.#asked) this.#watchdog.expect(WAITS.STOP_SILENCE_MS);
    else if (this.#sender.expecting) this.#watchdog.expect(WAITS.SILENCE_MS);
  }

  #askStop(endPos: number): void {
    this.#asked = true;
    this.#talk.ask('stop', [{ endPos }], WAITS.STOP_MS, readStopAnswer, (answer) => this.#end(answer));
  }

  #askCancel(): void {
    this.#asked = true;
    this.#sender.close();
    this.#watchdog.expect(WAITS.SILENCE_MS);
    const done = () => this.#handlers.cancelled();
    this.#talk.ask('cancel', [], WAITS.STOP_MS, (answer) => answer ?? true, done);
  }

  #skip(range: Range): void {
    const reason = range.toPos <= this.ring.startPos ? this.#missingReason : 'client-gap';
    this.#lose(range, reason);
    this.#talk.ask('skip', [{ ...range, reason }], WAITS.START_MS, readNextPos, (nextPos) => {
      this.#sender.skipped(nextPos);
      this.#pump();
    });
  }

  #lose(range: Range, reason: Loss['reason']): void {
    const loss = this.#losses.add(range, reason);
    if (loss) this.#handlers.lost(loss);
  }

  #end(answer: StopAnswer): void {
    this.#show(finished(this.#transcript));
    this.#handlers.ended(answer);
  }

  #show(transcript: Transcript): void {
    if (transcript === this.#transcript) return;
    this.#transcript = transcript;
    this.#handlers.linesChanged();
  }

  /** An `error` event. */
  #trouble(payload: unknown): void {
    const error = readWireError(payload);
    const { sessionId, nextPos } = (payload ?? {}) as Partial<ErrorEvent>;
    if (!error || (sessionId !== undefined && sessionId !== this.identity.sessionId)) return;
    const verdict = verdictOf(error, 'stream');
    const rewinds = verdict === 'rewind' || verdict === 'wait';
    if (verdict === 'note') this.#handlers.noted(error);
    else if (!rewinds) this.#handlers.refused(error, 'stream');
    else if (typeof nextPos !== 'number') this.#handlers.broken(error.code);
    else if (verdict === 'rewind') this.#sender.rewind(nextPos);
    else this.#sender.wait(nextPos);
  }

  #refused(error: WireError, during: During): void {
    const gone = this.#intent === 'cancel' && NOTHING_TO_DELIVER.has(error.code);
    if (gone) this.#handlers.cancelled();
    else this.#handlers.refused(error, during);
  }
}
