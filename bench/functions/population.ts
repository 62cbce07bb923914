import { shanghaiDay } from '../../contract/day.ts';
import { msToSamples, TAIL_SENTENCES } from '../../contract/limits.ts';
import {
  ALL_DAYS,
  DAILY_STATS,
  KEPT_AHEAD_MS,
  PAGES,
  pageId,
  SESSIONS,
  type Sentence,
  statsId,
  UPLOADS,
  uploadId,
} from '../../contract/records.ts';
import { aSession } from '../../functions/shared/testing/records.ts';
import type { Doc } from '../../local/cloudbase/database/values.ts';
import { NEW_RECORD } from '../../records/schema-version.ts';

/** How much one user has stored. */
export interface Population {
  /** At least {@link SAME_NEWEST}. */
  sessions: number;
  /** Besides these, deleted half an hour ago; they are newer than those that are shown. */
  recentlyDeleted: number;
  /** Epoch ms: the same in all populations that are compared. */
  nowMs: number;
}

export const OWNER = 'oBenchUser';
export const ENV_ID = 'local-env';
/** What the local cloud's file ids begin with. */
export const STORAGE_ROOT = `cloud://${ENV_ID}.local-1250000000/`;
/** The newest sessions are the same, however many older ones there are. */
export const SAME_NEWEST = 50;
/** The newest of them are long: a search without a match ends in them, since it reads 200 documents at most. */
const LONG_SESSIONS = 20;
const PAGES_OF_A_LONG_SESSION = 10;
/** Long sessions: this many sentences in pages, and a full tail. */
export const LONG_SENTENCES = (PAGES_OF_A_LONG_SESSION + 1) * TAIL_SENTENCES;
/** Of the older ones each tenth has a page, and each tenth has audio in the cloud storage. */
const EVERY = 10;
const SENTENCES_BEHIND_A_PAGE = 10;
const SENTENCES_OF_A_SHORT_SESSION = 3;

export const TAG = '周会';
/** Sessions with that tag, from the newest to nearly the oldest. */
export const TAGGED = 25;
/** Two pinned sessions, among the oldest. */
export const PINNED_FROM_OLDEST = [22, 23] as const;

const HOUR_MS = 3_600_000;
const NEWEST_APART_MS = 14 * HOUR_MS;
const OLDER_APART_MS = HOUR_MS / 12;
const DELETED_BEFORE_MS = HOUR_MS / 2;

/** By age: 0 is the newest. */
export const sessionId = (age: number): string => `session-${String(age).padStart(7, '0')}`;
export const startedAtMs = (age: number, { nowMs }: Population): number =>
  age < SAME_NEWEST
    ? nowMs - (age + 1) * NEWEST_APART_MS
    : nowMs - SAME_NEWEST * NEWEST_APART_MS - (age - SAME_NEWEST + 1) * OLDER_APART_MS;
export const sentenceText = (index: number): string => `这是第${index}句，大家好。`;

const SENTENCE_MS = 4_000;
const sentences = (from: number, to: number): Record<string, Sentence> =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, i) => {
      const [index, startMs] = [from + i, (from + i) * SENTENCE_MS];
      return [index, { text: sentenceText(index), startMs, endMs: startMs + SENTENCE_MS - 500 }];
    }),
  );

/** What sessions of one length have in common. Documents are never changed in place, so many can share it. */
const lengthOf = (pages: number, tail: number) => {
  const tailIndex = pages * TAIL_SENTENCES;
  const count = tailIndex + tail;
  const samples = msToSamples(count * SENTENCE_MS, 16_000);
  return {
    samples,
    committedPos: samples,
    nextIndex: count,
    sentenceCount: count,
    charCount: count * 10,
    sentences: sentences(tailIndex, count),
    tailIndex,
    preview: sentenceText(0),
    counted: { kind: 'completed', sentences: count, chars: count * 10, durationMs: count * SENTENCE_MS },
  };
};
const LONG = lengthOf(PAGES_OF_A_LONG_SESSION, TAIL_SENTENCES);
const WITH_A_PAGE = lengthOf(1, SENTENCES_BEHIND_A_PAGE);
const SHORT = lengthOf(0, SENTENCES_OF_A_SHORT_SESSION);
const PAGE_SENTENCES = Array.from({ length: PAGES_OF_A_LONG_SESSION }, (_, page) =>
  sentences(page * TAIL_SENTENCES, (page + 1) * TAIL_SENTENCES),
);
const BLANK = aSession('', { _openid: OWNER });

