/** `npm run bench:phrases`: measures recognition and CPU time of the phrase bank; prints Markdown tables. */
import { seededRandom } from '../../lib/random.ts';
import { Upsampler } from '../../lib/resample.ts';
import { PhraseEngine } from '../../local/asr/phrases/phrase-engine.ts';
import { loadPhraseBank } from '../../local/asr/phrases/samples.ts';
import { concat, silence } from '../../local/asr/testing/audio.ts';
import {
  gain,
  interpolateLinear,
  tempo,
  toTelephone,
  viaRate,
  whiteNoise,
} from '../../local/asr/testing/degrade.ts';
import {
  RECORDING_NAMES,
  readSample,
  readSampleFolder,
  SAMPLES_DIR,
  type Sample,
} from '../../local/asr/testing/sample-files.ts';
import { transcribe } from '../../local/asr/testing/transcribe.ts';
import { runTool } from '../../tools/cli.ts';
import { compose } from '../../tools/phrase-bank/compose.ts';

type Degradation = (pcm: Int16Array) => Int16Array;

const CONDITIONS: Readonly<Record<string, Degradation>> = {
  原样: (pcm) => pcm,
  '48 kHz 重采样': (pcm) => viaRate(pcm, 48_000),
  '44.1 kHz 重采样，−3 dB': (pcm) => gain(viaRate(pcm, 44_100), -3),
  '音量 +6 dB': (pcm) => gain(pcm, 6),
  '音量 −6 dB': (pcm) => gain(pcm, -6),
  '音量 −15 dB': (pcm) => gain(pcm, -15),
  '白噪声 20 dB': (pcm) => whiteNoise(pcm, 20),
  '白噪声 15 dB': (pcm) => whiteNoise(pcm, 15),
  '白噪声 10 dB': (pcm) => whiteNoise(pcm, 10),
  '语速 +10%': (pcm) => tempo(pcm, 1.1),
  '语速 −10%': (pcm) => tempo(pcm, 0.9),
  '语速与音调 +5%': (pcm) => interpolateLinear(pcm, 1.05),
  '语速与音调 −5%': (pcm) => interpolateLinear(pcm, 0.95),
  '8 kHz（电话）': (pcm) => new Upsampler().push(toTelephone(pcm)),
};

const engine = new PhraseEngine(loadPhraseBank(SAMPLES_DIR));

/** The phrases of a text, in order: each ends with a full stop or question mark, or is a placeholder. */
const phrasesOf = (text: string): string[] => text.match(/[^。？.]+[。？.]|〔[^〕]*〕/g) ?? [];

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  return list
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

interface Measurement {
  /** Recordings whose whole text is exact. */
  exact: number;
  /** Phrases that are right, of `total`. */
  right: number;
  total: number;
  /** CPU time per second of audio. */
  cpuMsPerSecond: number;
}

async function measure(samples: readonly Sample[], degrade: Degradation): Promise<Measurement> {
  const result: Measurement = { exact: 0, right: 0, total: 0, cpuMsPerSecond: 0 };
  let seconds = 0;
  let cpuMs = 0;
  for (const sample of samples) {
    const pcm = degrade(sample.samples);
    const before = process.cpuUsage();
    const text = await transcribe(engine, pcm);
    const { user, system } = process.cpuUsage(before);
    cpuMs += (user + system) / 1000;
    seconds += pcm.length / 16_000;
    if (text === sample.text) result.exact++;
    const recognised = phrasesOf(text);
    const expected = phrasesOf(sample.text);
    result.total += expected.length;
    result.right += expected.filter((phrase) => {
      const at = recognised.indexOf(phrase);
      if (at >= 0) recognised.splice(at, 1);
      return at >= 0;
    }).length;
  }
  result.cpuMsPerSecond = cpuMs / seconds;
  return result;
}

const row = (name: string, exact: string, { right, total, cpuMsPerSecond }: Measurement): void =>
  console.log(`| ${name} | ${exact} | ${right}/${total} | ${cpuMsPerSecond.toFixed(2)} |`);
const padded = (pcm: Int16Array): Int16Array => concat([silence(500), pcm, silence(1_300)]);

async function measureRecordings(): Promise<void> {
  const recordings = RECORDING_NAMES.map(readSample);
  console.log('| 条件 | 全文一致 | 短语正确 | CPU（毫秒/秒音频） |\n|---|---|---|---|');
  // warm-up: the first run is slower, because the code is not compiled yet
  await measure(recordings.slice(0, 2), (pcm) => pcm);
  for (const [name, degrade] of Object.entries(CONDITIONS)) {
    const measured = await measure(recordings, degrade);
    row(name, `${measured.exact}/${recordings.length}`, measured);
  }
}

async function measurePhrases(): Promise<void> {
  const spoken = readSampleFolder('phrases');
  for (const pauseMs of [200, 100, 50, 0]) {
    const made = [1, 2, 3, 4].map((seed) => {
      const { samples, text } = compose(shuffled(spoken, seed), 30_000, [pauseMs, pauseMs], seed);
      return { name: '', samples, text };
    });
    const measured = await measure(made, (pcm) => pcm);
    row(`短语之间停顿 ${pauseMs} 毫秒`, `${measured.exact}/${made.length}`, measured);
  }
  for (const leadMs of [500, 60, 40, 20, 0]) {
    const measured = await measure(spoken, (pcm) => concat([silence(leadMs), pcm, silence(1_300)]));
    row(`每条单独，开头静音 ${leadMs} 毫秒`, `${measured.exact}/${spoken.length}`, measured);
  }
  row('未登记的合成音色（samples/voices）', '–', await measure(readSampleFolder('voices'), padded));
}

async function measureUnknown(): Promise<void> {
  console.log('\n| 短语库之外的话（samples/unknown） | 被误认 |\n|---|---|');
  const unknown = readSampleFolder('unknown');
  for (const [name, degrade] of [
    ['原样', (pcm) => pcm],
    ['白噪声 15 dB', (pcm) => whiteNoise(pcm, 15)],
    ['语速 +10%', (pcm) => tempo(pcm, 1.1)],
  ] as [string, Degradation][]) {
    const texts = await Promise.all(
      unknown.map(({ samples }) => transcribe(engine, degrade(padded(samples)))),
    );
    const wrong = texts.filter((text) => !/^(〔语音 \d+ 秒〕)*$/.test(text.replaceAll('\n', '')));
    console.log(
      `| ${name} | ${wrong.length}/${unknown.length} |${wrong.length > 0 ? ` ${wrong.join('；')}` : ''}`,
    );
  }
}

await runTool(
  {
    command: 'npm run -s bench:phrases --',
    summary: '测量短语库在各种降质下认得多少、用多少 CPU，打印 Markdown 表格；需要几分钟',
    options: {},
  },
  '正在测量',
  async () => {
    await measureRecordings();
    await measurePhrases();
    await measureUnknown();
  },
);
