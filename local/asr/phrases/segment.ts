import type { Stretch } from '../engine/recogniser.ts';
import { Alignment, type Completion, isMatch } from './alignment.ts';
import type { PhraseBank, Template } from './bank.ts';
import { joinStretches, phraseStretch, unknownStretch } from './stretches.ts';
import { FRAME_MS, TUNING } from './tuning.ts';

/** A run of speech without a gap. Frame numbers of the stream; `end` is the last frame of speech. */
interface Burst {
  start: number;
  end: number;
  /** Frames with speech. */
  frames: number;
}

/** An alignment that began at a burst's onset, and what would have been complete at the end of later bursts. */
interface Anchor {
  alignment: Alignment;
  /** Best completion at the end of the running burst. */
  newest: Completion | null;
  ends: Map<Burst, Completion | null>;
}

/** Bursts `from` … `to − 1` read as one phrase, or as unknown speech. */
interface Reading {
  from: number;
  to: number;
  template: Template | null;
}

interface Unknown {
  start: number;
  end: number;
  frames: number;
}

/**
 * Speech between two longer silences: bursts, an alignment anchored at each, and the cheapest reading of the bursts as
 * phrases and unknown stretches. So a comma inside a phrase does not split it, and two phrases without a real pause
 * between them are still two.
 */
export class Segment {
  readonly #bank: PhraseBank;
  /** Noise at the segment's start: the same for every alignment in it. */
  readonly #noise: Float32Array;
  readonly #bursts: Burst[] = [];
  readonly #anchors: Anchor[] = [];
  /** Unknown speech that was read but not handed out: what follows may belong to it. */
  #unknown: Unknown | null = null;
  #shown: Stretch | null = null;
  /** A burst is running. */
  #active = false;

  constructor(bank: PhraseBank, noise: Float32Array) {
    this.#bank = bank;
    this.#noise = noise.slice();
  }

  get active(): boolean {
    return this.#active;
  }
  get startFrame(): number {
    return this.#unknown?.start ?? this.#bursts[0]?.start ?? 0;
  }
  /** Where the part that is not read yet begins. */
  get openFrame(): number {
    return this.#bursts[0]?.start ?? 0;
  }

