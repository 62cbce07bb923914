import {
  BYTES_PER_SAMPLE,
  msToSamples,
  type SampleRate,
  SILENCE_MARGIN_MS,
} from '../../../contract/limits.ts';
import type { AsrFailure, AsrSentence } from '../asr/types.ts';
import { CheckpointTracker } from './checkpoint.ts';
import { Pacer } from './pacer.ts';
import { RetryPolicy } from './retry.ts';
import { RELAY_RULES, type RelayRules } from './rules.ts';
import { StallDetector } from './stall.ts';
import { UpstreamStream } from './stream.ts';
import type { Checkpoint, RelayDeps, RelayHandlers } from './types.ts';

/** A connection that is up and says nothing. */
const AWAY: AsrFailure = { reason: 'network', class: 'retriable', error: 'ASR_UNAVAILABLE' };
/** With nothing to send, the relay looks at its clock this often. */
const IDLE_TICK_MS = 250;
/** A connection that streamed this long was good, even if it heard nothing but silence. */
const PROVEN_MS = 5_000;

/**
 * Keeps the session's audio flowing to a recogniser through any number of upstream connections ("generations").
 * A new one begins at the checkpoint, so what an old one had heard and not decided is heard again, and nothing that an
 * old one still says counts. Pure of sockets and stores: it is driven by its buffer, its clock and the recogniser.
 */
export class Relay {
  private readonly deps: RelayDeps;
  private readonly on: RelayHandlers;
  private readonly rules: RelayRules;
  private readonly rateHz: SampleRate;
  private readonly stall: StallDetector;
  private readonly checkpoint: CheckpointTracker;
  private heard: number;
  private gen: UpstreamStream | null = null;
  private readonly retry: RetryPolicy;
  private cautiousUntil = 0;
  /** A connection is wanted although there is no audio for it yet. */
  private wanted = false;
  private draining = false;
  private closed = false;
  private cancelTick: (() => void) | undefined;
  private cancelRedial: (() => void) | undefined;

  constructor(deps: RelayDeps, handlers: RelayHandlers) {
    this.deps = deps;
    this.on = handlers;
    this.rules = deps.rules ?? RELAY_RULES;
    this.rateHz = deps.params.sampleRate;
    this.checkpoint = new CheckpointTracker(deps.checkpoint, deps.levels, this.rateHz);
    this.heard = deps.checkpoint.pos;
    this.stall = new StallDetector(this.rules);
    this.retry = new RetryPolicy(this.rules, deps.random ?? Math.random);
  }

  /** Newest position that was sent to a recogniser: credit is given from here. */
  get heardPos(): number {
    return this.heard;
  }

  get midSentence(): boolean {
    return this.gen?.open === true || this.gen?.tainted === true;
  }

  /** Opens a connection ahead of the first audio. */
  warmUp(): void {
    this.wanted = true;
    this.pump();
  }

  /** No more audio will come: `drained` follows when all of it is decided. */
  drain(): void {
    this.draining = true;
    this.wanted = false;
    this.pump();
  }

  close(): void {
    this.closed = true;
    this.cancelTick?.();
    this.cancelRedial?.();
    this.dropGeneration();
  }

  /** Moves what can be moved: called when there is new audio, when time has passed, when a connection changed. */
  pump(): void {
    if (this.closed) return;
    this.cancelTick?.();
    this.cancelTick = undefined;
    if (this.gen?.state === 'streaming') this.inspect(this.gen);
    this.complain(AWAY);
    if (this.closed) return;
    if (!this.gen) this.wake();
    if (this.gen?.state === 'streaming') this.stream(this.gen);
    if (!this.closed && (this.gen || this.retry.isDown)) this.schedule();
  }

  /** Without a connection: is there anything to open one for? */
  private wake(): void {
    if (this.cancelRedial) return;
    if (this.wanted || this.deps.buffer.endPos > this.checkpoint.pos) {
      this.dial();
      return;
    }
    this.retry.connected();
    if (this.draining) this.finishDrain();
  }

  private stream(gen: UpstreamStream): void {
    const { buffer } = this.deps;
    const waiting = buffer.endPos > gen.sentPos;
    if (gen.tainted && (waiting || (this.draining && gen.refusedFinal))) {
      this.dropGeneration();
      this.dial();
      return;
    }
    if (waiting) this.sendAudio(gen);
    if (buffer.endPos > gen.sentPos) return;
    if (this.draining) {
      // nothing follows the injected silence, so it spoils nothing
      gen.tainted = false;
      gen.end();
    } else this.keepAlive(gen);
  }

  private sendAudio(gen: UpstreamStream): void {
    const { buffer, clock, levels } = this.deps;
    const now = clock.now();
    const slice = msToSamples(this.rules.sliceMs, this.rateHz);
    const before = gen.sentPos;
    while (buffer.endPos > gen.sentPos && gen.pacer.available() >= this.rules.sliceMs) {
      const from = buffer.audioFrom(gen.sentPos);
      if (from > gen.sentPos) {
        gen.bridge(from, this.rules.bridgeMs, now);
        gen.pacer.spend(this.rules.bridgeMs);
      } else {
        const pcm = buffer.read(from, slice);
        gen.sendAudio(pcm, now);
        gen.pacer.spend((pcm.byteLength / BYTES_PER_SAMPLE / this.rateHz) * 1000);
      }
    }
    if (gen.sentPos === before) return;
    this.stall.sent(gen, levels, now);
    this.decided(this.checkpoint.inSilence(gen));
    if (gen.sentPos > this.heard) {
      this.heard = gen.sentPos;
      this.on.advanced();
    }
  }

