import { VoiceError } from '../../../contract/errors.ts';
import { msToSamples, type SampleRate, SILENCE_MARGIN_MS } from '../../../contract/limits.ts';
import { type Timer, type TimerClock, timerOn } from '../../../lib/timer.ts';
import type { AsrFailure, AsrSentence, ConnectAsr } from '../asr/types.ts';
import type { Log } from '../log.ts';
import type { UpstreamAdmission } from './admission.ts';
import { PendingConnection } from './pending-connection.ts';
import {
  type RecognitionDeps,
  type RecognitionHandlers,
  RecognitionProgress,
} from './recognition-progress.ts';
import { RELAY_TABLE, type RelayChange, type RelayEvent, type RelayState } from './relay-states.ts';
import { RetryPolicy, STALLED, StallDetector } from './retry.ts';
import { IDLE_TICK_MS, PROVEN_MS, type RelayRules } from './rules.ts';
import { durationMs, Pacer, UpstreamStream } from './stream.ts';
import { StreamTurn } from './stream-turn.ts';

export interface RelayHandlers extends RecognitionHandlers {
  /** Loud audio in this range was sent to two streams, and neither said anything about it. */
  unrecognised(fromPos: number, toPos: number): void;
  /** Audio was sent further ahead than before. */
  advanced(): void;
  /** Failures without progress. The relay goes on trying. */
  unavailable(failure: AsrFailure): void;
  /** Progress again after `unavailable`. */
  available(): void;
  /** Trying again is of no use: the relay is closed. */
  refused(failure: AsrFailure): void;
  /** After `drain`: all audio up to its end is settled, and the relay is closed. */
  drained(): void;
  /** The recogniser has no stream left: place in the queue, 0: it has one now; about how long it will take, ms. */
  queued(place: number, waitMs: number): void;
  stateChanged(change: RelayChange): void;
}

export interface RelayDeps extends RecognitionDeps {
  connect: ConnectAsr;
  clock: TimerClock;
  admission: UpstreamAdmission;
  /** In [0, 1). */
  random: () => number;
  rules: RelayRules;
  log: Log;
}

/**
 * Keeps the session's audio flowing to a recogniser through any number of upstream streams. A new stream begins at the
 * checkpoint, so what an old one had heard and not settled is heard again, and nothing that an old one still says
 * counts. Knows no sockets and no store: it is driven by its buffer, its clock and the recogniser.
 */
export class Relay {
  private state: RelayState = 'idle';
  /** The stream that counts; there is one while `connecting`, `streaming` and `ending`. */
  private stream: UpstreamStream | null = null;
  private readonly deps: RelayDeps;
  private readonly on: RelayHandlers;
  private readonly rules: RelayRules;
  private readonly rateHz: SampleRate;
  private readonly stall: StallDetector;
  private readonly recognition: RecognitionProgress;
  private readonly retry: RetryPolicy;
  private heard: number;
  private throttledUntilMs = 0;
  /** A connection is wanted although there is no audio for it yet. */
  private connectAhead = false;
  /** No more audio will come. */
  private draining = false;
  /** The session is given away: no new stream is wanted. */
  private holding = false;
  /**
   * Up to here all audio went to a stream that then ended for lack of more: there is nothing to hear until more comes. `finished`:
   * the recogniser has said all of it.
   */
  private rest: { pos: number; finished: boolean } | undefined;
  /** Made while the stream before it is still ending, so that no time is lost between them. */
  private next: PendingConnection | undefined;
  /** Of the next {@link pump}: set again with each frame of audio. */
  private readonly tick: Timer;
  /** The session's place in the queue for the recogniser's streams. */
  readonly turn: StreamTurn;

  constructor(deps: RelayDeps, handlers: RelayHandlers) {
    this.deps = deps;
    this.on = handlers;
    this.rules = deps.rules;
    this.rateHz = deps.params.sampleRate;
    this.recognition = new RecognitionProgress(deps, handlers);
    this.heard = this.recognition.resume.pos;
    this.stall = new StallDetector(this.rules, deps.levels);
    this.retry = new RetryPolicy(this.rules, deps.random);
    this.tick = timerOn(deps.clock, () => this.pump());
    this.turn = new StreamTurn(deps.clock, deps.admission, handlers.queued);
  }

