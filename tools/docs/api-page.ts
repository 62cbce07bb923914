import { ENGINES } from '../../contract/engines.ts';
import { ERRORS, type ErrorCode } from '../../contract/errors.ts';
import {
  HISTORY_ACTIONS,
  RECOGNIZE_ACTIONS,
  STATS_ACTIONS,
  TICKET_ACTIONS,
} from '../../contract/functions.ts';
import { HTTP_API_BASE, HTTP_READS, httpStatusOf } from '../../contract/http-api.ts';
import * as limits from '../../contract/limits.ts';
import { startSchema } from '../../contract/stream.ts';
import { declarationsOf } from './declarations.ts';
import { readPage } from './pages.ts';
import { signatureOf } from './signatures.ts';

export const API_PAGE = 'docs/api.md';

const REGION = /(<!-- generated: ([\w-]+) -->\n).*?(\n<!-- \/generated -->)/gs;

const code = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const tick = (yes: boolean): string => (yes ? '✓' : '');

const REQUESTS = {
  ticket: TICKET_ACTIONS,
  history: HISTORY_ACTIONS,
  stats: STATS_ACTIONS,
  recognize: RECOGNIZE_ACTIONS,
} as const;

const requests = (name: keyof typeof REQUESTS): string =>
  code(
    'text',
    Object.values(REQUESTS[name])
      .map((schema) => `${name} ${signatureOf(schema)}`)
      .join('\n'),
  );

const httpPaths = (): string =>
  table(
    ['路径', 'GET（`action`，第一个是默认）', 'POST'],
    Object.entries(HTTP_READS).map(([name, { actions, default: byDefault }]) => [
      `\`${HTTP_API_BASE}/${name}\``,
      [byDefault, ...actions.filter((action) => action !== byDefault)]
        .map((action) => `\`${action}\``)
        .join(' '),
      '全部',
    ]),
  );

const errors = (): string =>
  table(
    ['错误码', '重试', 'HTTP', '说明'],
    Object.entries(ERRORS).map(([name, { retriable, message }]) => [
      `\`${name}\``,
      retriable ? '是' : '否',
      `${httpStatusOf(name as ErrorCode)}`,
      message,
    ]),
  );

const engines = (): string =>
  table(
    ['引擎', '语言', '采样率（Hz）', '实时', '一句话', '词级时间', '大模型'],
    Object.entries(ENGINES).map(([name, { label, sampleRateHz, realtime, oneshot, wordTimes, ...rest }]) => [
      `\`${name}\``,
      label,
      `${sampleRateHz}`,
      tick(realtime),
      tick(oneshot),
      tick(wordTimes),
      tick('large' in rest),
    ]),
  );

/** Limits that users meet: what it is, and its value with the unit. */
const LIMITS: readonly [what: string, value: string][] = [
  ['一帧音频', `${limits.MAX_FRAME_BYTES} 字节`],
  ['一条 Socket.IO 消息（超过就断开）', `${limits.MAX_SOCKET_PAYLOAD_BYTES} 字节`],
  ['可以领先识别多少音频', `${limits.CREDIT_MS / 1000} 秒`],
  ['手机上留多少还没有存好的音频', `${limits.CLIENT_RING_MS / 1000} 秒`],
  ['断线之后实例保留会话', `${limits.CLIENT_GRACE_MS / 1000} 秒`],
  ['中断的录音还能续传（从开始算起）', `${limits.REOPEN_WITHIN_MS / 3_600_000} 小时`],
  ['删除的记录还能恢复', `${limits.RESTORE_WITHIN_MS / 3_600_000} 小时`],
  ['票据的有效期', `${limits.TICKET_TTL_MS / 60_000} 分钟`],
  ['标题', `${limits.MAX_TITLE_CHARS} 个字符`],
  ['改后的一句', `${limits.MAX_EDIT_CHARS} 个字符`],
  ['搜索的词', `${limits.MAX_QUERY_CHARS} 个字符`],
  [
    '热词',
    `${limits.MAX_HOTWORDS} 个；每个 ${limits.MAX_HOTWORD_CJK_CHARS} 个汉字或 ${limits.MAX_HOTWORD_CHARS} 个字母；合计 ${limits.MAX_HOTWORDS_BYTES} 字节（编码后）`,
  ],
  ['断句的静音', `${limits.SILENCE_MS.min}–${limits.SILENCE_MS.max} 毫秒，默认 ${limits.SILENCE_MS.default}`],
  [
    '一句话识别的录音',
    `${limits.ONESHOT_MAX_MS / 1000} 秒，Base64 后 ${limits.ONESHOT_MAX_BASE64_BYTES} 字节`,
  ],
  ['HTTP 的文本请求体', `${limits.HTTP_MAX_TEXT_BYTES / 1024} KB`],
];

