import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { writeWav } from '../../lib/wav.ts';
import { readMonoWav } from '../../local/asr/mono-wav.ts';
import { startAsrServer } from '../../local/asr/server.ts';
import { ASR_KEYS } from '../shared/testing/asr-server.ts';
import { aWav } from '../shared/testing/audio.ts';
import { asrEnv, functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A } from '../shared/testing/records.ts';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));

const asr = await startAsrServer({
  secrets: { [ASR_KEYS.secretId]: ASR_KEYS.secretKey },
  appId: '1250000000',
  engine: 'phrases',
  samplesDir: SAMPLES,
});
afterAll(() => asr.close());
const gateway = await functionsForTests(['recognize'], { functionEnv: asrEnv(asr.url) });

const recognize = (audio: Buffer) => gateway.as(A)('recognize', { audio: audio.toString('base64') });

test("a phrase that the local recogniser knows comes back as its text, through Tencent's own SDK", async () => {
  const { samples, sampleRateHz } = readMonoWav(await readFile(`${SAMPLES}phrases/budget-passed.wav`));
  const text = (await readFile(`${SAMPLES}phrases/budget-passed.txt`, 'utf8')).trim();
  const audio = Buffer.from(writeWav(samples, sampleRateHz)).toString('base64');
  const engine = sampleRateHz === 8_000 ? '8k_zh' : '16k_zh';
  const answer = await gateway.as(A)('recognize', { audio, engine, wordTimes: true });
  expect(answer).toMatchObject({ text });
  expect(answer.words.map(({ text: word }: { text: string }) => word).join('')).toContain('预算');
});

test('silence comes back without a text, or is refused as such', async () => {
  const answer = await recognize(aWav({ ms: 2_000 }));
  expect(answer.code ?? 'OK').toMatch(/^(OK|NO_SPEECH)$/);
  expect(answer.text ?? '').toBe('');
});
