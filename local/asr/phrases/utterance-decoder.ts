import type { Segment, Word } from '../recogniser.ts';
import { Alignment, type Completion, isMatch } from './alignment.ts';
import type { PhraseBank, Template } from './bank.ts';
import { FRAME_MS, TUNING } from './tuning.ts';

/** Speech without a gap. Frame numbers of the stream; `end` is the last frame with speech. */
interface Burst {
  start: number;
  end: number;
  /** Frames with speech. */
  frames: number;
}

/** The alignment that starts at a burst's onset, with the phrase that would be complete at the end of each later burst. */
interface OnsetAlignment {
  alignment: Alignment;
  /** Best completion at the end of the current burst. */
  newest: Completion | null;
  completions: Map<Burst, Completion | null>;
}

/** Bursts `from` … `to − 1` interpreted as one phrase, or as unknown speech (`template` null). */
interface Interpretation {
  from: number;
  to: number;
  template: Template | null;
}

interface UnknownSpeech {
  start: number;
  end: number;
  frames: number;
}

/**
 * Decodes an utterance, the speech between two longer pauses. It consists of bursts; an alignment starts at each, and the
 * result is the cheapest interpretation of the bursts as phrases and unknown speech. Thus a pause at a comma does not split
 * a phrase, and two phrases with a short pause between them are still two.
 */
export class UtteranceDecoder {
  readonly #bank: PhraseBank;
  /** Noise at the utterance's start, used by all its alignments. */
  readonly #noise: Float32Array;
  readonly #bursts: Burst[] = [];
  /** One per burst. */
  readonly #onsets: OnsetAlignment[] = [];
  /** Unknown speech that is not output yet, because the next burst may belong to it. */
  #unknown: UnknownSpeech | null = null;
  #interim: Segment | null = null;
  /** Whether the newest burst may still be extended. */
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
  /** Where the bursts that are not interpreted yet begin. */
  get openFrame(): number {
    return this.#bursts[0]?.start ?? 0;
  }

