/**
 * `npm run samples [folder]`: generates all recordings of samples/ and bank.bin. Needs espeak-ng and sox, which are needed for
 * nothing else except `npm run bench:phrases:voices`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeMulawWav, writeWav } from '../../lib/wav.ts';
import { analyseRecording } from '../../local/asr/phrases/bank.ts';
import { encodeBank } from '../../local/asr/phrases/bank-file.ts';
import { writePhraseList } from '../../local/asr/phrases/phrase-list.ts';
import { BANK_FILE } from '../../local/asr/phrases/samples.ts';
import { ENGINE_RATE_HZ } from '../../local/asr/recogniser.ts';
import { runTool, ToolError } from '../cli.ts';
import { compose } from './compose.ts';
import {
  ENROLLED_VOICES,
  OTHER_VOICES,
  PHRASES,
  RECORDINGS,
  UNKNOWN,
  UNKNOWN_WORDS_PER_MINUTE,
} from './corpus.ts';
import { synthesise } from './espeak.ts';

type Spoken = ReadonlyMap<string, { text: string; samples: Int16Array }>;

/** Writes into a samples folder. */
class SamplesFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  write(name: string, content: string | Uint8Array): void {
    const file = join(this.#path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  remove(folder: string): void {
    rmSync(join(this.#path, folder), { recursive: true, force: true });
  }
}

/** Recordings that users added to phrases/ are kept. */
function writePhrases(folder: SamplesFolder, spoken: Spoken): void {
  for (const [id, { text, samples }] of spoken) {
    folder.write(`phrases/${id}.wav`, writeMulawWav(samples, ENGINE_RATE_HZ));
    folder.write(`phrases/${id}.txt`, `${text}\n`);
  }
}

function writeBank(folder: SamplesFolder): void {
  const enrolled = ENROLLED_VOICES.flatMap((voice) =>
    Object.entries(PHRASES).map(([id, text]) => ({
      ...analyseRecording(text, synthesise(text, { voice })),
      id,
      origin: `espeak-ng cmn-latn-pinyin${voice}`,
    })),
  );
  folder.write(BANK_FILE, encodeBank(enrolled));
}

function writeRecordings(folder: SamplesFolder, spoken: Spoken): void {
  Object.entries(RECORDINGS).forEach(([name, plan], i) => {
    const phrases = plan.ids.map((id) => {
      const phrase = spoken.get(id);
      if (!phrase) throw new ToolError(`录音 ${name} 里的短语 ${id} 不在 corpus.ts 中`);
      return phrase;
    });
    const { samples, text } = compose(phrases, plan.minMs, plan.pauseMs, i + 1);
    folder.write(`${name}.wav`, writeWav(samples, ENGINE_RATE_HZ));
    folder.write(`${name}.txt`, `${text}\n`);
  });
}

function writeUnknownAndVoices(folder: SamplesFolder): void {
  folder.remove('unknown');
  UNKNOWN.forEach((text, i) => {
    const name = `unknown/${String(i + 1).padStart(2, '0')}`;
    const samples = synthesise(text, { wordsPerMinute: UNKNOWN_WORDS_PER_MINUTE });
    folder.write(`${name}.wav`, writeMulawWav(samples, ENGINE_RATE_HZ));
    folder.write(`${name}.txt`, `${text}\n`);
  });
  folder.remove('voices');
  for (const { voice, id } of OTHER_VOICES) {
    const name = `voices/${voice.slice(1)}-${id}`;
    const text = PHRASES[id] as string;
    folder.write(`${name}.wav`, writeMulawWav(synthesise(text, { voice }), ENGINE_RATE_HZ));
    folder.write(`${name}.txt`, `${text}\n`);
  }
}

await runTool(
  {
    command: 'npm run samples --',
    summary: '重新生成 samples/ 里的全部录音与 bank.bin；需要 espeak-ng 与 sox',
    args: [{ name: '文件夹', help: '默认 samples', optional: true }],
    options: {},
  },
  '正在合成',
  async ({ args: [path = 'samples'], progress }) => {
    progress.end();
    // programs are waited for without a timer running: it says itself what it does
    console.log('正在合成短语……');
    // before anything is written: it needs the programs
    const spoken = new Map(
      Object.entries(PHRASES).map(([id, text]) => [id, { text, samples: synthesise(text) }]),
    );
    const samplesDir = resolve(path);
    const folder = new SamplesFolder(samplesDir);
    writePhrases(folder, spoken);
    writePhraseList(samplesDir);
    console.log(`${spoken.size} 条短语；正在合成登记的音色……`);
    writeBank(folder);
    writeRecordings(folder, spoken);
    console.log(`${Object.keys(RECORDINGS).length} 段录音；正在合成其余的话与音色……`);
    writeUnknownAndVoices(folder);
    console.log(`都在 ${samplesDir}`);
  },
);
