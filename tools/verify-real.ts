/** `npm run verify:real`: one paid minute with the real recogniser, written down as fixtures. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { resample } from '../lib/resample.ts';
import { toMono } from '../lib/wav.ts';
import { JSON_OPTION, runTool, ToolError } from './cli.ts';
import { confirm } from './deploy/confirm.ts';
import { fileValues, readValues, type Values, valueProblems } from './deploy/values.ts';
import { ROOT } from './root.ts';
import { readWav } from './transcribe/wav.ts';
import { type Account, record } from './verify-real/recording.ts';
import { paidMs, scenarios } from './verify-real/scenarios.ts';
import { type Summary, summaryLine, summaryOf } from './verify-real/summary.ts';

const RATE_HZ = 16_000;
const ENGINE = '16k_zh';
const DEFAULT_SECONDS = 25;
/** With half of it, and the burst, it stays below a minute. */
const MAX_SECONDS = 35;
const NAMES = ['TENCENT_APPID', 'TENCENT_SECRET_ID', 'TENCENT_SECRET_KEY'] as const;
const ENDPOINT = 'wss://asr.cloud.tencent.com';

/** @throws ToolError with all that is missing */
function accountOf(values: Values): Account {
  const problems = valueProblems(NAMES, values, fileValues(join(ROOT, '.env.example')));
  if (problems.length > 0)
    throw new ToolError(
      [
        '需要真实的腾讯云语音识别账号（什么都没有发送）：',
        ...problems.map(({ name, problem, from }) => `  ✗ ${name}：${problem}。${from}`),
      ].join('\n'),
    );
  const { TENCENT_APPID = '', TENCENT_SECRET_ID = '', TENCENT_SECRET_KEY = '' } = values;
  return {
    appId: TENCENT_APPID,
    secretId: TENCENT_SECRET_ID,
    secretKey: TENCENT_SECRET_KEY,
    token: values.TENCENT_TOKEN,
    endpoint: values.ASR_ENDPOINT ?? ENDPOINT,
  };
}

/** @throws ToolError where it is too short, or a folder has something in it already */
async function speech(file: string, needMs: number): Promise<Int16Array> {
  const wav = readWav(await readFile(file));
  const pcm = resample(toMono(wav), wav.sampleRateHz, RATE_HZ);
  const haveMs = (pcm.length / RATE_HZ) * 1_000;
  if (haveMs < needMs)
    throw new ToolError(
      `${file} 只有 ${Math.floor(haveMs / 1_000)} 秒，需要 ${needMs / 1_000} 秒：用 --seconds 减少`,
    );
  return pcm;
}

async function emptyFolder(folder: string): Promise<void> {
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw new ToolError(`${folder} 里已有文件：换一个空文件夹，免得两次的记录混在一起`);
  await mkdir(folder, { recursive: true });
}

await runTool(
  {
    command: 'npm run verify:real --',
    summary: '用真实的腾讯云实时语音识别录下它怎样应答（会计费，不到一分钟音频），写成 JSON',
    args: [{ name: '文件夹', help: '记录写到这里，应当不存在或是空的' }],
    options: {
      wav: {
        type: 'string',
        value: 'FILE',
        help: '说的话，默认 samples/meeting.wav',
        default: join(ROOT, 'samples/meeting.wav'),
      },
      seconds: {
        type: 'number',
        value: 'N',
        help: `一倍速送多少秒，默认 ${DEFAULT_SECONDS}；两倍速再送一半`,
        min: 1,
        max: MAX_SECONDS,
        default: DEFAULT_SECONDS,
      },
      only: {
        type: 'list',
        value: '名称',
        help: `只做这几项：${scenarios(1)
          .map(({ name }) => name)
          .join('、')}`,
      },
      yes: { type: 'boolean', help: '不询问，直接开始（会计费）' },
      values: { type: 'string', value: 'FILE', help: 'TENCENT_* 所在的文件，默认 .env', default: '.env' },
      json: JSON_OPTION,
    },
  },
  '正在准备',
  async ({ values: given, args: [folder = ''], progress }) => {
    const values = readValues(given.values, process.env);
    const account = accountOf(values);
    const wanted = scenarios(given.seconds).filter(
      ({ name }) => given.only.length === 0 || given.only.includes(name),
    );
    if (wanted.length === 0) throw new ToolError(`没有 ${given.only.join('、')} 这一项`);
    const pcm = await speech(given.wav, Math.max(...wanted.map(({ audioMs }) => audioMs)));
    await emptyFolder(folder);
    progress.end();
    console.log(
      `会送 ${Math.round(paidMs(wanted) / 1_000)} 秒音频给 ${account.endpoint}（引擎 ${ENGINE}），按音频时长从你的账号计费；单价见腾讯云「语音识别 → 计费概述」`,
    );
    if (!given.yes && !(process.stdin.isTTY && (await confirm('继续吗？'))))
      throw new ToolError('没有继续，什么都没有发送；不询问：--yes');
    const summaries: Summary[] = [];
    for (const scenario of wanted) {
      progress.step(`正在录：${scenario.title}`);
      const context = { account, engine: ENGINE, pcm, clock: systemClock, random: systemRandom };
      const recording = await record(scenario, context);
      const summary = summaryOf(recording);
      await writeFile(
        join(folder, `${scenario.name}.json`),
        `${JSON.stringify({ ...recording, summary }, null, 2)}\n`,
      );
      progress.end();
      console.log(summaryLine(summary));
      summaries.push(summary);
    }
    console.log(`写在 ${folder}，里面没有密钥`);
    if (given.json) console.log(JSON.stringify({ ok: true, folder, summaries }));
  },
);
