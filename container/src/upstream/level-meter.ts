import { BYTES_PER_SAMPLE } from '../../../contract/limits.ts';
import { valueOfRank } from '../../../lib/order-statistic.ts';

/** Levels are measured in frames of this length, in dB relative to full scale. */
export const FRAME_MS = 20;

/** Level of digital silence. */
const NOTHING_DB = -90;
/** Anything below it is silence, whatever else is in the recording. */
const SILENCE_DB = -60;
/** Quiet: at most this far above the noise floor … */
const OVER_FLOOR_DB = 6;
/** … and at least this far under the loud parts. */
const UNDER_LOUD_DB = 12;
/** The level of speech varies. Audio that stays within this range, and below this level, is room noise. */
const STEADY_SPREAD_DB = 10;
const STEADY_BELOW_DB = -30;
/** Noise floor and loud level are taken over this much audio around a position. */
const CONTEXT_MS = 8_000;
const CONTEXT_FRAMES = CONTEXT_MS / FRAME_MS;
/** Room for the context and a sentence of the same length at first, in frames. */
const FIRST_FRAMES = 2 * CONTEXT_FRAMES;
const FLOOR_QUANTILE = 0.05;
const LOUD_QUANTILE = 0.9;

/** The levels among which a threshold is looked for: used and done with within one call. */
const context = new Float64Array(CONTEXT_FRAMES);

/**
 * Sum of the squares of the samples in [from, to). Every sample of every stream comes through here: two squares fit into an unsigned
 * 32-bit integer, and an addition of integers costs less than one of doubles, each of which waits for the one before it.
 */
function energyOf(samples: Int16Array, from: number, to: number): number {
  let energy = 0;
  let i = from;
  for (; i + 1 < to; i += 2) {
    const [first, second] = [samples[i] as number, samples[i + 1] as number];
    energy += (Math.imul(first, first) + Math.imul(second, second)) >>> 0;
  }
  if (i < to) energy += (samples[i] as number) ** 2;
  return energy;
}

/** Level of a frame, dB full scale. @param energy sum of the squares of its samples */
function levelDb(energy: number, samples: number): number {
  const mean = energy / samples;
  return mean < 1 ? NOTHING_DB : 10 * Math.log10(mean / 0x4000_0000);
}

/**
 * The level of the session's audio by position (samples): checkpoints are placed in its pauses, and its silence is settled
 * without text.
 */
export class LevelMeter {
  private readonly frameSamples: number;
  /** Levels in dB: the first `count` of it. A typed array is moved in place, where an array would get new memory. */
  private frames = new Float64Array(FIRST_FRAMES);
  private count = 0;
  /** Position of `frames[0]`. */
  private startPos: number;
  /** Of the frame that is not whole yet: the sum of the squares of its samples, and how many there are. */
  private energy = 0;
  private samples = 0;

  constructor(rateHz: number, startPos: number) {
    this.frameSamples = (rateHz * FRAME_MS) / 1000;
    this.startPos = startPos;
  }

  /**
   * Takes the next audio, which follows what was taken before.
   * @param pcm 16-bit little-endian, like the machine; aligned by sample
   */
  push(pcm: Uint8Array): void {
    const samples = new Int16Array(pcm.buffer, pcm.byteOffset, pcm.byteLength / BYTES_PER_SAMPLE);
    for (let at = 0; at < samples.length; ) {
      const end = Math.min(samples.length, at + this.frameSamples - this.samples);
      this.energy += energyOf(samples, at, end);
      this.samples += end - at;
      at = end;
      if (this.samples === this.frameSamples) this.endFrame();
    }
  }

  /** A hole of `samples` in the audio counts as digital silence. */
  pushSilence(samples: number): void {
    if (samples <= 0) return;
    const all = this.samples + samples;
    if (all >= this.frameSamples) this.endFrame();
    for (let i = 1; i < Math.floor(all / this.frameSamples); i++) this.add(NOTHING_DB);
    this.samples = all % this.frameSamples;
  }

  private endFrame(): void {
    this.add(levelDb(this.energy, this.frameSamples));
    this.energy = 0;
    this.samples = 0;
  }

  private add(db: number): void {
    if (this.count === this.frames.length) {
      const larger = new Float64Array(2 * this.count);
      larger.set(this.frames);
      this.frames = larger;
    }
    this.frames[this.count] = db;
    this.count += 1;
  }

