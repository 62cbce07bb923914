import { DIMENSIONS, FeatureExtractor, type FeatureNormalization, normalizationOf } from './features.ts';
import { MelFrontEnd } from './mel.ts';
import { FRAME_SAMPLES, TEMPLATE_FRAME_SAMPLES, TUNING } from './tuning.ts';
import { SpeechDetector } from './vad.ts';

/** The acoustic analysis of one recording of a phrase: mel energies every 10 ms, without the silence around the speech. */
export interface PhraseRecording {
  text: string;
  /** Largest energy of a frame of 20 ms, summed over the bands. */
  peak: number;
  /** Energies of the bands, one array per 10 ms. */
  rows: Float32Array[];
}

/** One recording of a phrase as features for the alignment. */
export interface Template {
  text: string;
  chars: string[];
  /** Where each character ends, as a fraction of the phrase; punctuation has no duration. */
  charEnds: Float64Array;
  /** Numbers of characters of its words: each with the space before it. A Chinese character is a word, and so is punctuation. */
  wordLengths: number[];
  /** Frames of `DIMENSIONS` features, 10 ms each. */
  features: Float32Array;
  /** Number of frames. */
  length: number;
  /** Where its cells begin in the arrays of an alignment. */
  offset: number;
}

/** Unused cells on both sides of a template's cells, so that no alignment step reaches another template. */
export const CELL_MARGIN = 8;
/** Silence added around a recording, so that the detector learns its noise floor first (0.5 s). */
const LEAD_SAMPLES = 8_000;
/** A recording whose loudest frame is below this energy holds no speech: about −70 dB of full scale. */
const QUIETEST_PEAK = 1e-3;

/**
 * Analyses a recording with the front end and the speech detector of the live stream.
 * @param pcm at 16 kHz
 * @throws {RangeError} when it contains no speech
 */
export function analyseRecording(text: string, pcm: Int16Array): PhraseRecording {
  const padded = new Int16Array(pcm.length + 2 * LEAD_SAMPLES);
  padded.set(pcm, LEAD_SAMPLES);
  const rows: Float32Array[] = [];
  const frames: Float32Array[] = [];
  new MelFrontEnd(TEMPLATE_FRAME_SAMPLES).push(padded, (energies) => rows.push(energies));
  new MelFrontEnd(FRAME_SAMPLES).push(padded, (energies) => frames.push(energies));
  const peak = frames.reduce((most, frame) => Math.max(most, sum(frame)), 0);
  const detector = new SpeechDetector(peak);
  const speech = frames.map((frame) => detector.next(frame));
  const first = speech.findIndex((_, i) => allTrue(speech, i, TUNING.onsetFrames));
  const last = speech.lastIndexOf(true);
  if (first < 0 || peak < QUIETEST_PEAK) throw new RangeError(`“${text}”的录音里没有听到说话`);
  return { text, peak, rows: rows.slice(Math.max(0, (first - 2) * 2), (last + 2) * 2) };
}

const sum = (frame: Float32Array): number => frame.reduce((total, e) => total + e, 0);
const allTrue = (flags: boolean[], from: number, count: number): boolean =>
  from + count <= flags.length && flags.slice(from, from + count).every(Boolean);

/** The phrases that can be recognised. Immutable, shared by all streams. */
export class PhraseBank {
  readonly templates: readonly Template[];
  readonly whitening: FeatureNormalization;
  /** Median peak energy of the recordings: the speech level that is assumed at the start of a stream. */
  readonly level: number;
  /** Number of cells of one alignment. */
  readonly cells: number;

  /** @param recordings one or more per text; @throws {RangeError} when there is none */
  constructor(recordings: readonly PhraseRecording[]) {
    if (recordings.length === 0)
      throw new RangeError('短语库是空的：samples/phrases 中没有成对的 wav 与 txt');
    const raw = recordings.map((recording) => featuresOf(recording, null));
    const all = new Float32Array(raw.reduce((total, features) => total + features.length, 0));
    let at = 0;
    for (const features of raw) {
      all.set(features, at);
      at += features.length;
    }
    this.whitening = normalizationOf(all);
    let offset = 0;
    this.templates = recordings.map((recording) => {
      const template = templateOf(recording, this.whitening, offset);
      offset += template.length + 2 * CELL_MARGIN;
      return template;
    });
    this.cells = offset;
    const peaks = recordings.map((recording) => recording.peak).sort((a, b) => a - b);
    this.level = peaks[peaks.length >> 1] as number;
  }

