import type { AudioEncoding } from '../../../contract/stream.ts';

/**
 * When a recording is sent as PCM and when as ADPCM, decided by how much of it the container has not confirmed. Confirmations come
 * about once a second, so that is looked at over a window of time: its least value is what does not go away.
 */

/** Longer than the time between two confirmations (`PROGRESS_MS`), ms. */
const WINDOW_MS = 1_500;
/** With so much unconfirmed audio at all times of a window, and no less than in the window before, the link is too slow for PCM, ms. */
const BEHIND_MS = 2_000;
/** With so much at any time there is a replay to catch up with, ms. */
const REPLAY_MS = 4_000;
/** With at most so much the link keeps up: the way there and back, and a frame, ms. */
const LEVEL_MS = 1_000;
/** The link has kept up for so long before PCM is tried again: at first, and after attempts that failed, each twice as long, ms. */
const FIRST_LEVEL_FOR_MS = 10_000;
const MOST_LEVEL_FOR_MS = 320_000;
/** PCM that falls behind within this time was an attempt that failed, ms. */
const ATTEMPT_MS = 60_000;

/** What the choice depends on besides the present; a new one for each connection. */
export interface EncodingState {
  readonly encoding: AudioEncoding;
  readonly window: { readonly fromMs: number; readonly leastMs: number };
  /** Least unconfirmed audio of the window before, ms. */
  readonly beforeMs: number;
  /** Since when the link keeps up, ms of the clock; null: it does not. */
  readonly levelSinceMs: number | null;
  readonly levelForMs: number;
  /** When PCM was chosen again, ms of the clock; null: never. */
  readonly triedAtMs: number | null;
}

/** A connection begins. @param unconfirmedMs audio that the container does not have; much of it is a replay */
export const firstEncoding = (unconfirmedMs: number, nowMs: number): EncodingState => ({
  encoding: unconfirmedMs >= BEHIND_MS ? 'adpcm' : 'pcm',
  window: { fromMs: nowMs, leastMs: unconfirmedMs },
  beforeMs: 0,
  levelSinceMs: null,
  levelForMs: FIRST_LEVEL_FOR_MS,
  triedAtMs: null,
});

/** The choice from now on. To be asked whenever audio was recorded or confirmed. */
export function nextEncoding(state: EncodingState, unconfirmedMs: number, nowMs: number): EncodingState {
  if (state.encoding === 'pcm' && unconfirmedMs >= REPLAY_MS) return encoded(state, nowMs);
  const { fromMs } = state.window;
  const leastMs = Math.min(state.window.leastMs, unconfirmedMs);
  // Negative where the clock was set back.
  const isOver = nowMs - fromMs >= WINDOW_MS || nowMs < fromMs;
  if (!isOver) return { ...state, window: { fromMs, leastMs } };
  const next = { ...state, window: { fromMs: nowMs, leastMs: unconfirmedMs }, beforeMs: leastMs };
  return state.encoding === 'pcm' ? behind(next, state.beforeMs, nowMs) : level(next, fromMs, nowMs);
}

const behind = (state: EncodingState, beforeMs: number, nowMs: number): EncodingState =>
  state.beforeMs >= BEHIND_MS && state.beforeMs >= beforeMs ? encoded(state, nowMs) : state;

function level(state: EncodingState, windowFromMs: number, nowMs: number): EncodingState {
  if (state.beforeMs > LEVEL_MS || nowMs < windowFromMs) return { ...state, levelSinceMs: null };
  const levelSinceMs = state.levelSinceMs ?? windowFromMs;
  if (nowMs - levelSinceMs < state.levelForMs) return { ...state, levelSinceMs };
  return { ...state, encoding: 'pcm', levelSinceMs: null, triedAtMs: nowMs };
}

function encoded(state: EncodingState, nowMs: number): EncodingState {
  const { triedAtMs, levelForMs } = state;
  const failed = triedAtMs !== null && nowMs - triedAtMs < ATTEMPT_MS;
  return {
    ...state,
    encoding: 'adpcm',
    window: { fromMs: nowMs, leastMs: Number.POSITIVE_INFINITY },
    levelSinceMs: null,
    levelForMs: failed ? Math.min(2 * levelForMs, MOST_LEVEL_FOR_MS) : FIRST_LEVEL_FOR_MS,
  };
}