  forgetBefore(pos: number): void {
    const drop = Math.min(Math.floor((pos - this.startPos) / this.frameSamples), this.count);
    // A few seconds are kept as context for the threshold.
    const keep = CONTEXT_FRAMES;
    if (drop <= 2 * keep) return;
    this.frames.copyWithin(0, drop - keep, this.count);
    this.count -= drop - keep;
    // What a long hole has taken is given back.
    const needed = Math.max(FIRST_FRAMES, 2 * this.count);
    if (this.frames.length > 2 * needed) this.frames = this.frames.slice(0, needed);
    this.startPos += (drop - keep) * this.frameSamples;
  }

  /** First position in [from, to) that is not quiet, or `to`. What is not measured yet counts as quiet. */
  firstLoud(from: number, to: number): number {
    const end = Math.min(this.indexOf(to), this.count);
    const first = this.firstAbove(SILENCE_DB, this.indexOf(from), end);
    // Nothing below this level is loud, so most pauses are known without the threshold, which costs more.
    if (first === end) return to;
    const loud = this.firstAbove(this.threshold(to), first, end);
    return loud === end ? to : Math.max(from, this.posOf(loud));
  }

  /** How much of [from, to) is not quiet, ms. */
  loudMs(from: number, to: number): number {
    const threshold = this.threshold(to);
    let frames = 0;
    for (let i = this.indexOf(from); i < Math.min(this.indexOf(to), this.count); i++)
      if ((this.frames[i] as number) > threshold) frames += 1;
    return frames * FRAME_MS;
  }

  /** Middle of the quietest `windowMs` in [from, to), or undefined where none of it is quiet. */
  quietest(from: number, to: number, windowMs: number): number | undefined {
    const size = Math.max(1, Math.round(windowMs / FRAME_MS));
    const last = Math.min(this.indexOf(to), this.count) - size;
    const threshold = this.threshold(to);
    let best: number | undefined;
    let bestDb = threshold;
    for (let i = this.indexOf(from); i <= last; i++) {
      const loudest = this.loudestOf(i, i + size);
      if (loudest < bestDb || (best === undefined && loudest <= bestDb)) {
        best = i;
        bestDb = loudest;
      }
    }
    return best === undefined ? undefined : this.posOf(best) + Math.floor((size * this.frameSamples) / 2);
  }

  /** The last part of [from, to) that is quiet for at least `minMs`, as far as it reaches; undefined: there is none. */
  lastPause(from: number, to: number, minMs: number): { fromPos: number; toPos: number } | undefined {
    const size = Math.max(1, Math.round(minMs / FRAME_MS));
    const threshold = this.threshold(to);
    const first = this.indexOf(from);
    const isQuiet = (i: number) => i >= first && (this.frames[i] as number) <= threshold;
    for (let end = Math.min(this.indexOf(to), this.count); end > first; end--) {
      let start = end;
      while (isQuiet(start - 1)) start -= 1;
      if (end - start >= size) return { fromPos: this.posOf(start), toPos: this.posOf(end) };
      end = Math.min(end, start + 1);
    }
    return undefined;
  }

  private loudestOf(from: number, end: number): number {
    let loudest = NOTHING_DB;
    for (let i = from; i < end; i++) loudest = Math.max(loudest, this.frames[i] as number);
    return loudest;
  }

  /** Index of the first frame in [from, end) above `db`, or `end`. */
  private firstAbove(db: number, from: number, end: number): number {
    let i = Math.min(from, end);
    while (i < end && (this.frames[i] as number) <= db) i += 1;
    return i;
  }

  private threshold(around: number): number {
    const end = Math.min(this.count, this.indexOf(around) + CONTEXT_FRAMES / 4);
    const start = Math.max(0, end - CONTEXT_FRAMES);
    if (end <= start) return SILENCE_DB;
    // Some ten times per second of audio: neither new memory nor the whole order is needed for two of the levels.
    context.set(this.frames.subarray(start, end));
    const at = (quantile: number) =>
      valueOfRank(context, end - start, Math.floor(quantile * (end - start - 1)));
    const floor = at(FLOOR_QUANTILE);
    const loud = at(LOUD_QUANTILE);
    const steady = loud - floor < STEADY_SPREAD_DB && loud < STEADY_BELOW_DB;
    const threshold = steady ? loud + OVER_FLOOR_DB : Math.min(floor + OVER_FLOOR_DB, loud - UNDER_LOUD_DB);
    return Math.max(SILENCE_DB, threshold);
  }

  private indexOf(pos: number): number {
    return Math.max(0, Math.floor((pos - this.startPos) / this.frameSamples));
  }

  private posOf(index: number): number {
    return this.startPos + index * this.frameSamples;
  }
}