  /** The texts, each once, in the order of the recordings. */
  get texts(): string[] {
    return [...new Set(this.templates.map((template) => template.text))];
  }
}

function featuresOf(recording: PhraseRecording, whitening: FeatureNormalization | null): Float32Array {
  const extractor = new FeatureExtractor(whitening, 2);
  const silent = new Float32Array(TUNING.bands);
  const features = new Float32Array(recording.rows.length * DIMENSIONS);
  recording.rows.forEach((row, i) => {
    extractor.next(row, silent, features, i * DIMENSIONS);
  });
  return features;
}

/** A word of letters and digits, or a character, with the space before it. */
const WORD = /\s*(?:[\p{Script=Latin}\p{Nd}]+(?:['’-][\p{Script=Latin}\p{Nd}]+)*|\P{White_Space})/gu;
/** How long a Latin letter is spoken, in Chinese characters: a word of eight letters lasts about as long as two or three. */
const LETTER_WEIGHT = 0.3;

function weightOf(char: string): number {
  if (/[\p{P}\s]/u.test(char)) return 0;
  return /\p{Script=Latin}/u.test(char) ? LETTER_WEIGHT : 1;
}

/** At these a speaker may pause within a phrase. */
const PAUSE_MARKS = /[，。！？；：、,.!?;:]/u;
/** A pause is at least this many rows of 10 ms … */
const PAUSE_ROWS = 6;
/** … that are this much quieter than the phrase's peak: 25 dB. */
const PAUSE_SHARE = 3e-3;

interface RowRange {
  from: number;
  to: number;
}

/** The longest pauses of a recording, at most `count`, in order. */
function longestPauses({ rows, peak }: PhraseRecording, count: number): RowRange[] {
  const pauses: RowRange[] = [];
  for (let from = 0; from < rows.length; from++) {
    let to = from;
    while (to < rows.length && sum(rows[to] as Float32Array) < peak * PAUSE_SHARE) to++;
    if (to - from >= PAUSE_ROWS && from > 0 && to < rows.length) pauses.push({ from, to });
    from = to;
  }
  const longest = pauses.sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, count);
  return longest.sort((a, b) => a.from - b.from);
}

/**
 * Where each character ends, as a fraction of the recording. Between two pauses the characters are spread by their weights; the
 * pauses are at the punctuation marks, if there are as many.
 */
function charEndsOf(chars: readonly string[], recording: PhraseRecording): Float64Array {
  const weights = chars.map(weightOf);
  const lastSpoken = weights.findLastIndex((weight) => weight > 0);
  const marks = chars.flatMap((char, i) => (i < lastSpoken && PAUSE_MARKS.test(char) ? i : []));
  const found = longestPauses(recording, marks.length);
  const pauses = found.length === marks.length ? found : [];
  const rows = recording.rows.length;
  const ends = new Float64Array(chars.length);
  let [char, row] = [0, 0];
  for (let part = 0; part <= pauses.length; part++) {
    const pause = pauses[part] ?? { from: rows, to: rows };
    const until = pauses[part] ? (marks[part] as number) + 1 : chars.length;
    const total = weights.slice(char, until).reduce((all, weight) => all + weight, 0);
    for (let spoken = 0; char < until; char++) {
      spoken += weights[char] as number;
      ends[char] = (row + (spoken / total) * (pause.from - row)) / rows;
    }
    row = pause.to;
  }
  return ends;
}

function templateOf(recording: PhraseRecording, whitening: FeatureNormalization, offset: number): Template {
  const chars = Array.from(recording.text);
  return {
    text: recording.text,
    chars,
    charEnds: charEndsOf(chars, recording),
    wordLengths: (recording.text.match(WORD) ?? []).map((word) => Array.from(word).length),
    features: featuresOf(recording, whitening),
    length: recording.rows.length,
    offset,
  };
}