  private keepAlive(gen: UpstreamStream): void {
    const now = this.deps.clock.now();
    if (now - gen.lastAudioAt >= this.rules.idleCloseMs) {
      // what is open stays undecided: it is heard again, from the checkpoint, when audio returns
      this.decided(this.checkpoint.inSilence(gen));
      this.dropGeneration();
    } else if (now - gen.lastSendAt >= this.rules.silenceAfterMs) {
      gen.sendSilence(this.rules.silenceMs, now);
    }
  }

  private schedule(): void {
    const behind = this.gen?.state === 'streaming' && this.deps.buffer.endPos > this.gen.sentPos;
    this.cancelTick = this.deps.clock.after(behind ? this.rules.pumpMs : IDLE_TICK_MS, () => this.pump());
  }

  /** Looks whether the connection is still good, or old enough to be replaced. */
  private inspect(gen: UpstreamStream): void {
    const { rules } = this;
    const now = this.deps.clock.now();
    if (this.stall.check(gen, this.deps.levels, now)) {
      this.onStall(gen);
      return;
    }
    const age = now - gen.openedAt;
    const undecidedMs = ((gen.sentPos - this.checkpoint.pos) * 1000) / this.rateHz;
    const may = age >= rules.planRolloverMs || undecidedMs >= rules.undecidedMs;
    const must = age >= rules.forceRolloverMs || undecidedMs >= rules.undecidedMaxMs;
    if ((must || (may && !gen.open)) && !gen.tainted) gen.end();
    if (age >= PROVEN_MS && gen.sentPos - gen.startPos >= msToSamples(PROVEN_MS, this.rateHz))
      this.progress();
  }

  private dial(): void {
    const { clock, params, connect } = this.deps;
    const now = clock.now();
    this.retry.trying(now);
    let gen: UpstreamStream | undefined;
    // a handler that is called while connect() still runs has no generation yet, and none is current
    const current = () => gen !== undefined && gen === this.gen && !this.closed;
    const connection = connect(params, {
      open: () => current() && this.onOpen(gen as UpstreamStream),
      sentence: (sentence) => current() && this.onSentence(gen as UpstreamStream, sentence),
      finished: () => current() && this.onFinished(gen as UpstreamStream),
      failed: (failure) => current() && this.onFailed(failure),
    });
    gen = new UpstreamStream({
      connection,
      pacer: new Pacer(clock, this.rules, this.cautiousUntil),
      rateHz: this.rateHz,
      startPos: this.checkpoint.pos,
      overlap: this.checkpoint.current.overlap,
      nowMs: now,
    });
    this.gen = gen;
    if (!this.cancelTick) this.schedule();
  }

  private onOpen(gen: UpstreamStream): void {
    this.retry.connected();
    this.wanted = false;
    gen.state = 'streaming';
    gen.lastSendAt = this.deps.clock.now();
    gen.lastAudioAt = gen.lastSendAt;
    this.pump();
  }

  private dropGeneration(): void {
    this.gen?.close();
    this.gen = null;
  }

  private onFinished(gen: UpstreamStream): void {
    this.gen = null;
    this.progress();
    this.decided(this.checkpoint.afterLastWord(gen));
    if (gen.open) this.on.interim({ text: '', startPos: gen.sentPos, endPos: gen.sentPos, words: [] });
    if (this.draining && gen.sentPos >= this.deps.buffer.endPos) this.finishDrain();
    else this.pump();
  }

  private finishDrain(): void {
    this.close();
    this.decided(this.checkpoint.advanceTo(this.deps.buffer.endPos));
    this.on.drained();
  }

  private onFailed(failure: AsrFailure): void {
    this.gen = null;
    if (failure.tooFast) this.cautiousUntil = this.deps.clock.now() + this.rules.cautiousMs;
    if (failure.class === 'fatal') {
      this.close();
      this.on.fatal(failure);
      return;
    }
    const waitMs = this.retry.failed(failure, this.deps.clock.now());
    this.complain(failure);
    this.cancelRedial = this.deps.clock.after(waitMs, () => {
      this.cancelRedial = undefined;
      this.pump();
    });
    this.pump();
  }

  private onStall(gen: UpstreamStream): void {
    const decided = this.stall.stalled(gen, this.checkpoint.pos, msToSamples(SILENCE_MARGIN_MS, this.rateHz));
    gen.close();
    this.decided(this.checkpoint.advanceTo(decided));
    this.onFailed(AWAY);
  }

  /** Tells of a recogniser that counts as away, once. */
  private complain(failure: AsrFailure): void {
    if (this.retry.exhausted(this.deps.clock.now())) this.on.trouble(failure);
  }

  private progress(): void {
    if (this.retry.progress()) this.on.recovered();
  }

  private onSentence(gen: UpstreamStream, sentence: AsrSentence): void {
    this.progress();
    this.stall.heard(gen, sentence.final);
    const begins = !gen.open;
    const placed = gen.place(sentence);
    gen.open = !sentence.final;
    if (!sentence.final) {
      if (begins && !gen.tainted) this.decided(this.checkpoint.beforeSentence(gen, placed.startPos));
      this.on.interim(placed);
    } else if (gen.tainted) {
      // ended by our silence, not by the speaker: shown, and heard again
      gen.refusedFinal = true;
      gen.open = true;
      this.on.interim(placed);
      this.pump();
    } else {
      const checkpoint = this.checkpoint.afterFinal(gen, placed);
      this.deps.buffer.forgetBefore(checkpoint.pos);
      this.on.final(placed, checkpoint);
    }
  }

  /** Whatever is decided needs not be kept. */
  private decided(checkpoint: Checkpoint | undefined): void {
    if (!checkpoint) return;
    this.deps.buffer.forgetBefore(checkpoint.pos);
    this.on.checkpoint(checkpoint);
  }
}