  /** Newest position that was sent to a recogniser, samples: the client's credit counts from here. */
  get heardPos(): number {
    return this.heard;
  }

  /** What was sent to the recogniser that counts now, samples: the audio behind it is still to be heard, perhaps again. */
  get hearingPos(): number {
    return this.stream?.sentPos ?? this.resumePos;
  }

  /** Where the next stream would begin, samples. */
  get resumePos(): number {
    return this.recognition.resume.pos;
  }

  get headCounts(): RecognitionProgress['headCounts'] {
    return this.recognition.headCounts;
  }

  get midSentence(): boolean {
    return this.stream?.midSentence === true;
  }

  /** Opens a connection ahead of the first audio. */
  warmUp(): void {
    this.connectAhead = true;
    this.pump();
  }

  /** No more audio will come: `drained` follows when all of it is settled. */
  drain(): void {
    this.draining = true;
    this.holding = false;
    this.connectAhead = false;
    this.pump();
  }

  /** The session is given away: the stream is ended at the next pause, so that nothing needs to be heard again. */
  hold(): void {
    this.holding = true;
    this.pump();
  }

  close(): void {
    this.transition('close');
  }

  /** Moves what can be moved: called when there is new audio, when time has passed, when a connection changed. */
  pump(): void {
    if (this.state === 'streaming') this.inspect(this.stream as UpstreamStream);
    if (this.state === 'queued' && !this.needsStream) this.transition('slot', 'none needed');
    if (this.state !== 'closed') this.reportUnavailable(this.retry.lastFailure ?? STALLED);
    if (this.state === 'idle') this.connectIfNeeded();
    if (this.state === 'streaming') this.feed(this.stream as UpstreamStream);
    if (this.state === 'ending') this.dialAhead(this.stream as UpstreamStream);
    if (this.state !== 'closed' && (this.stream || this.retry.isDown)) this.schedule();
    else this.tick.cancel();
  }

  /** The one place where the state changes. @returns whether the event had an effect */
  private transition(event: RelayEvent, reason: string = event): boolean {
    const from = this.state;
    const to = RELAY_TABLE.next(from, event);
    if (to === 'none') return false;
    this.state = to;
    if (to === 'idle' || to === 'waiting' || to === 'closed') {
      this.stream?.close();
      this.stream = null;
    }
    if (to === 'streaming') this.turn.leave(true);
    if (to === 'closed') {
      this.turn.close();
      this.tick.cancel();
    }
    if (to === 'waiting' || to === 'closed') this.dropNext();
    this.on.stateChanged({ from, to, reason });
    return true;
  }

  private get needsStream(): boolean {
    const { endPos } = this.deps.buffer;
    // All audio was sent; at the end of the session it must also have been heard.
    const isResting = this.rest?.pos === endPos && (this.rest.finished || !this.draining);
    return !this.holding && (this.connectAhead || (endPos > this.resumePos && !isResting));
  }

  private connectIfNeeded(): void {
    if (this.needsStream) {
      if (this.turn.takeSlot()) this.connect();
      else this.awaitSlot();
      return;
    }
    this.turn.leave(false);
    this.turn.giveSlot();
    if (this.holding) return;
    this.dropNext();
    this.retry.connected();
    if (this.draining) this.finishDrain();
  }

