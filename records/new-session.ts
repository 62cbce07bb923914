import { shanghaiDay } from '../contract/day.ts';
import { FIRST_EPOCHS_APART, type SessionRecord } from '../contract/records.ts';
import { Random } from '../lib/random.ts';
import { NEW_RECORD } from './schema-version.ts';

type Given = Pick<
  SessionRecord,
  '_id' | '_openid' | 'clientId' | 'source' | 'state' | 'claim' | 'engine' | 'sampleRate' | 'title'
>;

/** So that epochs stay below 2³¹, where every database stores a number as a whole one. */
const FIRST_EPOCHS = 2_000_000;

/**
 * The epoch that a streamed session begins with. After `deleteAll` an instance may still hold the old session of an id that a client
 * has started anew elsewhere: under the same epoch both would take themselves for the owner.
 * @param claim random, new for every session
 */
export const firstEpoch = (claim: string): number =>
  1 + FIRST_EPOCHS_APART * new Random(claim).int(0, FIRST_EPOCHS - 1);

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
