import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { readWav } from '../../lib/wav.ts';
import type { HostSample } from '../wechat/runtime/device.ts';

const FOLDER = new URL('../../samples/', import.meta.url);
const phrasesSchema = v.array(v.object({ text: v.string() }));

/** Recordings of several sentences, the one to begin with first; what is special about each. */
const SAMPLES = [
  { id: 'meeting', kind: '会议' },
  { id: 'review', kind: '评审' },
  { id: 'daily', kind: '日常' },
  { id: 'fast', kind: '连着说' },
] as const;

/** The sentences that the local speech service's phrase bank knows. */
export const knownPhrases = async (): Promise<string[]> =>
  v
    .parse(phrasesSchema, JSON.parse(await readFile(new URL('phrases.json', FOLDER), 'utf8')))
    .map(({ text }) => text);

/** The recordings that come with the project, each named by its first sentence. */
export const sampleRecordings = (): Promise<HostSample[]> =>
  Promise.all(
    SAMPLES.map(async ({ id, kind }) => {
      const wav = new URL(`${id}.wav`, FOLDER);
      const [text, sound] = await Promise.all([
        readFile(new URL(`${id}.txt`, FOLDER), 'utf8'),
        readFile(wav).then(readWav),
      ]);
      const sentences = text.match(/[^。？！\n]+[。？！]?/gu) ?? [];
      const seconds = Math.round(sound.samples.length / sound.channels / sound.sampleRateHz);
      const length = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      return {
        id,
        title: sentences[0] ?? id,
        note: `${kind} · ${length} · ${sentences.length} 句`,
        file: fileURLToPath(wav),
      };
    }),
  );