const STREAM = 'contract/stream.ts';
const FUNCTIONS = 'contract/functions.ts';
const ANSWERS = 'contract/function-answers.ts';
const SESSION = 'miniprogram/voice/session/voice-session.types.ts';
const SERVICE = 'miniprogram/voice/voice-service.ts';
const RECORDING = 'miniprogram/voice/recording/voice-recording.ts';
const SNAPSHOT = 'miniprogram/voice/recording/recording-phase.ts';
const PENDING = 'miniprogram/voice/saved/pending.ts';
const RECORDS = 'contract/records.ts';
const types = (...[file, ...names]: [file: string, ...names: string[]]): string =>
  code('ts', declarationsOf(file, names));

/** What each region of the page holds. */
const REGIONS: Record<string, () => string> = {
  'service-types': () => types(SERVICE, 'VoiceServiceOptions', 'VoiceService'),
  'recording-types': () =>
    `${types(RECORDING, 'VoiceRecordingEvents')}\n${types(SNAPSHOT, 'RecordingSnapshot')}`,
  'pending-types': () => types(PENDING, 'PendingOutcome'),
  'session-types': () =>
    types(
      SESSION,
      ...['VoiceSession', 'VoiceEvents', 'StateChange', 'VoiceOptions', 'VoiceStatus', 'QueueStatus', 'Line'],
    ),
  'shared-types': () => types(STREAM, 'Word'),
  'loss-type': () => types(RECORDS, 'Loss'),
  'ticket-requests': () => requests('ticket'),
  'history-requests': () => requests('history'),
  'history-answers': () =>
    types(ANSWERS, ...['HistoryAnswers', 'SessionSummary', 'SentenceView', 'SearchMatch', 'DeletedCounts']),
  'stats-requests': () => requests('stats'),
  'stats-answers': () => types(ANSWERS, 'StatsAnswers', 'Counts', 'DayCounts'),
  'recognize-requests': () => requests('recognize'),
  'recognize-answers': () => types(FUNCTIONS, 'PrepareAnswer', 'RecognizeAnswer'),
  'http-paths': httpPaths,
  'client-events': () => types(STREAM, 'ClientEvents'),
  'start-request': () => code('text', `start ${signatureOf(startSchema)}`),
  'start-answer': () => types(STREAM, 'StartAnswer', 'StopAnswer', 'StreamLimits'),
  'server-events': () =>
    types(
      STREAM,
      'ServerEvents',
      'ResultEvent',
      'ProgressEvent',
      'CompletedEvent',
      'QueueEvent',
      'ErrorEvent',
    ),
  errors,
  'wire-error': () => types('contract/errors.ts', 'WireError'),
  engines,
  limits: () => table(['什么', '最多'], LIMITS),
};

/**
 * The page with its generated regions as the sources have them now.
 * @throws Error for a region that nobody generates, and for one that the page lacks
 */
export function withGeneratedRegions(page: string): string {
  const found = new Set<string>();
  const text = page.replace(REGION, (_, before: string, name: string, after: string) => {
    const generate = REGIONS[name];
    if (generate === undefined) throw new Error(`${API_PAGE}: nothing generates ${name}`);
    found.add(name);
    return `${before}${generate()}${after}`;
  });
  const missing = Object.keys(REGIONS).filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`${API_PAGE}: no region ${missing.join(', ')}`);
  return text;
}

/** Whether the page is what the sources make of it now. */
export function apiPageProblems(): string[] {
  const page = readPage(API_PAGE);
  return withGeneratedRegions(page) === page ? [] : [`${API_PAGE}：与源码不一致，请运行 npm run docs:api`];
}
