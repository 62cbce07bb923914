import type { WireError } from '../../../contract/errors.ts';
import { CLIENT_RING_MS, msToSamples, samplesToMs } from '../../../contract/limits.ts';
import type { Loss } from '../../../contract/records.ts';
import type { ErrorEvent, ProgressEvent, StartAnswer, StopAnswer } from '../../../contract/stream.ts';
import type { Clock } from '../../../lib/clock.ts';
import { stateTable } from '../../../lib/state-table.ts';
import type { Channel, ContainerConnection } from './container-connection.ts';
import { InactivityTimer, StaleInstanceCheck } from './liveness.ts';
import { readWireError } from './local-errors.ts';
import { LossList } from './losses.ts';
import { type ErrorOrigin, retryActionOf, TIMEOUTS, UNRECOVERABLE_CODES } from './retry.ts';
import { AudioRing, type Range } from './ring.ts';
import { Sender, type SenderOutput } from './sender.ts';
import {
  EMPTY_TRANSCRIPT,
  lastContiguousIndex,
  type Transcript,
  withCompletion,
  withResult,
  withResume,
  withSettled,
} from './transcript.ts';
import type { QueueStatus, VoiceStatus } from './voice-session.types.ts';
import {
  readCompleted,
  readDraining,
  readNextPos,
  readProgress,
  readQueue,
  readResult,
  readStartAnswer,
  readStopAnswer,
  type StreamIdentity,
  startRequest,
  takes,
} from './wire.ts';

/** How the recording is to end. Audio is taken only while it is `record`. */
export type Intent = 'record' | 'stop' | 'cancel';

export interface StreamHandlers {
  /** The container answered `start` on this connection. */
  accepted(): void;
  /** All is recognised and stored. */
  completed(answer: StopAnswer): void;
  cancelled(): void;
  /** An error that the container recovers from by itself; shown to the user. */
  warning(error: WireError): void;
  linesChanged(): void;
  numbersChanged(): void;
  lost(loss: Loss): void;
}

export interface StreamDeps {
  clock: Clock;
  /** Reconnects, drains or fails as the container's answers require. */
  connection: Pick<ContainerConnection, 'refused' | 'draining' | 'reconnect' | 'worked'>;
  /** Most audio that the phone keeps, ms; undefined: {@link CLIENT_RING_MS}. */
  ringMs?: number | undefined;
}

/**
 * Progress of the protocol on the present connection. `starting`: `start` was sent; `streaming`: it was answered; `closing`:
 * `stop` or `cancel` was sent.
 */
type StreamState = 'offline' | 'starting' | 'streaming' | 'closing';
/**
 * `attach`: connected, `start` is sent. `accepted`: `start` was answered. `stop`: everything was sent, so `stop` may be. `cancel`:
 * the recording is cancelled. `detach`: the connection is lost or given up.
 */
type StreamEvent = 'attach' | 'accepted' | 'stop' | 'cancel' | 'detach';

// biome-ignore format: read as a table
export const STREAM_TABLE = stateTable<StreamState, StreamEvent, StreamState | 'none'>(
            ['offline',  'starting',  'streaming', 'closing'], {
  attach:   ['starting', 'starting',  'starting',  'starting'],
  accepted: ['none',     'streaming', 'none',      'none'],
  stop:     ['none',     'none',      'closing',   'none'],
  // Not sent before `start` is answered: the intent is kept, and sent after the answer.
  cancel:   ['none',     'none',      'closing',   'closing'],
  detach:   ['offline',  'offline',   'offline',   'offline'],
});

