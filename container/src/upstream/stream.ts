import { BYTES_PER_SAMPLE, msToSamples } from '../../../contract/limits.ts';
import type { AsrConnection, AsrSentence } from '../asr/types.ts';
import type { Overlap } from './dedupe.ts';
import { withoutOverlap } from './dedupe.ts';
import type { Pacer } from './pacer.ts';
import { CHECKPOINT_RULES } from './rules.ts';
import { TimeMap } from './time-map.ts';
import type { PlacedSentence, PlacedWord } from './types.ts';

const wordChars = (text: string): number => (text.match(/[\p{L}\p{N}]/gu) ?? []).length;

/** The last words, as many as `text` spells. */
function lastWords(words: readonly PlacedWord[], text: string): PlacedWord[] {
  let chars = wordChars(text);
  let from = words.length;
  while (from > 0) {
    chars -= wordChars((words[from - 1] as PlacedWord).text);
    if (chars < 0) break;
    from -= 1;
  }
  return words.slice(from);
}

/** One upstream connection as the relay sees it: what it was sent, and what it says, in positions of the session. */
export class UpstreamStream {
  state: 'dialling' | 'streaming' | 'finishing' = 'dialling';
  /** All before it was sent. */
  sentPos: number;
  /** A sentence has begun and not ended. */
  open = false;
  /** Silence was injected while a sentence was open: its sentence is not what was said. */
  tainted = false;
  /** A final that a taint made worthless: its audio must be heard again. */
  refusedFinal = false;
  readonly startPos: number;
  readonly openedAt: number;
  lastSendAt: number;
  lastAudioAt: number;
  /** When loud audio began to go out that nothing was said about yet. */
  loudSinceAt: number | undefined;
  /** All loud audio before it was answered by some event. */
  answeredPos: number;
  private readonly map: TimeMap;
  private readonly rateHz: number;
  private readonly connection: AsrConnection;
  readonly pacer: Pacer;
  overlap: Overlap | null;

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
    this.sentPos = init.startPos;
    this.answeredPos = init.startPos;
    this.overlap = init.overlap;
    this.openedAt = init.nowMs;
    this.lastSendAt = init.nowMs;
    this.lastAudioAt = init.nowMs;
    this.map = new TimeMap(init.rateHz);
  }

  sendAudio(pcm: Uint8Array, nowMs: number): void {
    const samples = pcm.byteLength / BYTES_PER_SAMPLE;
    this.connection.send(pcm);
    this.map.audio(this.sentPos, samples);
    this.sentPos += samples;
    this.lastSendAt = nowMs;
    this.lastAudioAt = nowMs;
  }

  /** Jumps over a hole in the audio: a short silence ends the sentence before it, and times go on behind it. */
  bridge(toPos: number, ms: number, nowMs: number): void {
    const samples = msToSamples(ms, this.rateHz);
    this.connection.send(new Uint8Array(samples * BYTES_PER_SAMPLE));
    this.map.silence(this.sentPos, samples);
    this.sentPos = toPos;
    this.lastSendAt = nowMs;
    this.lastAudioAt = nowMs;
  }

  /** Keeps the connection alive; mapped out of all times. */
  sendSilence(ms: number, nowMs: number): void {
    const samples = msToSamples(ms, this.rateHz);
    this.connection.send(new Uint8Array(samples * BYTES_PER_SAMPLE));
    this.map.silence(this.sentPos, samples);
    this.lastSendAt = nowMs;
    if (this.open) this.tainted = true;
  }

  end(): void {
    this.state = 'finishing';
    this.connection.end();
  }

  close(): void {
    this.connection.close();
  }

  /** The sentence in session positions, without what is stored already. */
  place(sentence: AsrSentence): PlacedSentence {
    const words = sentence.words.map((word) => ({
      text: word.text,
      startPos: this.map.posAt(word.startMs),
      endPos: this.map.posAt(word.endMs),
    }));
    const startPos = Math.max(this.startPos, this.map.posAt(sentence.startMs));
    const endPos = Math.max(startPos, this.map.posAt(sentence.endMs));
    const known = this.overlap;
    const later =
      known && startPos >= known.endPos + msToSamples(CHECKPOINT_RULES.behindOverlapMs, this.rateHz);
    if (later && sentence.final) this.overlap = null;
    if (!known || later) return { text: sentence.text, startPos, endPos, words };
    const { text, left } = withoutOverlap(sentence.text, words, known);
    if (sentence.final) this.overlap = left;
    const freshWords = lastWords(words, text);
    // a pause may lie between the known words and the fresh ones
    const begins = Math.max(freshWords[0]?.startPos ?? startPos, known.endPos);
    const fresh = Math.min(begins, endPos);
    return { text, startPos: fresh, endPos: Math.max(endPos, fresh), words: freshWords };
  }
}
