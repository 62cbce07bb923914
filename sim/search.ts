import type { Plan } from './plan.ts';
import type { SpokenWord } from './speech.ts';

const word = (text: string, startMs: number): SpokenWord => ({
  spellings: [text],
  startMs,
  endMs: startMs + 340,
});

/** Two sentences with a pause between them, and one that is still open at the end. */
const WORDS = [
  word('今天', 300),
  word('开会', 700),
  word('我们', 2_800),
  word('测试', 3_200),
  word('结果', 5_200),
];
const LENGTH_MS = 5_800;

const EFFECTS = [
  { effect: 'error', lateMs: 0 },
  { effect: 'gone', lateMs: 0 },
  { effect: 'lost', lateMs: 0 },
  // Executed right after the request was given up, and after its repeat.
  { effect: 'late', lateMs: 10 },
  { effect: 'late', lateMs: 2_000 },
  { effect: 'late', lateMs: 9_000 },
] as const;

export interface SearchBounds {
  /** Database requests of the recording of which one fails, from 1. */
  requests: number;
  /** Between the moments at which the phone's connection drops, ms; the next one goes to the other instance. */
  dropEveryMs: number;
}

/**
 * Every world of one recording on two instances with one failed database request and one takeover: which request, how it fails,
 * and when the takeover is. Searched as a whole, not sampled.
 */
export function* smallWorlds({ requests, dropEveryMs }: SearchBounds): Generator<Plan> {
  for (let number = 1; number <= requests; number++)
    for (const fate of EFFECTS)
      for (let atMs = dropEveryMs; atMs <= LENGTH_MS + 2_000; atMs += dropEveryMs)
        yield {
          seed: 0,
          instances: 2,
          inTurn: true,
          maxSpeakMs: 60_000,
          request: { number, ...fate },
          faults: [{ id: 0, atMs, on: 'link', session: 0, kind: 'drop' }],
          sessions: [
            {
              number: 0,
              openid: 'o1',
              startAtMs: 0,
              lengthMs: LENGTH_MS,
              words: WORDS,
              end: 'stop',
              repeatShare: 0,
            },
          ],
        };
}
