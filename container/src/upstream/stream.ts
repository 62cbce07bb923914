import { BYTES_PER_SAMPLE, msToSamples } from '../../../contract/limits.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { AsrConnection, AsrSentence } from '../asr/types.ts';
import { type Overlap, OverlapTrimmer, type PositionedSentence } from './dedupe.ts';
import type { RelayRules } from './rules.ts';
import { TimeMap } from './time-map.ts';

/** What a stream says: `begins` is the first interim of a sentence. */
export type SentenceKind = 'begins' | 'interim' | 'final';

export const durationMs = (pcm: Uint8Array, rateHz: number): number =>
  (pcm.byteLength / BYTES_PER_SAMPLE / rateHz) * 1000;

/** One upstream connection: what it was sent, and what it says, in positions of the session (samples). */
export class UpstreamStream {
  readonly startPos: number;
  readonly openedAtMs: number;
  private sent: number;
  private lastSendMs: number;
  private lastAudioMs: number;
  private isOpen = false;
  /** Silence that was sent in place of the hole at `sent`, ms. */
  private sentGapSilenceMs = 0;
  private readonly connection: AsrConnection;
  private readonly pacer: Pacer;
  private readonly rateHz: number;
  private readonly times: TimeMap;
  private readonly trimmer: OverlapTrimmer;

  constructor(init: {
    connection: AsrConnection;
    pacer: Pacer;
    rateHz: number;
    startPos: number;
    overlap: Overlap | null;
    nowMs: number;
  }) {
    this.connection = init.connection;
    this.pacer = init.pacer;
    this.rateHz = init.rateHz;
    this.startPos = init.startPos;
    this.sent = init.startPos;
    this.trimmer = new OverlapTrimmer(init.overlap, init.rateHz);
    this.openedAtMs = init.nowMs;
    this.lastSendMs = init.nowMs;
    this.lastAudioMs = init.nowMs;
    this.times = new TimeMap(init.rateHz);
  }

  /** All audio before it was sent. */
  get sentPos(): number {
    return this.sent;
  }

  /** A sentence has begun, and its final has not come. */
  get midSentence(): boolean {
    return this.isOpen;
  }

  /** Stored text has not been heard again yet. */
  get overlapPending(): boolean {
    return this.trimmer.pending;
  }

  /** Whether the pace allows so much audio now. */
  allows(ms: number): boolean {
    return ms <= this.pacer.available();
  }

  /** The service took the connection. */
  opened(nowMs: number): void {
    this.lastSendMs = nowMs;
    this.lastAudioMs = nowMs;
  }

  sendAudio(pcm: Uint8Array, nowMs: number): void {
    this.connection.send(pcm);
    const samples = pcm.byteLength / BYTES_PER_SAMPLE;
    this.times.audio(this.sent, samples);
    this.sent += samples;
    this.pacer.spend(durationMs(pcm, this.rateHz));
    this.lastSendMs = nowMs;
    this.lastAudioMs = nowMs;
  }

  /**
   * Sends a slice of the silence that takes the place of a hole in the audio, and ends the sentence before it. After
   * `totalMs` of it the stream goes on behind the hole.
   * @param toPos where audio goes on, samples
   */
  sendGapSilence(toPos: number, sliceMs: number, totalMs: number, nowMs: number): void {
    this.sendZeros(sliceMs);
    this.lastSendMs = nowMs;
    this.lastAudioMs = nowMs;
    this.sentGapSilenceMs += sliceMs;
    if (this.sentGapSilenceMs < totalMs) return;
    this.sentGapSilenceMs = 0;
    this.sent = toPos;
  }

  /** Keeps the connection alive between two sentences with `ms` of silence, which takes no session time. */
  sendSilence(ms: number, nowMs: number): void {
    this.sendZeros(ms);
    this.lastSendMs = nowMs;
  }

  msSinceSend(nowMs: number): number {
    return nowMs - this.lastSendMs;
  }

  msSinceAudio(nowMs: number): number {
    return nowMs - this.lastAudioMs;
  }

  /** No more audio. */
  end(): void {
    this.connection.end();
  }

  close(): void {
    this.connection.close();
  }

  /** Takes what the recogniser says: in session positions, and without what is stored already. */
  hear(sentence: AsrSentence): { kind: SentenceKind; placed: PositionedSentence } {
    const begins = !this.isOpen;
    this.isOpen = !sentence.final;
    const placed = this.trimmer.trim(this.place(sentence), sentence.final);
    return { kind: sentence.final ? 'final' : begins ? 'begins' : 'interim', placed };
  }

  private place(sentence: AsrSentence): PositionedSentence {
    const words = sentence.words.map((word) => ({
      text: word.text,
      startPos: this.times.posAt(word.startMs),
      endPos: this.times.posAt(word.endMs),
    }));
    const startPos = Math.max(this.startPos, this.times.posAt(sentence.startMs));
    const endPos = Math.max(startPos, this.times.posAt(sentence.endMs));
    return { text: sentence.text, startPos, endPos, words };
  }

  private sendZeros(ms: number): void {
    const samples = msToSamples(ms, this.rateHz);
    this.connection.send(new Uint8Array(samples * BYTES_PER_SAMPLE));
    this.times.silence(this.sent, samples);
    this.pacer.spend(ms);
  }
}

/** How much audio may go to the recogniser now: `rate` × wall time, with a small burst after a rest. */
export class Pacer {
  private allowanceMs: number;
  private atMs: number;
  private readonly clock: Clock;
  private readonly rules: RelayRules;
  private readonly throttledUntilMs: number;

  /** @param throttledUntilMs before it (epoch ms) only real time is taken, since the service said 4000 */
  constructor(clock: Clock, rules: RelayRules, throttledUntilMs: number) {
    this.clock = clock;
    this.rules = rules;
    this.throttledUntilMs = throttledUntilMs;
    this.allowanceMs = rules.burstMs;
    this.atMs = clock.now();
  }

  /** Ms of audio that may go now. */
  available(): number {
    const now = this.clock.now();
    const rate = now < this.throttledUntilMs ? this.rules.throttledRate : this.rules.catchUpRate;
    // A clock that was set back takes nothing away: the stream would be silent for as long.
    const elapsedMs = Math.max(0, now - this.atMs);
    this.allowanceMs = Math.min(this.rules.burstMs, this.allowanceMs + elapsedMs * rate);
    this.atMs = now;
    return this.allowanceMs;
  }

  spend(ms: number): void {
    this.allowanceMs -= ms;
  }
}
