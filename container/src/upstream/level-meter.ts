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
const FLOOR_QUANTILE = 0.05;
const LOUD_QUANTILE = 0.9;

/** Mean power of 16-bit little-endian samples, dB full scale. */
function powerDb(view: DataView, offset: number, bytes: number): number {
  let sum = 0;
  for (let i = offset; i < offset + bytes; i += 2) {
    const sample = view.getInt16(i, true);
    sum += sample * sample;
  }
  const mean = sum / Math.max(1, bytes / 2);
  return mean < 1 ? NOTHING_DB : 10 * Math.log10(mean / 0x4000_0000);
}

/**
 * The level of the session's audio by position (samples): checkpoints are placed in its pauses, and its silence is settled
 * without text.
 */
export class LevelMeter {
  private readonly frameSamples: number;
  private frames: number[] = [];
  /** Position of `frames[0]`. */
  private startPos: number;
  private rest = new Uint8Array(0);

  constructor(rateHz: number, startPos: number) {
    this.frameSamples = (rateHz * FRAME_MS) / 1000;
    this.startPos = startPos;
  }

  /** Takes the next audio, which follows what was taken before. */
  push(pcm: Uint8Array): void {
    const frameBytes = this.frameSamples * 2;
    const all = this.rest.length === 0 ? pcm : Buffer.concat([this.rest, pcm]);
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    let at = 0;
    for (; at + frameBytes <= all.byteLength; at += frameBytes)
      this.frames.push(powerDb(view, at, frameBytes));
    this.rest = all.slice(at);
  }

  /** A hole of `samples` in the audio counts as digital silence. */
  pushSilence(samples: number): void {
    const frameBytes = this.frameSamples * 2;
    const bytes = this.rest.byteLength + samples * 2;
    if (samples <= 0) return;
    this.push(new Uint8Array(Math.min(samples * 2, frameBytes - this.rest.byteLength)));
    const whole = Math.max(0, Math.floor(bytes / frameBytes) - 1);
    for (let i = 0; i < whole; i++) this.frames.push(NOTHING_DB);
    if (bytes >= frameBytes) this.rest = new Uint8Array(bytes % frameBytes);
  }

  forgetBefore(pos: number): void {
    const drop = Math.min(Math.floor((pos - this.startPos) / this.frameSamples), this.frames.length);
    // A few seconds are kept as context for the threshold.
    const keep = CONTEXT_MS / FRAME_MS;
    if (drop <= 2 * keep) return;
    this.frames.splice(0, drop - keep);
    this.startPos += (drop - keep) * this.frameSamples;
  }

  /** First position in [from, to) that is not quiet, or `to`. What is not measured yet counts as quiet. */
  firstLoud(from: number, to: number): number {
    const end = Math.min(this.indexOf(to), this.frames.length);
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
    for (let i = this.indexOf(from); i < Math.min(this.indexOf(to), this.frames.length); i++)
      if ((this.frames[i] as number) > threshold) frames += 1;
    return frames * FRAME_MS;
  }

  /** Middle of the quietest `windowMs` in [from, to), or undefined where none of it is quiet. */
  quietest(from: number, to: number, windowMs: number): number | undefined {
    const size = Math.max(1, Math.round(windowMs / FRAME_MS));
    const last = Math.min(this.indexOf(to), this.frames.length) - size;
    const threshold = this.threshold(to);
    let best: number | undefined;
    let bestDb = threshold;
    for (let i = this.indexOf(from); i <= last; i++) {
      const loudest = Math.max(...this.frames.slice(i, i + size));
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
    for (let end = Math.min(this.indexOf(to), this.frames.length); end > first; end--) {
      let start = end;
      while (isQuiet(start - 1)) start -= 1;
      if (end - start >= size) return { fromPos: this.posOf(start), toPos: this.posOf(end) };
      end = Math.min(end, start + 1);
    }
    return undefined;
  }

  /** Index of the first frame in [from, end) above `db`, or `end`. */
  private firstAbove(db: number, from: number, end: number): number {
    let i = Math.min(from, end);
    while (i < end && (this.frames[i] as number) <= db) i += 1;
    return i;
  }

  private threshold(around: number): number {
    const end = Math.min(this.frames.length, this.indexOf(around) + CONTEXT_MS / FRAME_MS / 4);
    // A typed array sorts numbers without a call for each comparison: this runs some ten times per second of audio.
    const context = new Float64Array(this.frames.slice(Math.max(0, end - CONTEXT_MS / FRAME_MS), end)).sort();
    if (context.length === 0) return SILENCE_DB;
    const at = (quantile: number) => context[Math.floor(quantile * (context.length - 1))] as number;
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
