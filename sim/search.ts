import type { Hold } from './delivery-order.ts';
import type { Plan } from './plan.ts';
import type { SpokenWord } from './speech.ts';

const word = (text: string, startMs: number): SpokenWord => ({
  spellings: [text],
  startMs,
  endMs: startMs + 340,
});

/** Two sentences with a pause between them, and one that is still open at the end. */
const LONG = {
  words: [
    word('今天', 300),
    word('开会', 700),
    word('我们', 2_800),
    word('测试', 3_200),
    word('结果', 5_200),
  ],
  lengthMs: 5_800,
};
/** One sentence, and one that is still open at the end. */
const SHORT = { words: [word('今天', 200), word('开会', 2_000)], lengthMs: 2_400 };
/** Until `stop` is answered. */
const STOPPING_MS = 2_000;

const EFFECTS = [
  { effect: 'error', lateMs: 0 },
  { effect: 'gone', lateMs: 0 },
  { effect: 'lost', lateMs: 0 },
  // Executed right after the request was given up, and after its repeat.
  { effect: 'late', lateMs: 10 },
  { effect: 'late', lateMs: 2_000 },
  { effect: 'late', lateMs: 9_000 },
] as const;
/** For a request together with an overtaken delivery. */
const WORST_EFFECTS = [EFFECTS[2], EFFECTS[4]] as const;

export interface SearchBounds {
  /** Database requests of the recording of which one fails, from 1. */
  requests: number;
  /** Between the moments of the takeover that are tried with each failed request, ms … */
  dropEveryMs: number;
  /** … and with each changed order. */
  orderEveryMs: number;
  /** Deliveries, counted from shortly before the takeover, of which one is overtaken … */
  overtaken: number;
  /** … and of which two are. */
  overtakenTwice: number;
}

/** By how many others one delivery is overtaken. */
const BEHIND = [1, 2, 4, 8] as const;
const BEHIND_TWICE = [1, 3] as const;
/** Deliveries are counted from this long before the takeover, ms. */
const BEFORE_TAKEOVER_MS = 150;

/**
 * Every world of one recording on two instances with one takeover: when it is, together with one failed database request (which,
 * and how it fails), with one or two deliveries around it that others overtake, or with one of each. Searched as a whole, not
 * sampled.
 */
export function* smallWorlds(bounds: SearchBounds): Generator<Plan> {
  const { requests, dropEveryMs, orderEveryMs, overtaken, overtakenTwice } = bounds;
  for (const atMs of momentsOf(LONG, dropEveryMs))
    for (let number = 1; number <= requests; number++)
      for (const fate of EFFECTS) yield { ...worldOf(LONG, atMs), request: { number, ...fate } };
  for (const atMs of momentsOf(SHORT, orderEveryMs)) {
    const inOrder = (...holds: Hold[]): Plan => ({
      ...worldOf(SHORT, atMs),
      order: { fromMs: atMs - BEFORE_TAKEOVER_MS, holds },
    });
    for (let number = 1; number <= overtaken; number++)
      for (const behind of BEHIND) yield inOrder({ number, behind });
    for (let number = 1; number < overtakenTwice; number++)
      for (let other = number + 1; other <= overtakenTwice; other++)
        for (const behind of BEHIND_TWICE)
          for (const otherBehind of BEHIND_TWICE)
            yield inOrder({ number, behind }, { number: other, behind: otherBehind });
    for (let number = 1; number <= overtakenTwice; number++)
      for (let request = 2; request <= requests / 2; request++)
        for (const fate of WORST_EFFECTS)
          yield { ...inOrder({ number, behind: 2 }), request: { number: request, ...fate } };
  }
}

function* momentsOf({ lengthMs }: typeof LONG, everyMs: number): Generator<number> {
  for (let atMs = everyMs; atMs <= lengthMs + STOPPING_MS; atMs += everyMs) yield atMs;
}

const worldOf = ({ words, lengthMs }: typeof LONG, atMs: number): Plan => ({
  seed: 0,
  instances: 2,
  inTurn: true,
  maxSpeakMs: 60_000,
  faults: [{ id: 0, atMs, on: 'link', session: 0, kind: 'drop' }],
  sessions: [{ number: 0, openid: 'o1', startAtMs: 0, lengthMs, words, end: 'stop', repeatShare: 0 }],
});