  /** Passes a frame to all alignments. */
  step(energies: Float32Array): void {
    for (const { alignment } of this.#onsets) alignment.step(energies, this.#noise);
  }

  /** Begins a burst at frame `start`. `recent`: the energies from shortly before it up to the current frame `now`. */
  beginBurst(start: number, now: number, recent: readonly Float32Array[]): void {
    this.#closeBurst();
    const alignment = new Alignment(this.#bank);
    for (const energies of recent) alignment.step(energies, this.#noise);
    this.#onsets.push({ alignment, newest: null, completions: new Map() });
    this.#bursts.push({ start, end: now, frames: TUNING.onsetFrames });
    this.#active = true;
  }

  /** Adds a frame to the current burst, and updates each alignment's best completion. */
  extendBurst(now: number, speech: boolean): void {
    const burst = this.#bursts.at(-1);
    if (!this.#active || !burst) return;
    if (speech) {
      burst.end = now;
      burst.frames++;
    }
    for (const onset of this.#onsets) {
      const completion = onset.alignment.complete();
      const better =
        completion !== null && completion.cost < (onset.newest?.cost ?? Number.POSITIVE_INFINITY);
      if (speech || better) onset.newest = completion;
    }
  }

  /** A gap: the next onset begins a new burst. */
  endBurst(): void {
    this.#active = false;
  }

  /** The segments that are certain: of the oldest bursts, once no alignment that starts in them can still match. */
  takeFinals(): Segment[] {
    const finals: Segment[] = [];
    // in a pause the newest burst is complete and takes part; at least one burst is kept for what follows
    if (!this.#active) this.#closeBurst();
    while (this.#bursts.length > 1) {
      const count = this.#active ? this.#bursts.length - 1 : this.#bursts.length;
      const first = this.#interpret(count)[0] as Interpretation;
      const undecided = this.#onsets.slice(0, first.to).some(({ alignment }) => alignment.canMatch());
      if (first.to === this.#bursts.length || undecided) break;
      finals.push(...this.#output(first));
      this.#bursts.splice(0, first.to);
      this.#onsets.splice(0, first.to);
      this.#interim = null;
    }
    return finals;
  }

  /** Ends the utterance. @returns the segments of all remaining bursts */
  finish(): Segment[] {
    this.#closeBurst();
    const finals = this.#interpret(this.#bursts.length).flatMap((one) => this.#output(one));
    finals.push(...this.#outputUnknown());
    this.#bursts.length = 0;
    this.#onsets.length = 0;
    return finals;
  }

  /** The interim text of the bursts that are not final. It is never shortened. */
  interim(now: number): Segment | null {
    for (const [i, { alignment }] of this.#onsets.entries()) {
      const progress = alignment.progress();
      if (!progress) continue;
      const startMs = (this.#bursts[i] as Burst).start * FRAME_MS;
      const spoken = phraseSegment(
        progress.template,
        startMs,
        Math.max(startMs, now * FRAME_MS),
        progress.chars,
        progress.fraction,
      );
      const segment = joinSegments([...this.#preview(this.#interpret(i)), spoken]);
      if (segment && !this.#interim?.text.startsWith(segment.text)) this.#interim = segment;
      break;
    }
    return this.#interim;
  }

  /** Records each alignment's best completion at the end of the newest burst. */
  #closeBurst(): void {
    const burst = this.#bursts.at(-1);
    if (!burst) return;
    for (const onset of this.#onsets) onset.completions.set(burst, onset.newest);
  }

  /**
   * The cheapest interpretation of the first `count` bursts, by dynamic programming over their ends. Unknown speech costs
   * slightly more per frame than the worst match.
   */
  #interpret(count: number): Interpretation[] {
    const best: { cost: number; path: Interpretation[] }[] = [{ cost: 0, path: [] }];
    for (let to = 1; to <= count; to++) {
      const last = this.#bursts[to - 1] as Burst;
      for (let from = 0; from < to; from++) {
        const completion = this.#onsets[from]?.completions.get(last);
        const match = isMatch(completion) ? completion : null;
        if (!match && from < to - 1) continue;
        const before = best[from] as { cost: number; path: Interpretation[] };
        const frames = last.end - (this.#bursts[from] as Burst).start + 1;
        const cost = before.cost + frames * (match?.cost ?? TUNING.maxCost * 1.01);
        if (cost >= (best[to]?.cost ?? Number.POSITIVE_INFINITY)) continue;
        best[to] = { cost, path: [...before.path, { from, to, template: match?.template ?? null }] };
      }
    }
    return (best[count] as { path: Interpretation[] }).path;
  }

  /** The segments that the interpretations would give, without output. */
  #preview(interpretations: readonly Interpretation[]): Segment[] {
    const unknown = this.#unknown;
    const preview = interpretations.flatMap((one) => this.#output(one));
    preview.push(...this.#outputUnknown());
    this.#unknown = unknown;
    return preview;
  }

  /** Outputs a phrase, preceded by pending unknown speech; unknown speech itself stays pending. */
  #output({ from, to, template }: Interpretation): Segment[] {
    const bursts = this.#bursts.slice(from, to);
    const start = (bursts[0] as Burst).start;
    const end = (bursts.at(-1) as Burst).end + 1;
    if (template) {
      return [...this.#outputUnknown(), phraseSegment(template, start * FRAME_MS, end * FRAME_MS)];
    }
    const frames = bursts.reduce((total, burst) => total + burst.frames, this.#unknown?.frames ?? 0);
    this.#unknown = { start: this.#unknown?.start ?? start, end, frames };
    return [];
  }

  #outputUnknown(): Segment[] {
    const unknown = this.#unknown;
    this.#unknown = null;
    if (!unknown || unknown.frames * FRAME_MS < TUNING.minUnknownMs) return [];
    return [unknownSegment(unknown.start * FRAME_MS, unknown.end * FRAME_MS)];
  }
}

/**
 * The first `chars` characters of a phrase as a segment whose characters are spread over its time. The last word may be cut
 * within its letters.
 * @param fraction part of the phrase that lies between the two times, 0 … 1
 */
function phraseSegment(
  template: Template,
  startMs: number,
  endMs: number,
  chars = template.chars.length,
  fraction = 1,
): Segment {
  const at = (share: number): number =>
    Math.round(startMs + Math.min(1, share / fraction) * (endMs - startMs));
  let from = 0;
  let wordStart = startMs;
  const words: Word[] = [];
  for (const length of template.wordLengths) {
    const to = Math.min(from + length, chars);
    if (to <= from) break;
    const wordEnd = at(template.charEnds[to - 1] as number);
    words.push({ text: template.chars.slice(from, to).join(''), startMs: wordStart, endMs: wordEnd });
    wordStart = wordEnd;
    from = to;
  }
  return { text: words.map((word) => word.text).join(''), startMs, endMs, words };
}

/** Speech that matches no phrase: a placeholder with its length. */
function unknownSegment(startMs: number, endMs: number): Segment {
  const seconds = Math.max(1, Math.round((endMs - startMs) / 1000));
  const text = `〔语音 ${seconds} 秒〕`;
  return { text, startMs, endMs, words: [{ text, startMs, endMs }] };
}

/** Joins segments, in order, to one; null: there are none. */
function joinSegments(segments: readonly Segment[]): Segment | null {
  const first = segments[0];
  const last = segments.at(-1);
  if (!first || !last) return null;
  return {
    text: segments.map((segment) => segment.text).join(''),
    startMs: first.startMs,
    endMs: last.endMs,
    words: segments.flatMap((segment) => segment.words),
  };
}
