import { shanghaiDay } from '../contract/day.ts';
import type { SessionRecord } from '../contract/records.ts';
import { NEW_RECORD } from './schema-version.ts';

type Given = Pick<
  SessionRecord,
  '_id' | '_openid' | 'clientId' | 'source' | 'state' | 'claim' | 'engine' | 'sampleRate' | 'title'
>;

/** A session without sentences. Statistics count it in the day of `nowMs`, epoch ms, in Asia/Shanghai. */
export function newSession(given: Given, nowMs: number): SessionRecord {
  const at = new Date(nowMs);
  return {
    ...given,
    ...NEW_RECORD,
    epoch: 1,
    writeSeq: 0,
    preview: '',
    startedAt: at,
    updatedAt: at,
    endedAt: null,
    day: shanghaiDay(nowMs),
    samples: 0,
    committedPos: 0,
    overlap: null,
    nextIndex: 0,
    sentenceCount: 0,
    charCount: 0,
    sentences: {},
    tailIndex: 0,
    pending: null,
    checkpoint: null,
    promotedIndex: null,
    losses: [],
    counted: null,
    deletedAt: null,
  };
}
