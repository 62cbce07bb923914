import { msToSamples } from '../../../contract/limits.ts';
import type { AsrParams, AsrSentence } from '../asr/types.ts';
import type { AudioBuffer } from './audio-buffer.ts';
import { type Checkpoint, CheckpointTracker } from './checkpoint.ts';
import type { PositionedSentence } from './dedupe.ts';
import type { LevelMeter } from './level-meter.ts';
import { HEAD_RULES } from './rules.ts';
import { type SentenceHead, SentenceHeads, sentenceOf } from './sentence-head.ts';
import type { UpstreamStream } from './stream.ts';

export interface RecognitionHandlers {
  /** The open sentence, as heard so far; empty text takes back what was shown. */
  interim(sentence: PositionedSentence): void;
  /** A finished sentence, and the checkpoint that it brings. */
  final(sentence: PositionedSentence, checkpoint: Checkpoint): void;
  /** The checkpoint moved without text: silence, or a sentence that came to nothing. */
  checkpoint(checkpoint: Checkpoint): void;
  /** The head of the open sentence: hearing can resume behind it. Null: what was a head has been changed. */
  head(head: SentenceHead | null): void;
}

/** A sentence of the recogniser's that is finished. */
interface Final {
  stream: UpstreamStream;
  placed: PositionedSentence;
  /** The recogniser's own number. */
  index: number;
  lengthMs: number;
}

export interface RecognitionDeps {
  params: AsrParams;
  buffer: AudioBuffer;
  levels: LevelMeter;
  checkpoint: Checkpoint;
  /** Of the sentence that is open. */
  head: SentenceHead | null;
  /** Whether heads are looked for. */
  findHeads: boolean;
}

/**
 * What the session's streams have heard: the open sentence with its head, and how far the audio is settled. Whatever settles audio
 * behind a head makes the head a sentence first.
 */
export class RecognitionProgress {
  private readonly buffer: AudioBuffer;
  private readonly heads: SentenceHeads;
  private readonly checkpoint: CheckpointTracker;
  private readonly on: RecognitionHandlers;
  private readonly levels: LevelMeter;
  private readonly rateHz: number;
  /** The stream was ended within a sentence: in the pause at `pausePos`, or, without one, where the audio had stopped. */
  private cut: { pausePos?: number } | undefined;
  /** The final of the sentence that was cut: it counts if nothing follows to go on with it. */
  private cutFinal: Final | undefined;

  constructor(
    { params, buffer, levels, checkpoint, head, findHeads: enabled }: RecognitionDeps,
    on: RecognitionHandlers,
  ) {
    const { sampleRate: rateHz, silenceMs } = params;
    this.buffer = buffer;
    this.levels = levels;
    this.rateHz = rateHz;
    this.heads = new SentenceHeads({ levels, buffer, rateHz, silenceMs, enabled }, head);
    this.checkpoint = new CheckpointTracker(checkpoint, this.heads, levels, params);
    this.on = on;
  }

  /** Where the next stream begins. */
  get resume(): Checkpoint {
    return this.checkpoint.resume;
  }

  /** How often a head stayed as it was until its sentence was final, and how often it was changed. */
  get headCounts(): SentenceHeads['counts'] {
    return this.heads.counts;
  }

  /** Samples up to `sentPos` that are not settled, so that the client keeps them; holes do not count. */
  unsettledSamples(sentPos: number): number {
    const { pos } = this.checkpoint.current;
    // What is before the buffer was heard by an earlier owner.
    return Math.max(0, this.buffer.startPos - pos) + this.buffer.samplesBetween(pos, sentPos);
  }

  /** A new stream begins. @returns where */
  beginStream(): Checkpoint {
    const unsettledMs = (this.unsettledSamples(this.resume.pos) * 1000) / this.rateHz;
    if (this.heads.isLong || (this.heads.current && unsettledMs > HEAD_RULES.maxLengthMs)) this.finishHead();
    this.heads.beginStream();
    this.cut = undefined;
    this.cutFinal = undefined;
    return this.resume;
  }

  /**
   * Whether `stream` is within a sentence, and what it was sent last is a pause: where it may be ended. The final that it then gives
   * does not end the sentence: the next stream goes on with it.
   */
  cutAtPause(stream: UpstreamStream): boolean {
    const { sentPos, midSentence, overlapPending } = stream;
    if (!midSentence || overlapPending) return false;
    const pauseSamples = msToSamples(HEAD_RULES.pauseMs, this.rateHz);
    const fromPos = sentPos - pauseSamples;
    const isAudio = this.buffer.samplesBetween(fromPos, sentPos) === pauseSamples;
    if (!isAudio || this.levels.loudMs(fromPos, sentPos) > 0) return false;
    this.cut = { pausePos: sentPos - Math.floor(pauseSamples / 2) };
    return true;
  }

