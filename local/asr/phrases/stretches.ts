import type { Stretch, Word } from '../engine/recogniser.ts';
import type { Template } from './bank.ts';

/** The first `chars` characters of a phrase as a stretch; times are spread evenly over `startMs` … `endMs`. */
export function phraseStretch(
  template: Template,
  startMs: number,
  endMs: number,
  chars = template.chars.length,
  /** Part of the phrase that lies between the two times. */
  fraction = 1,
): Stretch {
  const at = (share: number): number =>
    Math.round(startMs + Math.min(1, share / fraction) * (endMs - startMs));
  let wordStart = startMs;
  const words: Word[] = template.chars.slice(0, chars).map((text, i) => {
    const wordEnd = at(template.charEnds[i] as number);
    const word = { text, startMs: wordStart, endMs: wordEnd };
    wordStart = wordEnd;
    return word;
  });
  return { text: words.map((word) => word.text).join(''), startMs, endMs, words };
}

/** Speech that is no phrase of the bank: says how long it was, and nothing else. */
export function unknownStretch(startMs: number, endMs: number): Stretch {
  const seconds = Math.max(1, Math.round((endMs - startMs) / 1000));
  const text = `〔语音 ${seconds} 秒〕`;
  return { text, startMs, endMs, words: [{ text, startMs, endMs }] };
}

/** Several stretches, in order, as one. */
export function joinStretches(stretches: readonly Stretch[]): Stretch | null {
  const first = stretches[0];
  const last = stretches.at(-1);
  if (!first || !last) return null;
  return {
    text: stretches.map((stretch) => stretch.text).join(''),
    startMs: first.startMs,
    endMs: last.endMs,
    words: stretches.flatMap((stretch) => stretch.words),
  };
}