  step(energies: Float32Array): void {
    for (const anchor of this.#anchors) anchor.alignment.step(energies, this.#noise);
  }

  /** A new onset at frame `start`; `recent` are the energies since a little before it, the present frame last. */
  begin(start: number, now: number, recent: readonly Float32Array[]): void {
    this.#closeBurst();
    const alignment = new Alignment(this.#bank);
    for (const energies of recent) alignment.step(energies, this.#noise);
    this.#anchors.push({ alignment, newest: null, ends: new Map() });
    this.#bursts.push({ start, end: now, frames: TUNING.onsetFrames });
    this.#active = true;
  }

  /** Counts the frame to the running burst, and remembers each anchor's best completion at its end. */
  extend(now: number, speech: boolean): void {
    const burst = this.#bursts.at(-1);
    if (!this.#active || !burst) return;
    if (speech) {
      burst.end = now;
      burst.frames++;
    }
    for (const anchor of this.#anchors) {
      const completion = anchor.alignment.complete();
      const better =
        completion !== null && completion.cost < (anchor.newest?.cost ?? Number.POSITIVE_INFINITY);
      if (speech || better) anchor.newest = completion;
    }
  }

  pause(): void {
    this.#active = false;
  }

  /** What is certain: the oldest bursts, once no alignment anchored in them can still win. */
  settle(): Stretch[] {
    const settled: Stretch[] = [];
    // In a pause the newest burst is complete too and takes part; at least one burst stays open.
    if (!this.#active) this.#closeBurst();
    while (this.#bursts.length > 1) {
      const count = this.#active ? this.#bursts.length - 1 : this.#bursts.length;
      const reading = this.#read(count)[0] as Reading;
      const undecided = this.#anchors.slice(0, reading.to).some(({ alignment }) => alignment.hopeful());
      if (reading.to === this.#bursts.length || undecided) break;
      settled.push(...this.#handOut(reading));
      this.#bursts.splice(0, reading.to);
      this.#anchors.splice(0, reading.to);
      this.#shown = null;
    }
    return settled;
  }

  /** The end of the segment: everything is read and handed out. */
  finish(): Stretch[] {
    this.#closeBurst();
    const settled = this.#read(this.#bursts.length).flatMap((reading) => this.#handOut(reading));
    settled.push(...this.#handOutUnknown());
    this.#bursts.length = 0;
    this.#anchors.length = 0;
    return settled;
  }

  /** What to show for the open part. It never gets shorter while it is open. */
  open(now: number): Stretch | null {
    for (const [i, { alignment }] of this.#anchors.entries()) {
      const progress = alignment.progress();
      if (!progress) continue;
      const startMs = (this.#bursts[i] as Burst).start * FRAME_MS;
      const spoken = phraseStretch(
        progress.template,
        startMs,
        Math.max(startMs, now * FRAME_MS),
        progress.chars,
        progress.fraction,
      );
      const stretch = joinStretches([...this.#preview(this.#read(i)), spoken]);
      if (stretch && !this.#shown?.text.startsWith(stretch.text)) this.#shown = stretch;
      break;
    }
    return this.#shown;
  }

  #closeBurst(): void {
    const burst = this.#bursts.at(-1);
    if (!burst) return;
    for (const anchor of this.#anchors) anchor.ends.set(burst, anchor.newest);
  }

  /** The cheapest reading of the first `count` bursts. Unknown speech costs a little more than the worst match. */
  #read(count: number): Reading[] {
    const best: { cost: number; readings: Reading[] }[] = [{ cost: 0, readings: [] }];
    for (let to = 1; to <= count; to++) {
      const last = this.#bursts[to - 1] as Burst;
      for (let from = 0; from < to; from++) {
        const end = this.#anchors[from]?.ends.get(last);
        const match = isMatch(end) ? end : null;
        if (!match && from < to - 1) continue;
        const before = best[from] as { cost: number; readings: Reading[] };
        const frames = last.end - (this.#bursts[from] as Burst).start + 1;
        const cost = before.cost + frames * (match?.cost ?? TUNING.maxCost * 1.01);
        if (cost >= (best[to]?.cost ?? Number.POSITIVE_INFINITY)) continue;
        best[to] = { cost, readings: [...before.readings, { from, to, template: match?.template ?? null }] };
      }
    }
    return (best[count] as { readings: Reading[] }).readings;
  }

  #preview(readings: readonly Reading[]): Stretch[] {
    const unknown = this.#unknown;
    const preview = readings.flatMap((reading) => this.#handOut(reading));
    preview.push(...this.#handOutUnknown());
    this.#unknown = unknown;
    return preview;
  }

  /** A phrase at once, with the unknown speech before it; unknown speech is kept until something else follows. */
  #handOut({ from, to, template }: Reading): Stretch[] {
    const bursts = this.#bursts.slice(from, to);
    const start = (bursts[0] as Burst).start;
    const end = (bursts.at(-1) as Burst).end + 1;
    if (template) {
      return [...this.#handOutUnknown(), phraseStretch(template, start * FRAME_MS, end * FRAME_MS)];
    }
    const frames = bursts.reduce((total, burst) => total + burst.frames, this.#unknown?.frames ?? 0);
    this.#unknown = { start: this.#unknown?.start ?? start, end, frames };
    return [];
  }

  #handOutUnknown(): Stretch[] {
    const unknown = this.#unknown;
    this.#unknown = null;
    if (!unknown || unknown.frames * FRAME_MS < TUNING.minUnknownMs) return [];
    return [unknownStretch(unknown.start * FRAME_MS, unknown.end * FRAME_MS)];
  }
}
