import { type SentenceOptions, Sentences, type Slice } from '../realtime/sentences.ts';
import type { AsrEngine } from '../recogniser.ts';

const DEFAULTS: SentenceOptions = { silenceMs: 1_000, maxSpeakMs: 60_000, deliverEmpty: false };

/** All slices that the service sends for a recording, with its default options unless others are given. */
export function slicesOf(
  engine: AsrEngine,
  pcm: Int16Array,
  options: Partial<SentenceOptions> = {},
  frameSamples = 640,
): Promise<Slice[]> {
  const sentences = new Sentences({ ...DEFAULTS, ...options });
  const slices: Slice[] = [];
  return new Promise((resolve, reject) => {
    const recogniser = engine.open(
      {
        onUpdate(update) {
          slices.push(...sentences.apply(update));
          if (update.last) resolve(slices);
        },
        onFailure: reject,
      },
      { silenceMs: options.silenceMs ?? DEFAULTS.silenceMs },
    );
    for (let at = 0; at < pcm.length; at += frameSamples)
      recogniser.push(pcm.subarray(at, at + frameSamples));
    recogniser.flush();
  });
}

/** The final sentences, one per line. */
export async function transcribe(
  engine: AsrEngine,
  pcm: Int16Array,
  options: Partial<SentenceOptions> = {},
): Promise<string> {
  const slices = await slicesOf(engine, pcm, options);
  return slices.flatMap(({ type, text }) => (type === 2 ? [text] : [])).join('\n');
}
