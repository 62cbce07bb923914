/**
 * `npm run samples [folder]`: generates all recordings of samples/ and bank.bin. Needs espeak-ng and sox, which are needed for
 * nothing else except `npm run bench:phrases:voices`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeMulawWav, writeWav } from '../../lib/wav.ts';
import { analyseRecording } from '../../local/asr/phrases/bank.ts';
import { BANK_FILE } from '../../local/asr/phrases/samples.ts';
import { ENGINE_RATE_HZ } from '../../local/asr/recogniser.ts';
import { compose } from './compose.ts';
import {
  ENROLLED_VOICES,
  OTHER_VOICES,
  PHRASES,
  RECORDINGS,
  UNKNOWN,
  UNKNOWN_WORDS_PER_MINUTE,
} from './corpus.ts';
import { encodeBank } from './encode-bank.ts';
import { synthesise } from './espeak.ts';
import { writePhraseList } from './phrase-list.ts';

const samplesDir = resolve(process.argv[2] ?? 'samples');
for (const folder of ['phrases', 'unknown', 'voices']) {
  // recordings that users added to phrases/ are kept
  if (folder !== 'phrases') rmSync(join(samplesDir, folder), { recursive: true, force: true });
  mkdirSync(join(samplesDir, folder), { recursive: true });
}
const write = (name: string, content: string | Uint8Array): void =>
  writeFileSync(join(samplesDir, name), content);

const spoken = new Map<string, { text: string; samples: Int16Array }>();
for (const [id, text] of Object.entries(PHRASES)) {
  const samples = synthesise(text);
  spoken.set(id, { text, samples });
  write(`phrases/${id}.wav`, writeMulawWav(samples, ENGINE_RATE_HZ));
  write(`phrases/${id}.txt`, `${text}\n`);
}
writePhraseList(samplesDir);

const enrolled = ENROLLED_VOICES.flatMap((voice) =>
  Object.entries(PHRASES).map(([id, text]) => ({
    ...analyseRecording(text, synthesise(text, { voice })),
    id,
    origin: `espeak-ng cmn-latn-pinyin${voice}`,
  })),
);
write(BANK_FILE, encodeBank(enrolled));

Object.entries(RECORDINGS).forEach(([name, plan], i) => {
  const phrases = plan.ids.map((id) => {
    const phrase = spoken.get(id);
    if (!phrase) throw new Error(`recording ${name} names an unknown phrase: ${id}`);
    return phrase;
  });
  const { samples, text } = compose(phrases, plan.minMs, plan.pauseMs, i + 1);
  write(`${name}.wav`, writeWav(samples, ENGINE_RATE_HZ));
  write(`${name}.txt`, `${text}\n`);
});

UNKNOWN.forEach((text, i) => {
  const name = `unknown/${String(i + 1).padStart(2, '0')}`;
  write(
    `${name}.wav`,
    writeMulawWav(synthesise(text, { wordsPerMinute: UNKNOWN_WORDS_PER_MINUTE }), ENGINE_RATE_HZ),
  );
  write(`${name}.txt`, `${text}\n`);
});
for (const { voice, id } of OTHER_VOICES) {
  const text = PHRASES[id] as string;
  write(`voices/${voice.slice(1)}-${id}.wav`, writeMulawWav(synthesise(text, { voice }), ENGINE_RATE_HZ));
  write(`voices/${voice.slice(1)}-${id}.txt`, `${text}\n`);
}
