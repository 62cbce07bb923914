import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../lib/random.ts';
import { readMonoWav } from '../../local/asr/mono-wav.ts';

/** Sample rate of all audio of a run: the default engine's. */
export const RATE_HZ = 16_000;
const SAMPLES_DIR = new URL('../../samples/', import.meta.url);

/** A 10 ms frame at least this loud is part of the voice; root mean square of 16-bit samples. */
const VOICE_RMS = 200;
const FRAME_SAMPLES = RATE_HZ / 100;

/** Silence before the first phrase, ms. */
const LEAD_MS = 600;
/** Range of the pause between phrases while speaking calmly: long enough for the recogniser to end the sentence, ms. */
const CALM_PAUSE_MS = [700, 2_500] as const;
/** Pause between phrases while speaking hurriedly: too short for the recogniser to end the sentence, ms. */
const HURRIED_PAUSE_MS = 300;
/** How long a calm or hurried section lasts, ms. Long hurried sections exceed the recogniser's limit for one sentence. */
const CALM_MS = [6_000, 16_000] as const;
const HURRIED_MS = [8_000, 15_000] as const;
const LONG_HURRIED_MS = [24_000, 34_000] as const;
const LONG_HURRIED_CHANCE = 0.35;
/** After a calm section a hurried one follows; after a hurried one another while their share of the time is below this. */
const LEAST_HURRIED_SHARE = 0.4;
/** While less of what was said has English words, the next phrase has some. */
const LEAST_ENGLISH_SHARE = 0.3;
const ENGLISH_CHANCE = 0.2;
/** Silence after the last phrase, ms. */
const TAIL_MS = [200, 1_500] as const;

/** Amplitude of the watermark in 16-bit steps: inaudible, and without influence on the recogniser. */
const WATERMARK_AMPLITUDE = 2;

export interface Phrase {
  id: string;
  text: string;
  samples: Int16Array;
  /** Where in `samples` the voice begins and ends. */
  voice: { from: number; to: number };
}

/** A phrase at its place in a script. Positions in samples of the session. */
export interface Utterance {
  phrase: Phrase;
  startPos: number;
  endPos: number;
}

/** What one speaker says. */
export interface Script {
  utterances: Utterance[];
  /** Length of the whole recording, samples. */
  length: number;
  /** Share of the time that lies in hurried sections, 0 … 1. */
  hurriedShare: number;
}

/** Reads the recorded phrases of `samples/`. */
export function loadPhrases(): Phrase[] {
  const list = JSON.parse(readFileSync(fileURLToPath(new URL('phrases.json', SAMPLES_DIR)), 'utf8')) as {
    id: string;
    text: string;
    file: string;
  }[];
  return list.map(({ id, text, file }) => {
    const { samples, sampleRateHz } = readMonoWav(readFileSync(fileURLToPath(new URL(file, SAMPLES_DIR))));
    if (sampleRateHz !== RATE_HZ) throw new Error(`${file} has ${sampleRateHz} Hz`);
    return { id, text, samples, voice: voiceOf(samples) };
  });
}

function voiceOf(samples: Int16Array): { from: number; to: number } {
  const loud: number[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
    let sum = 0;
    for (const sample of samples.subarray(at, at + FRAME_SAMPLES)) sum += sample * sample;
    if (Math.sqrt(sum / FRAME_SAMPLES) >= VOICE_RMS) loud.push(at);
  }
  return { from: loud[0] ?? 0, to: (loud.at(-1) ?? samples.length - FRAME_SAMPLES) + FRAME_SAMPLES };
}

const samplesOf = (ms: number): number => Math.round((ms * RATE_HZ) / 1000);

export const hasEnglish = ({ text }: Pick<Phrase, 'text'>): boolean => /[a-z]/i.test(text);

/** Draws a script: calm and hurried sections in turn, at least a third of the time hurried. */
export function writeScript(phrases: readonly Phrase[], durationMs: number, random: Random): Script {
  const total = samplesOf(durationMs);
  const tail = samplesOf(random.int(...TAIL_MS));
  const utterances: Utterance[] = [];
  let at = samplesOf(LEAD_MS);
  let hurried = random.chance(0.5);
  let hurriedSamples = 0;
  const spoken = { all: 0, english: 0 };
  let previous: Phrase | undefined;
  for (;;) {
    const sectionStart = at;
    const sectionEnd = at + samplesOf(sectionMs(hurried, random));
    while (at < sectionEnd) {
      const english = spoken.english < spoken.all * LEAST_ENGLISH_SHARE || random.chance(ENGLISH_CHANCE);
      const phrase = random.pick(
        phrases.filter((other) => other !== previous && hasEnglish(other) === english),
      );
      if (at + phrase.samples.length + tail > total) {
        if (hurried) hurriedSamples += at - sectionStart;
        return { utterances, length: total, hurriedShare: hurriedSamples / total };
      }
      spoken.all += phrase.samples.length;
      if (english) spoken.english += phrase.samples.length;
      utterances.push({ phrase, startPos: at, endPos: at + phrase.samples.length });
      previous = phrase;
      at += phrase.samples.length + samplesOf(hurried ? HURRIED_PAUSE_MS : random.int(...CALM_PAUSE_MS));
    }
    if (hurried) hurriedSamples += at - sectionStart;
    hurried = !hurried || hurriedSamples / at < LEAST_HURRIED_SHARE;
  }
}

function sectionMs(hurried: boolean, random: Random): number {
  if (!hurried) return random.int(...CALM_MS);
  const [least, most] = random.chance(LONG_HURRIED_CHANCE) ? LONG_HURRIED_MS : HURRIED_MS;
  return random.int(least, most);
}

/** Silence behind the last phrase of a script that was shortened, ms; less where the next phrase begins sooner. */
const CUT_TAIL_MS = 80;

/** The script up to the end of the first utterance that ends at `pos` (samples) or later; the whole script where none does. */
export function cutScript(script: Script, pos: number): Script {
  const count = script.utterances.findIndex(({ endPos }) => endPos >= pos) + 1;
  const last = script.utterances[count - 1];
  if (!last) return script;
  const next = script.utterances[count]?.startPos ?? script.length;
  const length = Math.min(next, last.endPos + samplesOf(CUT_TAIL_MS));
  return { ...script, utterances: script.utterances.slice(0, count), length };
}

/**
 * The script as audio. Every sample, silence included, carries a pseudo-random watermark that depends on speaker and
 * position, so that any 16 samples tell whose they are and where they belong.
 */
export function renderAudio(script: Script, speaker: number): Int16Array {
  const pcm = new Int16Array(script.length);
  for (const { phrase, startPos } of script.utterances) pcm.set(phrase.samples, startPos);
  const loudest = 32_767 - WATERMARK_AMPLITUDE;
  for (let pos = 0; pos < pcm.length; pos++) {
    const sample = Math.max(-loudest, Math.min(loudest, pcm[pos] as number));
    pcm[pos] = sample + watermarkAt(speaker, pos);
  }
  return pcm;
}

/** −2 … 2: a 32-bit hash of speaker and position. */
function watermarkAt(speaker: number, pos: number): number {
  let mixed = (Math.imul(speaker + 1, 0x9e3779b1) + Math.imul(pos + 1, 0x85ebca6b)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (((mixed ^ (mixed >>> 15)) >>> 0) % (2 * WATERMARK_AMPLITUDE + 1)) - WATERMARK_AMPLITUDE;
}