/** One recording: its audio, its text, and the requests to the container. It survives connections (`attach`, `detach`). */
export class Stream {
  readonly identity: StreamIdentity;
  readonly #handlers: StreamHandlers;
  readonly ring: AudioRing;
  readonly #losses: LossList;
  readonly #sender: Sender;
  readonly #inactivity: InactivityTimer;
  readonly #stale = new StaleInstanceCheck();
  readonly #connection: StreamDeps['connection'];
  #transcript: Transcript = EMPTY_TRANSCRIPT;
  #state: StreamState = 'offline';
  #channel: Channel | null = null;
  #intent: Intent = 'record';
  #endPos = 0;
  #startSent = false;
  /** Reason of the loss of audio that has left the ring before the container received it. */
  #missingReason: Loss['reason'] = 'client-overflow';
  #takeOver = false;
  #everAccepted = false;
  #queue: QueueStatus | null = null;
  /** Audio that the recogniser has not been sent, samples, at the newest `progress`. */
  #lag = 0;

  constructor(identity: StreamIdentity, deps: StreamDeps, handlers: StreamHandlers, ring?: AudioRing) {
    const { clock, connection, ringMs = CLIENT_RING_MS } = deps;
    this.identity = identity;
    this.#connection = connection;
    this.#handlers = handlers;
    this.ring = ring ?? new AudioRing(identity.rateHz, msToSamples(ringMs, identity.rateHz));
    this.#losses = new LossList(identity.rateHz);
    this.#sender = new Sender(this.ring, identity.rateHz, clock);
    this.#inactivity = new InactivityTimer(clock, () => connection.reconnect('silent'));
  }

