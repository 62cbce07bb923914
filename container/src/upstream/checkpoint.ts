import { msToSamples, type SampleRate, SILENCE_MARGIN_MS } from '../../../contract/limits.ts';
import { checkpointAfterFinal, endOfQuiet } from './cut.ts';
import type { LevelMeter } from './level-meter.ts';
import { CHECKPOINT_RULES } from './rules.ts';
import type { UpstreamStream } from './stream.ts';
import type { Checkpoint, PlacedSentence } from './types.ts';

/**
 * Knows what is decided. The checkpoint only advances, and each rule that moves it answers the new checkpoint, or undefined
 * where it stays.
 */
export class CheckpointTracker {
  private checkpoint: Checkpoint;
  private readonly levels: LevelMeter;
  private readonly rateHz: SampleRate;

  constructor(checkpoint: Checkpoint, levels: LevelMeter, rateHz: SampleRate) {
    this.checkpoint = checkpoint;
    this.levels = levels;
    this.rateHz = rateHz;
  }

  get current(): Checkpoint {
    return this.checkpoint;
  }

  get pos(): number {
    return this.checkpoint.pos;
  }

  /** A sentence is finished. */
  afterFinal(gen: UpstreamStream, final: PlacedSentence): Checkpoint {
    // of what is stored already, a part is still to be heard again
    if (gen.overlap) return this.checkpoint;
    const known = this.checkpoint.overlap;
    const cut = checkpointAfterFinal(this.levels, final, {
      from: this.checkpoint.pos,
      sentPos: gen.sentPos,
      rateHz: this.rateHz,
    });
    // no pause since the last forced final: the overlap grows
    const grown = known && cut.pos < known.endPos;
    return this.set(
      grown
        ? { pos: this.checkpoint.pos, overlap: { text: known.text + final.text, endPos: final.endPos } }
        : cut,
    );
  }

  /** A sentence that begins at `startPos` shows that the recogniser found none before it. */
  beforeSentence(gen: UpstreamStream, startPos: number): Checkpoint | undefined {
    if (gen.overlap || this.checkpoint.overlap) return undefined;
    const pos = startPos - msToSamples(CHECKPOINT_RULES.beforeStartMs, this.rateHz);
    return pos > this.checkpoint.pos ? this.set({ pos, overlap: null }) : undefined;
  }

  /** No sentence is open: silence that the recogniser is well past is decided. */
  inSilence(gen: UpstreamStream): Checkpoint | undefined {
    if (gen.open || gen.tainted || gen.overlap) return undefined;
    const from = Math.max(this.checkpoint.pos, this.checkpoint.overlap?.endPos ?? 0);
    const heard = gen.sentPos - msToSamples(SILENCE_MARGIN_MS, this.rateHz);
    const pos = endOfQuiet(this.levels, from, heard, this.rateHz);
    // in steps of a second, so that silence does not make work
    const worth = pos > from && pos - this.checkpoint.pos >= this.rateHz;
    return worth ? this.set({ pos, overlap: null }) : undefined;
  }

  /** The recogniser has said its last word: what it found no sentence in is decided, loud or not. */
  afterLastWord(gen: UpstreamStream): Checkpoint | undefined {
    const pos = gen.sentPos - msToSamples(SILENCE_MARGIN_MS, this.rateHz);
    if (gen.open || gen.tainted || pos < (this.checkpoint.overlap?.endPos ?? 0)) return undefined;
    return this.advanceTo(pos);
  }

  /** All before `pos` is decided, for a reason of the caller's. */
  advanceTo(pos: number): Checkpoint | undefined {
    return pos > this.checkpoint.pos ? this.set({ pos, overlap: null }) : undefined;
  }

  private set(checkpoint: Checkpoint): Checkpoint {
    this.checkpoint = checkpoint;
    this.levels.forgetBefore(checkpoint.pos);
    return checkpoint;
  }
}
