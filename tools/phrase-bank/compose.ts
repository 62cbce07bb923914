import { seededRandom } from '../../lib/random.ts';
import { ENGINE_RATE_HZ } from '../../local/asr/../../local/asr/recogniser.ts';

const LEAD_MS = 500;
/** The last pause: long enough for the last sentence to end by itself. */
const TAIL_MS = 1_300;
/** A pause that ends a sentence, by the service's default. */
const SENTENCE_PAUSE_MS = 1_000;

interface Spoken {
  text: string;
  samples: Int16Array;
}

export interface Composition {
  samples: Int16Array;
  /** One line per sentence, as the service ends sentences by default. */
  text: string;
}

export const silence = (ms: number): Int16Array => new Int16Array((ms * ENGINE_RATE_HZ) / 1000);

export function concat(parts: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Phrases one after another with pauses between them, until `minMs` is reached. */
export function compose(
  phrases: readonly Spoken[],
  minMs: number,
  [shortest, longest]: readonly [number, number],
  seed: number,
): Composition {
  const random = seededRandom(seed);
  const parts = [silence(LEAD_MS)];
  let text = '';
  let samples = (parts[0] as Int16Array).length;
  for (let i = 0; samples < ((minMs - TAIL_MS) * ENGINE_RATE_HZ) / 1000; i++) {
    const phrase = phrases[i % phrases.length] as Spoken;
    if (i > 0) {
      const pauseMs = Math.round(shortest + random() * (longest - shortest));
      parts.push(silence(pauseMs));
      samples += (parts.at(-1) as Int16Array).length;
      text += pauseMs >= SENTENCE_PAUSE_MS ? '\n' : '';
    }
    parts.push(phrase.samples);
    samples += phrase.samples.length;
    text += phrase.text;
  }
  parts.push(silence(TAIL_MS));
  return { samples: concat(parts), text };
}
