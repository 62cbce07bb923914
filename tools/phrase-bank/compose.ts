import { seededRandom } from '../../lib/random.ts';
import { ENGINE_RATE_HZ } from '../../local/asr/recogniser.ts';
import { concat, silence } from '../../local/asr/testing/audio.ts';

/** Silence before the first phrase. */
const LEAD_MS = 500;
/** Silence after the last phrase: long enough to end its sentence. */
const TAIL_MS = 1_300;
/** Pause that ends a sentence, by the service's default. */
const SENTENCE_PAUSE_MS = 1_000;

interface SpokenPhrase {
  text: string;
  samples: Int16Array;
}

export interface Composition {
  samples: Int16Array;
  /** The text that the service recognises by default, one line per sentence. */
  text: string;
}

/**
 * Concatenates phrases, repeatedly in the given order, with random pauses until `minMs` is reached.
 * @param seed of the pauses
 */
export function compose(
  phrases: readonly SpokenPhrase[],
  minMs: number,
  [shortest, longest]: readonly [number, number],
  seed: number,
): Composition {
  const random = seededRandom(seed);
  const parts = [silence(LEAD_MS)];
  let text = '';
  let samples = (parts[0] as Int16Array).length;
  for (let i = 0; samples < ((minMs - TAIL_MS) * ENGINE_RATE_HZ) / 1000; i++) {
    const phrase = phrases[i % phrases.length] as SpokenPhrase;
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
