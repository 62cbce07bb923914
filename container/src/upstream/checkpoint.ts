import { msToSamples, type SampleRate, SILENCE_MARGIN_MS } from '../../../contract/limits.ts';
import type { AsrParams } from '../asr/types.ts';
import { extendOverlap, type Overlap, overlapAfter, type PositionedSentence } from './dedupe.ts';
import type { LevelMeter } from './level-meter.ts';
import { CHECKPOINT_RULES } from './rules.ts';
import type { SentenceHeads } from './sentence-head.ts';
import type { UpstreamStream } from './stream.ts';

/** Where a new upstream stream begins: no audio before `pos` (samples) needs to be heard again. */
export interface Checkpoint {
  pos: number;
  /** Stored text that reaches beyond `pos`. */
  overlap: Overlap | null;
}

/**
 * Decides how far the session's audio is settled. The checkpoint only advances; each rule returns the new checkpoint, or
 * undefined where it stays. Audio behind the head of an open sentence is settled only by what ends that sentence.
 */
export class CheckpointTracker {
  private checkpoint: Checkpoint;
  private readonly heads: SentenceHeads;
  private readonly levels: LevelMeter;
  private readonly rateHz: SampleRate;
  private readonly forcedFromMs: number;
  private readonly sentencePauseSamples: number;

  /** @param params `maxSpeakMs`: length at which the recogniser forces a sentence to end; undefined: its own default */
  constructor(
    checkpoint: Checkpoint,
    heads: SentenceHeads,
    levels: LevelMeter,
    { sampleRate, maxSpeakMs, silenceMs }: Pick<AsrParams, 'sampleRate' | 'maxSpeakMs' | 'silenceMs'>,
  ) {
    this.checkpoint = checkpoint;
    this.heads = heads;
    this.sentencePauseSamples = msToSamples(silenceMs, sampleRate);
    this.levels = levels;
    this.rateHz = sampleRate;
    this.forcedFromMs = (maxSpeakMs ?? CHECKPOINT_RULES.maxSpeakMs) - CHECKPOINT_RULES.forcedWithinMs;
  }

  get current(): Checkpoint {
    return this.checkpoint;
  }

  get pos(): number {
    return this.checkpoint.pos;
  }

  /** Where the next stream begins: behind the open sentence's head. */
  get resume(): Checkpoint {
    const { current } = this.heads;
    return current ? { pos: current.pos, overlap: null } : this.checkpoint;
  }

  /** A sentence is finished. @param lengthMs as the recogniser tells it */
  afterFinal(stream: UpstreamStream, final: PositionedSentence, lengthMs: number): Checkpoint {
    // Text that is stored already is still to be heard again: the checkpoint waits for it.
    if (stream.overlapPending) return this.checkpoint;
    const known = this.checkpoint.overlap;
    const found = checkpointAfterFinal(this.levels, final, {
      from: this.resume.pos,
      sentPos: stream.sentPos,
      rateHz: this.rateHz,
      forced: lengthMs >= this.forcedFromMs,
    });
    const noPauseSince = known && found.pos < known.endPos;
    return this.set(
      noPauseSince ? { pos: this.checkpoint.pos, overlap: extendOverlap(known, final) } : found,
    );
  }

  /** A sentence that begins at `startPos` shows that the recogniser found none before it. */
  beforeSentence(stream: UpstreamStream, startPos: number): Checkpoint | undefined {
    if (stream.overlapPending || this.checkpoint.overlap || this.heads.current) return undefined;
    return this.advanceTo(startPos - msToSamples(CHECKPOINT_RULES.beforeStartMs, this.rateHz));
  }

  /** No sentence is open: silence that the recogniser has heard, less a margin, is settled. */
  inSilence(stream: UpstreamStream): Checkpoint | undefined {
    if (stream.midSentence || stream.overlapPending) return undefined;
    const head = this.heads.current;
    const from = Math.max(this.resume.pos, this.checkpoint.overlap?.endPos ?? 0);
    const heard = stream.sentPos - msToSamples(SILENCE_MARGIN_MS, this.rateHz);
    // One second, since each step may cost a write; behind a head, the pause that ends a sentence.
    const stepSamples = head ? this.sentencePauseSamples : this.rateHz;
    // No further than what was heard: the levels need not be looked at before that is a step.
    if (heard <= from || heard - this.resume.pos < stepSamples) return undefined;
    const pos = endOfQuiet(this.levels, from, heard, this.rateHz);
    return pos > from && pos - this.resume.pos >= stepSamples ? this.advanceTo(pos) : undefined;
  }

  /** The recogniser has ended the stream: whatever it found no sentence in is settled, loud or not. */
  afterFinished(stream: UpstreamStream): Checkpoint | undefined {
    const pos = stream.sentPos - msToSamples(SILENCE_MARGIN_MS, this.rateHz);
    if (stream.midSentence || pos < Math.max(this.resume.pos, this.checkpoint.overlap?.endPos ?? 0))
      return undefined;
    return this.advanceTo(pos);
  }

  /** All audio before `pos` is settled, for a reason of the caller's. */
  advanceTo(pos: number): Checkpoint | undefined {
    return pos > this.checkpoint.pos ? this.set({ pos, overlap: null }) : undefined;
  }

  private set(checkpoint: Checkpoint): Checkpoint {
    this.checkpoint = checkpoint;
    this.levels.forgetBefore(checkpoint.pos);
    return checkpoint;
  }
}

/**
 * The checkpoint that a final brings. A final in a pause: the checkpoint lies in that pause. A final that was forced: its last
 * word may be there only in part, also where a pause happens to follow. The checkpoint lies in the last pause before, and the
 * text behind that pause becomes the overlap, so that it is not written again when it is heard again.
 */
export function checkpointAfterFinal(
  levels: LevelMeter,
  sentence: PositionedSentence,
  {
    from,
    sentPos,
    rateHz,
    forced = false,
  }: { from: number; sentPos: number; rateHz: number; forced?: boolean },
): Checkpoint {
  const rules = CHECKPOINT_RULES;
  const samples = (ms: number) => msToSamples(ms, rateHz);
  const { endPos } = sentence;
  const after = Math.min(sentPos, endPos + samples(rules.quietAfterMs));
  const inPause =
    !forced &&
    after >= endPos + samples(rules.minKnownAfterMs) &&
    levels.loudMs(endPos + samples(rules.endToleranceMs), after) <= rules.toleratedLoudMs;
  if (inPause) {
    const pause = levels.quietest(
      Math.max(from, endPos - samples(rules.beforeEndMs)),
      Math.min(sentPos, endPos + samples(rules.afterEndMs)),
      rules.pauseMs,
    );
    return { pos: Math.max(from, pause ?? endPos), overlap: null };
  }
  const lookFrom = Math.max(from, endPos - samples(rules.lookBackMs));
  const quiet = levels.lastPause(lookFrom, endPos, 2 * rules.pauseMs);
  if (quiet === undefined || sentence.words.length === 0)
    return { pos: Math.max(from, endPos), overlap: null };
  // Near the speech that follows, so that little is heard again.
  const pause = quiet.toPos - samples(rules.pauseMs);
  return { pos: Math.max(from, pause), overlap: overlapAfter(sentence, pause) };
}

/** How far [from, heard) is quiet throughout, less a little before the first loud frame. */
function endOfQuiet(levels: LevelMeter, from: number, heard: number, rateHz: number): number {
  if (heard <= from) return from;
  const loud = levels.firstLoud(from, heard);
  return Math.max(from, loud === heard ? heard : loud - msToSamples(CHECKPOINT_RULES.afterEndMs, rateHz));
}