  /**
   * The stream is ended where the audio has stopped, within a sentence and perhaps within a word. If audio follows, the next stream
   * goes on behind the sentence's last pause; if none does, see {@link finishCut}.
   */
  cutHere(): void {
    this.cut = {};
  }

  /** Nothing goes on with the sentence within which the last stream was ended: what that stream heard of it is the whole. */
  finishCut(): void {
    const { cutFinal } = this;
    this.cutFinal = undefined;
    if (cutFinal) this.commit(cutFinal);
  }

  /** The stream says something. */
  hear(stream: UpstreamStream, sentence: AsrSentence): void {
    if (this.cutFinal && this.cutFinal.index !== sentence.index) this.finishCut();
    const { kind, placed } = stream.hear(sentence);
    if (this.heads.isApart(placed)) this.finishHead();
    if (kind === 'final') {
      const { index, startMs, endMs } = sentence;
      this.onFinal({ stream, placed, index, lengthMs: endMs - startMs });
    } else {
      if (kind === 'begins') this.settle(this.checkpoint.beforeSentence(stream, placed.startPos));
      this.on.interim(this.heads.continued(placed));
      this.findHead(stream, placed, sentence);
    }
  }

  /** Audio was sent: silence in it may be settled. */
  sent(stream: UpstreamStream): void {
    this.settle(this.checkpoint.inSilence(stream));
  }

  /** The recogniser has ended the stream. */
  finished(stream: UpstreamStream): void {
    if (!this.cutFinal) this.settle(this.checkpoint.afterFinished(stream));
    const { sentPos, midSentence } = stream;
    if (midSentence)
      this.on.interim(this.heads.continued({ text: '', startPos: sentPos, endPos: sentPos, words: [] }));
  }

  /** All audio before `pos` is settled, for a reason of the caller's. */
  settleTo(pos: number): void {
    this.settle(this.checkpoint.advanceTo(pos));
  }

  private onFinal(final: Final): void {
    const { placed } = final;
    this.heads.confirm(placed);
    if (placed.text.trim() === '') {
      this.heads.forgetOwn();
      const { current } = this.heads;
      this.on.head(current);
      // Nothing was heard behind the head of earlier streams: the sentence goes on.
      if (current) this.on.interim(sentenceOf(current));
      else this.commit(final);
    } else if (!this.cut || !this.keepCut(final)) this.commit(final);
  }

  /** The stream was ended within this sentence. @returns false: it is to be a whole sentence all the same */
  private keepCut(final: Final): boolean {
    const { stream, placed } = final;
    const pausePos = this.cut?.pausePos;
    if (pausePos === undefined) this.heads.adoptBeforePause(placed, this.minHeadPos, stream.sentPos);
    else if (!this.heads.adopt(placed, pausePos)) return false;
    this.cutFinal = final;
    const { current } = this.heads;
    if (pausePos !== undefined && current) this.on.interim(sentenceOf(current));
    this.on.head(current);
    return true;
  }

  private commit({ stream, placed, lengthMs }: Final): void {
    const whole = this.heads.continued(placed);
    const checkpoint = this.checkpoint.afterFinal(stream, whole, lengthMs);
    this.heads.resolve();
    this.buffer.forgetBefore(checkpoint.pos);
    this.on.final(whole, checkpoint);
  }

  private findHead(stream: UpstreamStream, placed: PositionedSentence, { index, words }: AsrSentence): void {
    if (stream.overlapPending) return;
    const stable = words.map((word) => word.stable);
    const interim = { index, sentence: placed, stable, sentPos: stream.sentPos };
    if (this.heads.consider(interim, this.minHeadPos)) this.on.head(this.heads.current);
  }

  private get minHeadPos(): number {
    return Math.max(this.resume.pos, this.checkpoint.current.overlap?.endPos ?? 0);
  }

  /** The head is a whole sentence. */
  private finishHead(): void {
    this.settle(this.checkpoint.advanceTo(this.resume.pos) ?? this.checkpoint.current);
  }

  /** Audio before the checkpoint is not kept; a head before it is a sentence. */
  private settle(checkpoint: Checkpoint | undefined): void {
    if (!checkpoint) return;
    const { current: head } = this.heads;
    this.heads.resolve();
    this.buffer.forgetBefore(checkpoint.pos);
    if (head) this.on.final(sentenceOf(head), checkpoint);
    else this.on.checkpoint(checkpoint);
  }
}
