import type { WireError } from '../../contract/errors.ts';
import { CLIENT_RING_MS, msToSamples, samplesToMs } from '../../contract/limits.ts';
import type { Loss } from '../../contract/records.ts';
import type { ErrorEvent, ProgressEvent, StartAnswer, StopAnswer } from '../../contract/stream.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ContainerConnection, Port } from './container-connection.ts';
import { InactivityTimer, StaleInstanceCheck } from './liveness.ts';
import { readWireError } from './local-errors.ts';
import { LossLedger } from './losses.ts';
import { type ErrorOrigin, NOTHING_TO_DELIVER, retryActionOf, WAITS } from './retry.ts';
import { AudioRing, type Range } from './ring.ts';
import { Sender } from './sender.ts';
import {
  EMPTY_TRANSCRIPT,
  finished,
  knownUpTo,
  resumed,
  type Transcript,
  withResult,
  withSettled,
} from './transcript.ts';
import {
  readCompleted,
  readDraining,
  readNextPos,
  readProgress,
  readResult,
  readStartAnswer,
  readStopAnswer,
  type StreamIdentity,
  startRequest,
} from './wire.ts';

/** What the recording is heading for. Only the first takes audio. */
export type Intent = 'record' | 'stop' | 'cancel';

export interface StreamHandlers {
  /** The container took the session on this connection. */
  accepted(): void;
  /** All is recognised and stored. */
  completed(answer: StopAnswer): void;
  cancelled(): void;
  /** The container goes on by itself, but people may want to know. */
  warning(error: WireError): void;
  linesChanged(): void;
  numbersChanged(): void;
  lost(loss: Loss): void;
}

export interface StreamDeps {
  clock: Clock;
  /** Reconnects, drains or fails as the container's answers require. */
  connection: Pick<ContainerConnection, 'refused' | 'draining' | 'reconnect' | 'worked'>;
}

/**
 * Where the protocol stands on the present connection. `starting`: `start` went out; `streaming`: it was answered;
 * `closing`: `stop` or `cancel` went out.
 */
type Phase = 'offline' | 'starting' | 'streaming' | 'closing';

/**
 * One recording: its audio, its text, and the requests to the container. It outlives connections (`attach`, `detach`).
 */
export class Stream {
  readonly identity: StreamIdentity;
  readonly #handlers: StreamHandlers;
  readonly ring: AudioRing;
  readonly #losses: LossLedger;
  readonly #sender: Sender;
  readonly #inactivity: InactivityTimer;
  readonly #stale = new StaleInstanceCheck();
  readonly #connection: StreamDeps['connection'];
  #transcript: Transcript = EMPTY_TRANSCRIPT;
  #phase: Phase = 'offline';
  #port: Port | null = null;
  #intent: Intent = 'record';
  #endPos = 0;
  /** A `start` went out some time. */
  #known = false;
  /** Why audio before the ring is missing. */
  #missingReason: Loss['reason'] = 'client-overflow';
  #takeOver = false;

  constructor(identity: StreamIdentity, deps: StreamDeps, handlers: StreamHandlers, ring?: AudioRing) {
    const { clock, connection } = deps;
    this.identity = identity;
    this.#connection = connection;
    this.#handlers = handlers;
    this.ring = ring ?? new AudioRing(identity.rateHz, msToSamples(CLIENT_RING_MS, identity.rateHz));
    this.#losses = new LossLedger(identity.rateHz);
    this.#sender = new Sender(this.ring, identity.rateHz, clock);
    this.#inactivity = new InactivityTimer(clock, () => connection.reconnect('silent'));
  }