type Documents = Map<string, Doc>;

/** All that the user has stored, by collection and id. */
export function documentsOf(population: Population): Map<string, Documents> {
  const empty = (): Documents => new Map();
  const [stored, pages, days, uploads] = [empty(), empty(), empty(), empty()];
  addDay(ALL_DAYS, days);
  for (let age = 0; age < population.sessions; age++) {
    const startedMs = startedAtMs(age, population);
    const id = sessionId(age);
    const pageCount = age < LONG_SESSIONS ? PAGES_OF_A_LONG_SESSION : age % EVERY === 0 ? 1 : 0;
    const length = age < LONG_SESSIONS ? LONG : pageCount > 0 ? WITH_A_PAGE : SHORT;
    stored.set(id, { ...session(id, startedMs), ...length, ...labels(age, population) });
    for (let page = 0; page < pageCount; page++) addPage(id, page, pages);
    if (age % EVERY === EVERY / 2) addUpload(id, startedMs, uploads);
    addDay(shanghaiDay(startedMs), days);
  }
  const deletedAt = new Date(population.nowMs - DELETED_BEFORE_MS);
  for (let i = 0; i < population.recentlyDeleted; i++) {
    const id = `deleted-${String(i).padStart(7, '0')}`;
    stored.set(id, { ...session(id, population.nowMs - HOUR_MS - i * 1_000), ...SHORT, deletedAt });
  }
  return new Map([
    [SESSIONS, stored],
    [PAGES, pages],
    [DAILY_STATS, days],
    [UPLOADS, uploads],
  ]);
}

function session(_id: string, startedMs: number) {
  const at = new Date(startedMs);
  return { ...BLANK, _id, startedAt: at, updatedAt: at, endedAt: at, day: shanghaiDay(startedMs) };
}

function labels(age: number, population: Population): object {
  const at = new Date(startedAtMs(age, population));
  const apart = Math.floor(population.sessions / TAGGED);
  const isTagged = age % apart === 0 && age < TAGGED * apart;
  const isPinned = PINNED_FROM_OLDEST.some((fromOldest) => age === population.sessions - 1 - fromOldest);
  return { ...(isTagged && { tags: [TAG], taggedAt: at }), ...(isPinned && { pinnedAt: at }) };
}

function addPage(id: string, page: number, pages: Documents): void {
  const firstIndex = page * TAIL_SENTENCES;
  const _id = pageId(id, firstIndex);
  const own = { ...NEW_RECORD, _id, _openid: OWNER, sessionId: id, firstIndex, count: TAIL_SENTENCES };
  pages.set(_id, { ...own, sentences: PAGE_SENTENCES[page] });
}

function addUpload(id: string, startedMs: number, uploads: Documents): void {
  const name = `audio/${audioName(id, startedMs)}`;
  const _id = uploadId(OWNER, name);
  uploads.set(_id, {
    ...NEW_RECORD,
    _id,
    _openid: OWNER,
    cloudPath: `voice/${OWNER}/${name}`,
    sessionId: id,
    root: STORAGE_ROOT,
    preparedAt: new Date(startedMs + KEPT_AHEAD_MS),
  });
}

/** A file of a session's recorded audio, 12 s long. */
export const audioName = (id: string, startedMs: number): string => `${id}.${startedMs}.16000.0.192000.adpcm`;

function addDay(day: string, days: Documents): void {
  const _id = statsId(OWNER, day);
  if (days.has(_id)) return;
  const counts = { sessions: 1, completed: 1, interrupted: 0, oneshot: 0, sentences: 3, chars: 30 };
  days.set(_id, {
    ...NEW_RECORD,
    _id,
    _openid: OWNER,
    day,
    ...counts,
    durationMs: 3 * SENTENCE_MS,
    updatedAt: new Date(0),
  });
}
