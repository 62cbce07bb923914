import { type EngineName, engineOf } from '../../contract/engines.ts';
import type { Hotword } from '../../contract/stream.ts';
import { readArgs, UsageError } from '../cli.ts';

export const USAGE = `用法：npm run transcribe -- 文件.wav [选项]
  --speed 2         以几倍速发送（0.5–2），默认 1，即实时
  --url URL         已部署的服务，如 https://服务域名；默认用运行中的本地云
  --ticket T        身份票据（npm run ticket 可签发）；或用 --secret 让工具自己签发
  --secret S        部署时的 TICKET_SECRET，与 --url 一起用
  --user A|B        本地用户，默认 A
  --engine 名称     默认 16k_zh
  --hotwords 甲,乙  热词
  --words           显示词级时间
  --json            最后一行是 JSON
  --data DIR        本地云的数据目录，默认 .local`;

const MIN_SPEED = 0.5;
/** The container sends audio to the recogniser at most at twice real time. */
const MAX_SPEED = 2;

export interface TranscribeOptions {
  file: string;
  speed: number;
  url: string | undefined;
  ticket: string | undefined;
  secret: string | undefined;
  user: string;
  data: string | undefined;
  engine: EngineName;
  hotwords: Hotword[];
  words: boolean;
  json: boolean;
}

/** @throws UsageError */
export function readOptions(args: string[]): TranscribeOptions {
  const { values, positionals } = readArgs({
    args,
    allowPositionals: true,
    options: {
      speed: { type: 'string', default: '1' },
      url: { type: 'string' },
      ticket: { type: 'string' },
      secret: { type: 'string' },
      user: { type: 'string', default: 'A' },
      data: { type: 'string' },
      engine: { type: 'string', default: '16k_zh' },
      hotwords: { type: 'string', default: '' },
      words: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [file, more] = positionals;
  if (!file || more !== undefined) throw new UsageError('需要一个 WAV 文件');
  const speed = Number(values.speed);
  if (!(speed >= MIN_SPEED && speed <= MAX_SPEED))
    throw new UsageError(`--speed 应在 ${MIN_SPEED} 与 ${MAX_SPEED} 之间`);
  if (!engineOf(values.engine)?.realtime)
    throw new UsageError(`没有实时引擎 ${values.engine}：见 contract/engines.ts`);
  if (values.url !== undefined) {
    if (!/^https?:\/\/[^/\s]+/.test(values.url)) throw new UsageError('--url 应以 http:// 或 https:// 开头');
    if (!values.ticket && !values.secret) throw new UsageError('--url 需要 --ticket 或 --secret');
  }
  const { speed: _speed, ...rest } = values;
  return {
    ...rest,
    file,
    speed,
    engine: values.engine as EngineName,
    url: values.url,
    ticket: values.ticket,
    secret: values.secret,
    data: values.data,
    hotwords: values.hotwords
      .split(',')
      .filter(Boolean)
      .map((word) => ({ word, weight: 10 })),
  };
}