  private connect(): void {
    const { clock } = this.deps;
    const now = clock.now();
    this.rest = undefined;
    this.retry.connecting(now);
    let pending: PendingConnection;
    try {
      pending = this.next ?? this.dial();
    } catch (cause) {
      // No connection can be made with these parameters, however often it is tried.
      const error = cause instanceof VoiceError ? cause.code : 'ASR_BAD_PARAMS';
      this.onFailed({ reason: 'protocol', class: 'fatal', error, cause });
      return;
    }
    this.next = undefined;
    const { connection } = pending;
    const { pos: startPos, overlap } = this.recognition.beginStream();
    const pacer = new Pacer(clock, this.rules, this.throttledUntilMs);
    const { rateHz } = this;
    const stream = new UpstreamStream({ connection, pacer, rateHz, startPos, overlap, nowMs: now });
    this.stream = stream;
    this.stall.begin(startPos);
    this.transition('connect');
    const isCurrent = () => stream === this.stream;
    pending.use({
      open: () => isCurrent() && this.onOpen(stream),
      sentence: (sentence) => isCurrent() && this.onSentence(stream, sentence),
      finished: () => isCurrent() && this.onFinished(stream),
      failed: (failure) => isCurrent() && this.onFailed(failure),
    });
  }

  private dial(): PendingConnection {
    const { connect, params, log } = this.deps;
    return new PendingConnection(connect, params, log);
  }

  /** Audio waits for a stream to end. */
  private dialAhead(ending: UpstreamStream): void {
    if (!this.holding && this.deps.buffer.endPos > ending.sentPos) this.next ??= this.dial();
  }

  private dropNext(): void {
    this.next?.connection.close();
    this.next = undefined;
  }

  /** Sends what the pace allows, and ends or keeps alive a stream that has all audio. */
  private feed(stream: UpstreamStream): void {
    const { buffer } = this.deps;
    if (buffer.endPos > stream.sentPos) this.sendAudio(stream);
    if (buffer.endPos > stream.sentPos) return;
    if (this.draining) this.endStream('drain');
    else this.keepAlive(stream);
  }

  private sendAudio(stream: UpstreamStream): void {
    const { buffer, clock } = this.deps;
    const now = clock.now();
    const before = stream.sentPos;
    while (buffer.endPos > stream.sentPos && this.sendSlice(stream, now));
    if (stream.sentPos === before) return;
    this.stall.sent(stream.sentPos, now);
    this.recognition.sent(stream);
    if (stream.sentPos > this.heard) {
      this.heard = stream.sentPos;
      this.on.advanced();
    }
  }

  /** @returns false: the pace does not allow the next slice yet */
  private sendSlice(stream: UpstreamStream, now: number): boolean {
    const { buffer } = this.deps;
    const { sliceMs } = this.rules;
    const from = buffer.audioFrom(stream.sentPos);
    const pcm = from > stream.sentPos ? undefined : buffer.read(from, msToSamples(sliceMs, this.rateHz));
    if (!stream.allows(pcm ? durationMs(pcm, this.rateHz) : sliceMs)) return false;
    if (pcm) stream.sendAudio(pcm, now);
    else stream.sendGapSilence(from, this.rules.sliceMs, this.rules.gapSilenceMs, now);
    return true;
  }

  private keepAlive(stream: UpstreamStream): void {
    const now = this.deps.clock.now();
    const mustSend = stream.msSinceSend(now) >= this.rules.silenceAfterMs;
    if (stream.msSinceAudio(now) >= this.rules.idleCloseMs) {
      this.recognition.sent(stream);
      this.rest = { pos: stream.sentPos, finished: false };
      this.transition('drop', 'no audio');
      this.turn.giveSlot();
    } else if (mustSend && stream.midSentence) {
      // Silence would end the sentence, or stand between its words.
      this.recognition.cutHere();
      this.rest = { pos: stream.sentPos, finished: false };
      this.endStream('no audio');
    } else if (mustSend) stream.sendSilence(this.rules.silenceMs, now);
  }

  private schedule(): void {
    const behind = this.state === 'streaming' && this.deps.buffer.endPos > (this.stream?.sentPos ?? 0);
    this.tick.set(behind ? this.rules.pumpMs : IDLE_TICK_MS);
  }

