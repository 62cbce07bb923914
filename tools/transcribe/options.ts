import { type EngineName, engineOf } from '../../contract/engines.ts';
import type { Hotword } from '../../contract/stream.ts';
import { type CommandLine, type CommandSpec, UsageError } from '../../lib/command-line.ts';
import { JSON_OPTION } from '../cli.ts';
import { DATA_OPTION } from '../running.ts';

const MIN_SPEED = 0.5;
/** The container sends audio to the recogniser at most at twice real time. */
const MAX_SPEED = 2;

export const COMMAND = {
  command: 'npm run -s transcribe --',
  summary: '把一个 WAV 文件按实时速度送去识别，边识别边打印句子与时间',
  args: [{ name: '文件.wav', help: '8 位、16 位 PCM 或 μ-law，任意采样率与声道数' }],
  options: {
    speed: {
      type: 'number',
      value: 'N',
      help: `以几倍速发送（${MIN_SPEED}–${MAX_SPEED}），默认 1，即实时`,
      min: MIN_SPEED,
      max: MAX_SPEED,
      fraction: true,
      default: 1,
    },
    url: {
      type: 'string',
      value: 'URL',
      help: '已部署的服务，如 https://服务域名；默认用运行中的本地云',
    },
    ticket: {
      type: 'string',
      value: 'T',
      help: '身份票据（npm run ticket 可签发）；或用 --secret 让工具自己签发',
    },
    secret: { type: 'string', value: 'S', help: '部署时的 TICKET_SECRET，与 --url 一起用' },
    user: { type: 'string', value: 'A|B', help: '本地用户，默认 A', default: 'A' },
    engine: { type: 'string', value: '名称', help: '默认 16k_zh', default: '16k_zh' },
    hotwords: { type: 'string', value: '甲,乙', help: '热词', default: '' },
    words: { type: 'boolean', help: '显示词级时间' },
    json: JSON_OPTION,
    data: DATA_OPTION,
  },
} as const satisfies CommandSpec;

export interface TranscribeOptions {
  file: string;
  speed: number;
  url: string | undefined;
  ticket: string | undefined;
  secret: string | undefined;
  user: string;
  data: string;
  engine: EngineName;
  hotwords: Hotword[];
  words: boolean;
  json: boolean;
}

/** @throws UsageError */
export function optionsOf({
  values,
  args: [file = ''],
}: CommandLine<typeof COMMAND.options>): TranscribeOptions {
  const { url, engine } = values;
  if (!engineOf(engine)?.realtime) throw new UsageError(`没有实时引擎 ${engine}：见 contract/engines.ts`);
  if (url !== undefined) {
    if (!/^https?:\/\/[^/\s]+/.test(url)) throw new UsageError('--url 应以 http:// 或 https:// 开头');
    if (!values.ticket && !values.secret) throw new UsageError('--url 需要 --ticket 或 --secret');
  }
  return {
    ...values,
    file,
    engine: engine as EngineName,
    hotwords: values.hotwords
      .split(',')
      .filter(Boolean)
      .map((word) => ({ word, weight: 10 })),
  };
}
