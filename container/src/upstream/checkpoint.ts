import { msToSamples, type SampleRate, SILENCE_MARGIN_MS } from '../../../contract/limits.ts';
import { CUT_RULES } from '../session/rules.ts';
import { anchorInSilence, cutAfterFinal } from './cut.ts';
import type { Loudness } from './level-meter.ts';
import type { Generation } from './stream.ts';
import type { Anchor, PlacedSentence } from './types.ts';

/**
 * Knows what is decided. The anchor only advances, and each rule that moves it answers the new anchor, or undefined
 * where it stays.
 */
export class AnchorKeeper {
  private anchor: Anchor;
  private readonly loudness: Loudness;
  private readonly rateHz: SampleRate;

  constructor(anchor: Anchor, loudness: Loudness, rateHz: SampleRate) {
    this.anchor = anchor;
    this.loudness = loudness;
    this.rateHz = rateHz;
  }

  get current(): Anchor {
    return this.anchor;
  }

  get pos(): number {
    return this.anchor.pos;
  }

  /** A sentence is finished. */
  afterFinal(gen: Generation, final: PlacedSentence): Anchor {
    // of what is stored already, a part is still to be heard again
    if (gen.overlap) return this.anchor;
    const known = this.anchor.overlap;
    const cut = cutAfterFinal(this.loudness, final, {
      from: this.anchor.pos,
      sentPos: gen.sentPos,
      rateHz: this.rateHz,
    });
    // no pause since the last forced final: the overlap grows
    const grown = known && cut.pos < known.endPos;
    return this.set(
      grown
        ? { pos: this.anchor.pos, overlap: { text: known.text + final.text, endPos: final.endPos } }
        : cut,
    );
  }

  /** A sentence that begins at `startPos` shows that the recogniser found none before it. */
  beforeSentence(gen: Generation, startPos: number): Anchor | undefined {
    if (gen.overlap || this.anchor.overlap) return undefined;
    const pos = startPos - msToSamples(CUT_RULES.beforeStartMs, this.rateHz);
    return pos > this.anchor.pos ? this.set({ pos, overlap: null }) : undefined;
  }

  /** No sentence is open: silence that the recogniser is well past is decided. */
  inSilence(gen: Generation): Anchor | undefined {
    if (gen.open || gen.tainted || gen.overlap) return undefined;
    const from = Math.max(this.anchor.pos, this.anchor.overlap?.endPos ?? 0);
    const heard = gen.sentPos - msToSamples(SILENCE_MARGIN_MS, this.rateHz);
    const pos = anchorInSilence(this.loudness, from, heard, this.rateHz);
    // in steps of a second, so that silence does not make work
    const worth = pos > from && pos - this.anchor.pos >= this.rateHz;
    return worth ? this.set({ pos, overlap: null }) : undefined;
  }

  /** The recogniser has said its last word: what it found no sentence in is decided, loud or not. */
  afterLastWord(gen: Generation): Anchor | undefined {
    const pos = gen.sentPos - msToSamples(SILENCE_MARGIN_MS, this.rateHz);
    if (gen.open || gen.tainted || pos < (this.anchor.overlap?.endPos ?? 0)) return undefined;
    return this.advanceTo(pos);
  }

  /** All before `pos` is decided, for a reason of the caller's. */
  advanceTo(pos: number): Anchor | undefined {
    return pos > this.anchor.pos ? this.set({ pos, overlap: null }) : undefined;
  }

  private set(anchor: Anchor): Anchor {
    this.anchor = anchor;
    this.loudness.forgetBefore(anchor.pos);
    return anchor;
  }
}
