import * as v from 'valibot';
import type {
  FunctionError,
  HistoryAnswers,
  PrepareAnswer,
  RecognizeAnswer,
  StatsAnswers,
} from './functions.ts';

/**
 * The answers of the cloud functions as schemas, for the description of the HTTP API and for tests. Each is held to the
 * type in functions.ts, which is what the code works with; nobody checks an answer at run time.
 */

type Schemas<Answers> = { [K in keyof Answers]: v.GenericSchema<Answers[K]> };

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const cursor = v.pipe(v.nullable(v.string()), v.description('下一页的游标；null：没有下一页'));
const epochMs = v.pipe(v.number(), v.description('时刻，毫秒时间戳'));
const ms = v.pipe(v.number(), v.minValue(0), v.description('音频内的毫秒数'));

const word = v.object({ text: v.string(), startMs: ms, endMs: ms });

const session = v.object({
  sessionId: v.string(),
  source: v.picklist(['stream', 'oneshot']),
  state: v.picklist(['live', 'completed', 'interrupted', 'cancelled']),
  engine: v.string(),
  title: v.string(),
  preview: v.string(),
  startedAt: epochMs,
  endedAt: v.nullable(epochMs),
  durationMs: ms,
  sentenceCount: count,
  charCount: count,
  losses: v.array(
    v.object({ startMs: ms, endMs: ms, reason: v.picklist(['client-overflow', 'client-gap', 'asr']) }),
  ),
  pinnedAt: v.exactOptional(v.pipe(epochMs, v.description('置顶的时刻；只有置顶的会话才有'))),
  tags: v.exactOptional(v.pipe(v.array(v.string()), v.description('只有带标签的会话才有'))),
  marks: v.exactOptional(v.pipe(v.array(ms), v.description('标记的时刻；没有标记时没有这个字段'))),
});

const sentence = v.object({
  index: count,
  text: v.pipe(v.string(), v.description('改过的是改后的文字')),
  original: v.exactOptional(v.pipe(v.string(), v.description('识别的原文；只有改过的句子才有'))),
  startMs: ms,
  endMs: ms,
  words: v.exactOptional(v.array(word)),
});

const match = v.object({
  index: v.pipe(v.number(), v.integer(), v.minValue(-2), v.description('-1 表示标题，-2 表示标签')),
  text: v.string(),
  startMs: v.number(),
  ranges: v.array(v.tuple([count, count])),
});

export const HISTORY_ANSWERS = {
  list: v.object({
    items: v.array(session),
    cursor,
    pinned: v.exactOptional(v.pipe(v.array(session), v.description('置顶的会话；只在第一页'))),
    tags: v.exactOptional(v.pipe(v.array(v.string()), v.description('最近用过的标签；只在第一页'))),
  }),
  get: v.object({ session, sentences: v.array(sentence), cursor }),
  search: v.object({
    items: v.array(v.object({ session, matches: v.array(match) })),
    cursor,
    searchedUntil: v.nullable(epochMs),
  }),
  find: v.object({ indexes: v.array(count), sentences: v.array(sentence), cursor }),
  rename: v.object({ sessionId: v.string(), title: v.string() }),
  pin: v.object({ sessionId: v.string(), pinnedAt: v.nullable(epochMs) }),
  tags: v.object({ sessionId: v.string(), tags: v.array(v.string()) }),
  edit: v.object({ sessionId: v.string(), sentence }),
  editMany: v.object({
    sessionId: v.string(),
    results: v.array(
      v.object({
        index: count,
        outcome: v.pipe(
          v.picklist(['edited', 'conflict', 'missing']),
          v.description('conflict：这一句已不是 from，没有改；missing：没有这一句'),
        ),
        sentence: v.nullable(sentence),
      }),
    ),
  }),
  marks: v.object({ sessionId: v.string(), marks: v.array(ms) }),
  delete: v.object({ sessionId: v.string(), restorableUntil: epochMs }),
  restore: v.object({ sessionId: v.string() }),
  deleteMany: v.object({
    deleted: v.array(v.object({ sessionId: v.string(), restorableUntil: epochMs })),
    missing: v.pipe(v.array(v.string()), v.description('不存在的会话')),
  }),
  restoreMany: v.object({
    restored: v.array(v.string()),
    missing: v.pipe(v.array(v.string()), v.description('不存在，或已不能恢复的会话')),
  }),
  prepareAudio: v.object({
    files: v.array(
      v.object({
        name: v.string(),
        cloudPath: v.string(),
        kept: v.pipe(v.boolean(), v.description('true：已经上传过')),
      }),
    ),
  }),
  keepAudio: v.object({
    kept: v.array(v.string()),
    missing: v.pipe(v.array(v.string()), v.description('记录或它的录音已被删除，文件也随之删除')),
  }),
  audio: v.object({
    files: v.array(
      v.object({
        name: v.string(),
        fileID: v.string(),
        url: v.exactOptional(v.pipe(v.string(), v.description('下载地址，十分钟有效；只有 names 里的才有'))),
      }),
    ),
  }),
  removeAudio: v.object({ done: v.pipe(v.boolean(), v.description('false：请再次调用')), files: count }),
  removeAllAudio: v.object({ done: v.pipe(v.boolean(), v.description('false：请再次调用')), files: count }),
  deleteAll: v.object({
    done: v.pipe(v.boolean(), v.description('false：请再次调用')),
    deleted: v.object({ sessions: count, pages: count, days: count, files: count }),
  }),
  export: v.object({
    content: v.string(),
    encoding: v.pipe(v.picklist(['utf8', 'base64']), v.description('content 是文字，还是文件的字节')),
    filename: v.string(),
    mimeType: v.string(),
    cursor,
  }),
} as const satisfies Schemas<HistoryAnswers>;

const counts = {
  sessions: count,
  completed: count,
  interrupted: count,
  oneshot: count,
  sentences: count,
  chars: count,
  durationMs: ms,
};
const dayCounts = v.object({ day: v.pipe(v.string(), v.isoDate()), ...counts });

export const STATS_ANSWERS = {
  today: v.object({ today: dayCounts }),
  range: v.object({ days: v.array(dayCounts) }),
  totals: v.object({ totals: v.object(counts) }),
} as const satisfies Schemas<StatsAnswers>;

const recognised = v.object({
  sessionId: v.string(),
  text: v.string(),
  durationMs: ms,
  words: v.exactOptional(v.array(word)),
});

export const RECOGNIZE_ANSWERS = {
  prepare: v.object({ cloudPath: v.string() }),
  recognize: recognised,
  result: recognised,
} as const satisfies Schemas<{ prepare: PrepareAnswer; recognize: RecognizeAnswer; result: RecognizeAnswer }>;

/** Of every refusal. `code` is not narrowed to the codes of today: there may be more tomorrow. */
export const ERROR_ANSWER = v.object({
  code: v.string(),
  message: v.string(),
  retriable: v.boolean(),
  detail: v.exactOptional(v.string()),
  requestId: v.exactOptional(v.string()),
}) satisfies v.GenericSchema<Omit<FunctionError, 'code'> & { code: string }>;
