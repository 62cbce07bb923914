import { addDays, shanghaiDay } from '../../contract/day.ts';
import { positionOf, writeCursor } from '../../functions/history/cursor.ts';
import { aWav } from '../../functions/shared/testing/audio.ts';
import {
  audioName,
  LONG_SENTENCES,
  OWNER,
  type Population,
  STORAGE_ROOT,
  sentenceText,
  sessionId,
  startedAtMs,
  TAG,
} from './population.ts';

/** Cloud functions that are measured. */
export const FUNCTIONS = ['history', 'stats', 'recognize', 'ticket'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** One call, as the mini-program or the platform makes it, again in every round. */
export interface MeasuredAction {
  /** As it stands in the table; one name only once. */
  name: string;
  fn: FunctionName;
  /** A timer of this name instead of a caller. */
  timer?: string;
  request?: (round: number, population: Population) => object;
  /** Whether the answer is what the call is for. */
  isRight: (answer: never) => boolean;
}

type Request = NonNullable<MeasuredAction['request']>;

/** The session that is the oldest but `newer`. */
const old = ({ sessions }: Population, newer = 0): string => sessionId(sessions - 1 - newer);
/** The newest session, a long one. */
const LONG = sessionId(0);
const FILES = 2;
const PAGE = 20;
const SEVERAL = 20;
/** Days of the statistics; the newest sessions cover them all. */
const DAYS = 28;
const EDITED = [10, 60, 110, 160, 210];
const EDITED_ALONE = 275;
const WAV = aWav({ ms: 1_000 }).toString('base64');

const severalOld = (population: Population): string[] =>
  Array.from({ length: SEVERAL }, (_, i) => old(population, 2 + i));
const withAudio = (population: Population): string => old(population, 26);
const audioNames = (round: number, population: Population): string[] =>
  Array.from({ length: FILES }, (_, i) => audioName(withAudio(population), round * FILES + i));
const oneShot = (round: number): string => `oneshot-${round}`;

const cursorBefore = (population: Population, age: number): string =>
  writeCursor(positionOf({ _id: sessionId(age), startedAt: new Date(startedAtMs(age, population)) }));

/** Whether an answer has this field. */
const has =
  (name: string) =>
  (answer: object): boolean =>
    name in answer;
/** Whether an answer has so many of these. */
const counts =
  <N extends string>(name: N, count: number) =>
  (answer: Record<N, unknown[]>): boolean =>
    answer[name].length === count;

const history = (
  action: string,
  request: Request,
  isRight: MeasuredAction['isRight'],
  what = '',
): MeasuredAction => ({
  name: `history ${action}${what && `，${what}`}`,
  fn: 'history',
  request: (round, population) => ({ action, ...request(round, population) }),
  isRight,
});
const ofLong: Request = () => ({ sessionId: LONG });

const editsOf = (round: number): object[] =>
  EDITED.map((index) => ({
    index,
    from: round === 0 ? sentenceText(index) : `改${round - 1}`,
    text: `改${round}`,
  }));
const areEdited = ({ results }: { results: { outcome: string }[] }): boolean =>
  results.every(({ outcome }) => outcome === 'edited');
const fileIdsOf = (round: number, population: Population): string[] =>
  audioNames(round, population).map((name) => `${STORAGE_ROOT}voice/${OWNER}/audio/${name}`);
const rangeOf: Request = (_, { nowMs }) => {
  const to = shanghaiDay(nowMs);
  return { action: 'range', from: addDays(to, 1 - DAYS), to };
};

const READS: readonly MeasuredAction[] = [
  history('list', () => ({}), counts('items', PAGE), '第一页'),
  history(
    'list',
    (_, p) => ({ cursor: cursorBefore(p, p.sessions - PAGE - 5) }),
    counts('items', PAGE),
    '最早的一页',
  ),
  history('list', () => ({ tag: TAG }), counts('items', PAGE), '一个标签'),
  history('get', ofLong, counts('sentences', 100), '开头'),
  history('get', () => ({ sessionId: LONG, from: EDITED_ALONE }), counts('sentences', 100), '中间'),
  history('get', () => ({ sessionId: LONG, before: LONG_SENTENCES }), counts('sentences', 100), '末尾向前'),
  history('get', (_, p) => ({ sessionId: old(p) }), has('session'), '最早的会话'),
  history('search', () => ({ query: '没有说过' }), has('cursor'), '没有匹配'),
  history('search', () => ({ query: '大家好' }), has('cursor'), '处处匹配'),
  history(
    'search',
    (_, p) => ({ query: '大家好', cursor: cursorBefore(p, p.sessions - PAGE) }),
    has('cursor'),
    '最早的',
  ),
  history('find', () => ({ sessionId: LONG, query: '大家好' }), has('indexes')),
  history('export', () => ({ sessionId: LONG, format: 'txt' }), has('content'), 'TXT'),
  history('export', () => ({ sessionId: LONG, format: 'docx' }), has('content'), 'DOCX'),
];

const WRITES: readonly MeasuredAction[] = [
  history('rename', (round, p) => ({ sessionId: old(p), title: `标题${round}` }), has('title')),
  history('pin', (round, p) => ({ sessionId: old(p), pinned: round % 2 === 0 }), has('pinnedAt')),
  history('tags', (round, p) => ({ sessionId: old(p), tags: [`第${round % 5}组`] }), has('tags')),
  history('marks', (round, p) => ({ sessionId: old(p), add: [round] }), has('marks')),
  history('edit', (round) => ({ sessionId: LONG, index: EDITED_ALONE, text: `改${round}` }), has('sentence')),
  history('editMany', (round) => ({ sessionId: LONG, edits: editsOf(round) }), areEdited),
  history('delete', (_, p) => ({ sessionId: old(p, 1) }), has('restorableUntil')),
  history('restore', (_, p) => ({ sessionId: old(p, 1) }), has('sessionId')),
  history('deleteMany', (_, p) => ({ sessionIds: severalOld(p) }), counts('deleted', SEVERAL)),
  history('restoreMany', (_, p) => ({ sessionIds: severalOld(p) }), counts('restored', SEVERAL)),
  history(
    'prepareAudio',
    (r, p) => ({ sessionId: withAudio(p), names: audioNames(r, p) }),
    counts('files', FILES),
  ),
  history(
    'keepAudio',
    (r, p) => ({ sessionId: withAudio(p), fileIDs: fileIdsOf(r, p) }),
    counts('kept', FILES),
  ),
  history('audio', (_, p) => ({ sessionId: withAudio(p) }), counts('files', FILES)),
  history(
    'removeAudio',
    (_, p) => ({ sessionId: withAudio(p) }),
    (a: { done: boolean }) => a.done,
  ),
];

const OTHERS: readonly MeasuredAction[] = [
  { name: 'history 定时器 purge', fn: 'history', timer: 'purge', isRight: has('purged') },
  { name: 'stats today', fn: 'stats', request: () => ({ action: 'today' }), isRight: has('today') },
  { name: `stats range，${DAYS} 天`, fn: 'stats', request: rangeOf, isRight: counts('days', DAYS) },
  { name: 'stats totals', fn: 'stats', request: () => ({ action: 'totals' }), isRight: has('totals') },
  { name: 'ticket issue', fn: 'ticket', request: () => ({}), isRight: has('ticket') },
  {
    name: 'recognize prepare',
    fn: 'recognize',
    request: (round) => ({ action: 'prepare', sessionId: oneShot(round), format: 'wav' }),
    isRight: has('cloudPath'),
  },
  {
    name: 'recognize recognize',
    fn: 'recognize',
    request: (round) => ({ sessionId: oneShot(round), audio: WAV }),
    isRight: has('text'),
  },
  {
    name: 'recognize result',
    fn: 'recognize',
    request: (round) => ({ action: 'result', sessionId: oneShot(round) }),
    isRight: has('text'),
  },
];

/**
 * Every action but `deleteAll` and `removeAllAudio`, which handle all that there is, in steps of bounded length. In this order: some need
 * what the one before has left.
 */
export const ACTIONS: readonly MeasuredAction[] = [...READS, ...WRITES, ...OTHERS];