  /** A recording of an earlier run of the app: nothing is added to it, it only comes to its end. */
  static restored(
    identity: StreamIdentity,
    deps: StreamDeps,
    handlers: StreamHandlers,
    past: { ring: AudioRing; endPos: number },
  ): Stream {
    const stream = new Stream(identity, deps, handlers, past.ring);
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

  /** As pages show it, ms. */
  get numbers(): { recordedMs: number; bufferedMs: number; losses: Loss[] } {
    const { rateHz } = this.identity;
    const unreceived = this.ring.endPos - Math.max(this.#sender.receivedPos, this.ring.startPos);
    return {
      recordedMs: samplesToMs(this.endPos, rateHz),
      bufferedMs: samplesToMs(Math.max(0, unreceived), rateHz),
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
    if (this.#phase === 'streaming' || this.#phase === 'closing') this.#askCancel();
  }

  /** The next `start` may take the session from another client. */
  takeOver(): void {
    this.#takeOver = true;
  }

  /** Begins or resumes on a fresh connection. Nothing else is sent before the answer. */
  attach(port: Port): void {
    this.#port = port;
    this.#phase = 'starting';
    const resume = { haveIndex: knownUpTo(this.#transcript), takeOver: this.#takeOver };
    const request = startRequest(this.identity, this.#known ? resume : undefined);
    this.#known = true;
    this.#request('start', [request], WAITS.START_MS, readStartAnswer, (answer) => this.#begin(answer));
  }

  /** The connection is lost; audio is kept in the ring from now on. */
  detach(): void {
    this.#port = null;
    this.#phase = 'offline';
    this.#sender.close();
    this.#inactivity.stop();
  }

  /** An event of the present connection. */
  event(name: string, payload: unknown): void {
    const { sessionId } = this.identity;
    this.#inactivity.stop();
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
      this.#connection.draining(readDraining(payload));
    } else if (name === 'error') {
      this.#errorEvent(payload);
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
    if (moved) this.#connection.worked();
    this.#handlers.numbersChanged();
  }

  #forget(committedPos: number): void {
    this.#stale.committed(committedPos);
    this.ring.forget(committedPos);
  }

  #begin(answer: StartAnswer): void {
    if (this.#stale.isStale(answer, this.#transcript.settledIndex)) {
      this.#connection.reconnect('stale');
      return;
    }
    const nextPos = Math.max(answer.nextPos, answer.committedPos);
    const limitPos = Math.max(answer.limitPos, nextPos);
    this.#takeOver = false;
    this.#phase = 'streaming';
    // Further than this phone ever recorded: another device went on with the session, or an earlier run of this app.
    if (nextPos > this.ring.endPos) this.ring.rebase(nextPos);
    this.#forget(answer.committedPos);
    this.#show(resumed(this.#transcript, answer.nextIndex, answer.settledIndex));
    if (answer.state === 'live') {
      const maxFrameBytes = answer.limits?.maxFrameBytes ?? Number.POSITIVE_INFINITY;
      const port = {
        audio: (pos: number, pcm: ArrayBuffer) => this.#port?.emit('audio', pos, pcm),
        skip: (range: Range) => this.#skip(range),
      };
      this.#sender.open(port, { nextPos, limitPos, maxFrameBytes });
    } else {
      this.#sender.progress(nextPos, limitPos);
    }
    if (this.#intent === 'stop') this.#sender.end(this.endPos);
    this.#handlers.accepted();
    this.#handlers.numbersChanged();
    // A listener may have left.
    if (!this.#port) return;
    if (this.#intent === 'cancel') this.#askCancel();
    else if (answer.state !== 'live') this.#endedElsewhere(nextPos);
    else this.#pump();
  }

  /** It had ended before: what the container has not received by now it never will. */
  #endedElsewhere(nextPos: number): void {
    this.#intent = 'stop';
    if (this.endPos > nextPos) this.#lose({ fromPos: nextPos, toPos: this.endPos }, 'client-gap');
    this.#askStop(nextPos);
  }

  #pump(): void {
    if (this.#phase !== 'streaming' && this.#phase !== 'closing') return;
    this.#sender.pump();
    if (this.#phase === 'streaming' && this.#intent === 'stop' && this.#sender.done)
      this.#askStop(this.endPos);
    if (this.#phase === 'closing') this.#inactivity.expect(WAITS.STOP_SILENCE_MS);
    else if (this.#sender.expecting) this.#inactivity.expect(WAITS.SILENCE_MS);
  }

  #askStop(endPos: number): void {
    this.#phase = 'closing';
    this.#request('stop', [{ endPos }], WAITS.STOP_MS, readStopAnswer, (answer) => this.#end(answer));
  }

  #askCancel(): void {
    this.#phase = 'closing';
    this.#sender.close();
    this.#inactivity.expect(WAITS.SILENCE_MS);
    const done = () => this.#handlers.cancelled();
    this.#request('cancel', [], WAITS.STOP_MS, (answer) => answer ?? true, done);
  }

  #skip(range: Range): void {
    const reason = range.toPos <= this.ring.startPos ? this.#missingReason : 'client-gap';
    this.#lose(range, reason);
    this.#request('skip', [{ ...range, reason }], WAITS.START_MS, readNextPos, (nextPos) => {
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
    this.#handlers.completed(answer);
  }

  #show(transcript: Transcript): void {
    if (transcript === this.#transcript) return;
    this.#transcript = transcript;
    this.#handlers.linesChanged();
  }

  /** An `error` event. */
  #errorEvent(payload: unknown): void {
    const error = readWireError(payload);
    const { sessionId, nextPos } = (payload ?? {}) as Partial<ErrorEvent>;
    if (!error || (sessionId !== undefined && sessionId !== this.identity.sessionId)) return;
    const action = retryActionOf(error, 'stream');
    const rewinds = action === 'rewind' || action === 'wait';
    if (action === 'warn') this.#handlers.warning(error);
    else if (!rewinds) this.#connection.refused(error, 'stream');
    else if (typeof nextPos !== 'number') this.#connection.reconnect(error.code);
    else if (action === 'rewind') this.#sender.rewind(nextPos);
    else this.#sender.wait(nextPos);
  }

  /** Asks the container. @param read null for what is no answer. @param done gets what it read */
  #request<T>(
    event: string,
    args: unknown[],
    timeoutMs: number,
    read: (answer: unknown) => T | null,
    done: (answer: T) => void,
  ): void {
    this.#port?.request(event, args, timeoutMs, (outcome) => {
      this.#inactivity.stop();
      const answer = outcome.answered ? outcome.answer : undefined;
      const refusal = readWireError((answer as { error?: unknown } | null | undefined)?.error);
      const value = outcome.answered && !refusal ? read(answer) : null;
      if (value !== null) done(value);
      else if (refusal) this.#refused(refusal, event === 'start' ? 'start' : 'request');
      else this.#connection.reconnect(`${event} ${outcome.answered ? 'unreadable' : 'timeout'}`);
    });
  }

  #refused(error: WireError, origin: ErrorOrigin): void {
    const gone = this.#intent === 'cancel' && NOTHING_TO_DELIVER.has(error.code);
    if (gone) this.#handlers.cancelled();
    else this.#connection.refused(error, origin);
  }
}