  /** Ends the stream where it stalls or is to be rolled over; notes that it works where it does. */
  private inspect(stream: UpstreamStream): void {
    const { rules } = this;
    const now = this.deps.clock.now();
    if (this.stall.isStalled(stream.sentPos, now)) {
      this.onStall(stream);
      return;
    }
    const ageMs = now - stream.openedAtMs;
    const unsettledMs = (this.recognition.unsettledSamples(stream.sentPos) * 1000) / this.rateHz;
    // What earlier streams left unsettled is not for a stream to decide that has hardly been sent anything: it would be ended at
    // once, and the next one, too.
    const isProven = stream.sentPos - stream.startPos >= msToSamples(PROVEN_MS, this.rateHz);
    const isOld = ageMs >= rules.planRolloverMs;
    const must = ageMs >= rules.forceRolloverMs || (isProven && unsettledMs >= rules.unsettledMaxMs);
    const may = isOld || (isProven && unsettledMs >= rules.unsettledMs);
    if (must || (may && !stream.midSentence)) this.rollOver('rollover');
    else if ((this.holding || isOld) && this.recognition.cutAtPause(stream)) this.rollOver('pause');
    if (ageMs >= PROVEN_MS && isProven) this.progress();
  }

  private rollOver(reason: string): void {
    if (!this.holding) this.next = this.dial();
    this.endStream(reason);
  }

  private endStream(reason: string): void {
    this.stream?.end();
    this.transition('end', reason);
  }

  private onOpen(stream: UpstreamStream): void {
    this.retry.connected();
    this.connectAhead = false;
    stream.opened(this.deps.clock.now());
    this.transition('opened');
    this.pump();
  }

  private onFinished(stream: UpstreamStream): void {
    this.transition('finished');
    this.progress();
    this.recognition.finished(stream);
    if (this.rest) this.rest.finished = true;
    if (this.draining && stream.sentPos >= this.deps.buffer.endPos) this.finishDrain();
    else this.pump();
  }

  private finishDrain(): void {
    this.transition('close', 'drained');
    this.recognition.finishCut();
    this.recognition.settleTo(this.deps.buffer.endPos);
    this.on.drained();
  }

  private onFailed(failure: AsrFailure): void {
    if (failure.tooFast) this.throttledUntilMs = this.deps.clock.now() + this.rules.throttledMs;
    if (failure.class === 'fatal') {
      this.transition('close', 'refused');
      this.on.refused(failure);
      return;
    }
    this.transition('failed', String(failure.code ?? failure.reason));
    const waitMs = this.retry.failed(failure, this.deps.clock.now());
    const retry = () => {
      this.transition('retry');
      this.pump();
    };
    if (failure.error === 'ASR_BUSY') this.turn.awaitStream(waitMs, retry);
    else this.turn.awaitRetry(waitMs, retry);
    this.reportUnavailable(failure);
    this.pump();
  }

  /** The client's audio is kept meanwhile, as while the recogniser is away. */
  private awaitSlot(): void {
    this.transition('noSlot');
    this.turn.awaitSlot(() => {
      this.transition('slot');
      this.pump();
    });
  }

  private onStall(stream: UpstreamStream): void {
    const margin = msToSamples(SILENCE_MARGIN_MS, this.rateHz);
    const { resumePos: pos } = this;
    const settledPos = this.stall.giveUp(stream, pos, margin);
    // It may be noise, or two streams in a row that took audio and answered nothing: the record says where it was.
    if (settledPos > pos) {
      this.on.unrecognised(this.deps.levels.firstLoud(pos, settledPos), settledPos);
      this.recognition.settleTo(settledPos);
    }
    this.onFailed(STALLED);
  }

  private reportUnavailable(failure: AsrFailure): void {
    if (this.retry.shouldReport(this.deps.clock.now())) this.on.unavailable(failure);
  }

  private progress(): void {
    if (this.retry.progress()) this.on.available();
  }

  private onSentence(stream: UpstreamStream, sentence: AsrSentence): void {
    this.progress();
    this.stall.answered(stream.sentPos, sentence.final);
    this.recognition.hear(stream, sentence);
  }
}