  /** A recording that an earlier run of the app has saved: no audio is added, what is missing is sent, and it is ended. */
  static restored(
    identity: StreamIdentity,
    deps: StreamDeps,
    handlers: StreamHandlers,
    past: { ring: AudioRing; endPos: number },
  ): Stream {
    const stream = new Stream(identity, deps, handlers, past.ring);
    stream.#startSent = true;
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
  get state(): StreamState {
    return this.#state;
  }
  /** Whether a `start` was ever sent, so that the container may have the session. */
  get startSent(): boolean {
    return this.#startSent;
  }
  /** Position behind the last sample recorded so far. */
  get endPos(): number {
    return Math.max(this.#endPos, this.ring.endPos);
  }

  /** For `VoiceStatus`; times in ms. */
  get numbers(): Pick<VoiceStatus, 'recordedMs' | 'bufferedMs' | 'lagMs' | 'losses' | 'link' | 'queue'> {
    const { rateHz } = this.identity;
    const unreceived = this.ring.endPos - Math.max(this.#sender.receivedPos, this.ring.startPos);
    return {
      recordedMs: samplesToMs(this.endPos, rateHz),
      bufferedMs: samplesToMs(Math.max(0, unreceived), rateHz),
      lagMs: samplesToMs(this.#lag, rateHz),
      losses: this.#losses.list(this.#sender.missing),
      link: this.#link,
      queue: this.#queue,
    };
  }

  get #link(): VoiceStatus['link'] {
    if (this.#state === 'streaming' || this.#state === 'closing') return 'up';
    return this.#everAccepted ? 'down' : 'connecting';
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
    this.#sendCancel();
  }

  /** The next `start` may take the session from another client. */
  takeOver(): void {
    this.#takeOver = true;
  }

  /** Starts or resumes the session on a new connection. Nothing else is sent before the answer. */
  attach(channel: Channel): void {
    this.#channel = channel;
    this.#apply('attach');
    const resume = { haveIndex: lastContiguousIndex(this.#transcript), takeOver: this.#takeOver };
    const request = startRequest(this.identity, this.#startSent ? resume : undefined);
    this.#startSent = true;
    this.#request('start', [request], TIMEOUTS.START_MS, readStartAnswer, (answer) => this.#started(answer));
  }

  /** The connection is lost or given up; audio stays in the ring from now on. */
  detach(): void {
    this.#channel = null;
    this.#apply('detach');
    this.#queue = null;
    this.#lag = 0;
    this.#sender.close();
    this.#inactivity.stop();
  }

  /** An event of the present connection. */
  event(name: string, payload: unknown): void {
    const { sessionId } = this.identity;
    this.#inactivity.stop();
    if (name === 'result') {
      const result = readResult(payload, sessionId);
      if (result) {
        this.#setQueue(null);
        this.#setTranscript(withResult(this.#transcript, result));
      }
    } else if (name === 'progress') {
      const progress = readProgress(payload, sessionId);
      if (progress) this.#progress(progress);
    } else if (name === 'completed') {
      const answer = readStopAnswer(readCompleted(payload, sessionId));
      if (answer) this.#finish(answer);
    } else if (name === 'draining') {
      this.#connection.draining(readDraining(payload));
    } else if (name === 'queue') {
      // Place 0: a stream is free.
      const queue = readQueue(payload, sessionId);
      if (queue) this.#setQueue(queue.place === 0 ? null : queue);
    } else if (name === 'error') {
      this.#errorEvent(payload);
    }
    this.#pump();
  }

  #progress({ nextPos, committedPos, limitPos, settledIndex, hearingPos }: ProgressEvent): void {
    this.#lag = hearingPos === undefined ? 0 : Math.max(0, this.endPos - hearingPos);
    const moved =
      nextPos > this.#sender.receivedPos ||
      committedPos > this.ring.startPos ||
      settledIndex > this.#transcript.settledIndex;
    if (committedPos > this.ring.startPos) this.#setQueue(null);
    this.#forget(committedPos);
    this.#sender.progress(nextPos, limitPos);
    this.#setTranscript(withSettled(this.#transcript, settledIndex));
    if (moved) this.#connection.worked();
    this.#handlers.numbersChanged();
  }

  #forget(committedPos: number): void {
    this.#stale.committed(committedPos);
    this.ring.forget(committedPos);
  }

  /** `start` was answered. */
  #started(answer: StartAnswer): void {
    if (this.#stale.isStale(answer, this.#transcript.settledIndex)) {
      this.#connection.reconnect('stale');
      return;
    }
    const nextPos = Math.max(answer.nextPos, answer.committedPos);
    const limitPos = Math.max(answer.limitPos, nextPos);
    this.#takeOver = false;
    this.#everAccepted = true;
    this.#apply('accepted');
    // The container has more audio than this phone: another device, or an earlier run of this app, went on with the session.
    if (nextPos > this.ring.endPos) this.ring.rebase(nextPos);
    this.#forget(answer.committedPos);
    this.#setTranscript(withResume(this.#transcript, answer.nextIndex, answer.settledIndex));
    if (answer.state === 'live') {
      const maxFrameBytes = answer.limits?.maxFrameBytes ?? Number.POSITIVE_INFINITY;
      const output: SenderOutput = {
        audio: (pos, frame, encoding) =>
          this.#channel?.emit('audio', pos, frame, ...(encoding === 'pcm' ? [] : [encoding])),
        skip: (range) => this.#skip(range),
      };
      this.#sender.open(output, { nextPos, limitPos, maxFrameBytes, adpcm: takes(answer, 'adpcm') });
    } else {
      this.#sender.progress(nextPos, limitPos);
    }
    if (this.#intent === 'stop') this.#sender.end(this.endPos);
    this.#handlers.accepted();
    this.#handlers.numbersChanged();
    // A listener may have given the connection up.
    if (this.#state === 'offline') return;
    if (this.#intent === 'cancel') this.#sendCancel();
    else if (answer.state !== 'live') this.#endedElsewhere(nextPos);
    else this.#pump();
  }

  /** The session had ended before: audio that the container has not received by now is lost. */
  #endedElsewhere(nextPos: number): void {
    this.#intent = 'stop';
    if (this.endPos > nextPos) this.#lose({ fromPos: nextPos, toPos: this.endPos }, 'client-gap');
    this.#sendStop(nextPos);
  }

  #pump(): void {
    if (this.#state === 'offline' || this.#state === 'starting') return;
    this.#sender.pump();
    if (this.#intent === 'stop' && this.#sender.done) this.#sendStop(this.endPos);
    if (this.#state === 'closing') this.#inactivity.expect(TIMEOUTS.STOP_SILENCE_MS);
    else if (this.#sender.expecting) this.#inactivity.expect(TIMEOUTS.SILENCE_MS);
  }

  #sendStop(endPos: number): void {
    if (!this.#apply('stop')) return;
    this.#request('stop', [{ endPos }], TIMEOUTS.STOP_MS, readStopAnswer, (answer) => this.#finish(answer));
  }

  #sendCancel(): void {
    if (!this.#apply('cancel')) return;
    this.#sender.close();
    this.#inactivity.expect(TIMEOUTS.SILENCE_MS);
    const done = () => this.#handlers.cancelled();
    this.#request('cancel', [], TIMEOUTS.STOP_MS, (answer) => answer ?? true, done);
  }

  #skip(range: Range): void {
    const reason = range.toPos <= this.ring.startPos ? this.#missingReason : 'client-gap';
    this.#lose(range, reason);
    this.#request('skip', [{ ...range, reason }], TIMEOUTS.START_MS, readNextPos, (nextPos) => {
      this.#sender.skipped(nextPos);
      this.#pump();
    });
  }

  #lose(range: Range, reason: Loss['reason']): void {
    const loss = this.#losses.add(range, reason);
    if (loss) this.#handlers.lost(loss);
  }

  #finish(answer: StopAnswer): void {
    this.#setTranscript(withCompletion(this.#transcript));
    this.#handlers.completed(answer);
  }

  #setTranscript(transcript: Transcript): void {
    if (transcript === this.#transcript) return;
    this.#transcript = transcript;
    this.#handlers.linesChanged();
  }

  #setQueue(queue: QueueStatus | null): void {
    if (queue === null && this.#queue === null) return;
    this.#queue = queue;
    this.#handlers.numbersChanged();
  }

  /** The only place where the state changes, and the event is why. @returns false where the table gives it no effect */
  #apply(event: StreamEvent): boolean {
    const next = STREAM_TABLE.next(this.#state, event);
    if (next === 'none') return false;
    this.#state = next;
    return true;
  }

  /** An `error` event. */
  #errorEvent(payload: unknown): void {
    const error = readWireError(payload);
    const { sessionId, nextPos } = (payload ?? {}) as Partial<ErrorEvent>;
    if (!error || (sessionId !== undefined && sessionId !== this.identity.sessionId)) return;
    const action = retryActionOf(error, 'stream');
    if (error.code === 'ASR_BUSY') this.#setQueue({ place: null, waitMs: error.retryAfterMs ?? null });
    // With a position only frames that are not PCM are refused. On a new connection nothing that follows them is on its way.
    const unreadable = error.code === 'BAD_AUDIO' && typeof nextPos === 'number';
    const resends = action === 'rewind' || action === 'wait' || unreadable;
    if (unreadable) this.#sender.avoidAdpcm();
    if (action === 'warn') this.#handlers.warning(error);
    else if (!resends) this.#connection.refused(error, 'stream');
    else if (unreadable || typeof nextPos !== 'number') this.#connection.reconnect(error.code);
    else if (action === 'rewind') this.#sender.rewind(nextPos);
    else this.#sender.wait(nextPos);
  }

  /**
   * Sends a request. A refusal is handled as its code says; without an answer in time, or with an unreadable one, it reconnects.
   * @param read null where the answer is not what was asked for
   * @param done called with what `read` returned
   */
  #request<T>(
    event: string,
    args: unknown[],
    timeoutMs: number,
    read: (answer: unknown) => T | null,
    done: (answer: T) => void,
  ): void {
    this.#channel?.request(event, args, timeoutMs, (outcome) => {
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
    const nothingLeft = UNRECOVERABLE_CODES.has(error.code) && retryActionOf(error, origin) === 'fail';
    if (this.#intent === 'cancel' && nothingLeft) this.#handlers.cancelled();
    else this.#connection.refused(error, origin);
  }
}
