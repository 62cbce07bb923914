import { msToSamples, TAIL_SENTENCES } from '../../../contract/limits.ts';
import {
  countChars,
  type PageRecord,
  pageId,
  type Sentence,
  type SessionRecord,
} from '../../../contract/records.ts';
import { newSession } from '../../../records/new-session.ts';
import { NEW_RECORD } from '../../../records/schema-version.ts';

export const A = 'oUserA';
export const B = 'oUserB';

export const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

/** A sentence of 900 ms that begins at second `index`. */
export const aSentence = (index: number, text = `第${index}句`): Sentence => ({
  text,
  startMs: index * 1_000,
  endMs: index * 1_000 + 900,
});

const numbered = (from: number, to: number, textOf?: (index: number) => string): Record<string, Sentence> =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, at) => [from + at, aSentence(from + at, textOf?.(from + at))]),
  );

/** A completed session of A's, as the container would have left it, with `changes`. */
export function aSession(id: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  const startedAt = changes.startedAt ?? new Date(Date.now() - 60_000);
  const sentences = changes.sentences ?? {};
  const count = Object.keys(sentences).length;
  return {
    ...newSession(
      {
        _id: id,
        _openid: A,
        clientId: 'client-0',
        source: 'stream',
        state: 'completed',
        claim: 'claim-0',
        engine: '16k_zh',
        sampleRate: 16_000,
        title: '',
      },
      startedAt.getTime(),
    ),
    endedAt: startedAt,
    samples: msToSamples(count * 1_000, 16_000),
    nextIndex: count,
    sentenceCount: count,
    charCount: Object.values(sentences).reduce((sum, { text }) => sum + countChars(text), 0),
    sentences,
    counted: { kind: 'completed', sentences: count, chars: 0, durationMs: 0 },
    ...changes,
  };
}

/** A session of `count` sentences: pages of 50 and a tail, as the container leaves a long one. */
export function aLongSession(
  id: string,
  count: number,
  changes: Partial<SessionRecord> = {},
  textOf?: (index: number) => string,
): { session: SessionRecord; pages: PageRecord[] } {
  const tailIndex = Math.floor((count - 1) / TAIL_SENTENCES) * TAIL_SENTENCES;
  const pages = Array.from({ length: tailIndex / TAIL_SENTENCES }, (_, at) => {
    const firstIndex = at * TAIL_SENTENCES;
    return {
      ...NEW_RECORD,
      _id: pageId(id, firstIndex),
      _openid: changes._openid ?? A,
      sessionId: id,
      firstIndex,
      count: TAIL_SENTENCES,
      sentences: numbered(firstIndex, firstIndex + TAIL_SENTENCES, textOf),
    };
  });
  const session = aSession(id, {
    sentences: numbered(tailIndex, count, textOf),
    tailIndex,
    nextIndex: count,
    sentenceCount: count,
    samples: msToSamples(count * 1_000, 16_000),
    ...changes,
  });
  return { session, pages };
}
