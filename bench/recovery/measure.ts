import type { TimedWord } from './screen.ts';

/** Before the fault the screen is watched for this long, ms. */
const BEFORE_MS = 5_000;
/** Text counts as caught up when it stays as close to live as before for this long, ms: longer than any pause. */
const HOLD_MS = 3_000;
/** "As close as before" is meant with this margin, ms: results come in steps, and the machine has other work. */
const MARGIN_MS = 500;

/** From this time on the screen shows the first `reached` words of the script. */
export interface ScreenChange {
  /** Ms of the run. */
  t: number;
  reached: number;
}

/** What one phone showed in a run with one fault. Times in ms of the run. */
export interface Observation {
  words: readonly TimedWord[];
  /** In the order of their times. */
  changes: readonly ScreenChange[];
  /** When the recording began, and how long it is. */
  beganAt: number;
  recordedMs: number;
  faultAt: number;
  /** Up to here the screen was watched. */
  until: number;
}

export interface Recovery {
  /** How far text was behind speech in the 5 s before the fault, at most, ms. */
  lagBeforeMs: number;
  /** @see measureRecovery; undefined: the wait was not over when the screen was last watched */
  growsAgainMs: number | undefined;
  /** The same. */
  backToTextMs: number | undefined;
  /** @see measureRecovery; undefined: it did not while the screen was watched */
  caughtUpMs: number | undefined;
}

/**
 * Measures what a fault did to the text on a phone's screen.
 *
 * New text is text beyond the furthest that the screen has shown before: what is shown again after a takeover is not new.
 * The lag is the age of the oldest spoken word that is not on the screen: from when the speaker began to say it; 0 when everything
 * is there, as in a pause.
 *
 * Grows again: the longest wait, from the fault on, for text to grow by a word. After a takeover the screen may show less than before,
 * up to the head of the open sentence; words that it then shows again count here.
 *
 * Back to text: the same for new text. A wait begins when there is something to wait for: at the fault; or,
 * where the text went on after it (a container that drains, a database that is away), with the newest text; or when the
 * speaker says the next word after a pause. It ends when new text shows. It is thus never shorter than the ordinary rhythm of
 * results.
 *
 * Caught up: the time from the fault until the lag, once it has been at its largest, is no longer larger than the largest lag of the
 * 5 s before the fault (by 0.5 s at most), and stays so for 3 s or until all is shown. 0 when it never was larger.
 */
export function measureRecovery(observation: Observation): Recovery {
  const { changes, faultAt, until } = observation;
  const lagBeforeMs = worstLag(observation, faultAt - BEFORE_MS, faultAt).ms;
  const growsAgainMs = longestWaitMs(observation, true);
  const backToTextMs = longestWaitMs(observation, false);
  if (backToTextMs === undefined) return { lagBeforeMs, growsAgainMs, backToTextMs, caughtUpMs: undefined };
  const mostMs = lagBeforeMs + MARGIN_MS;
  const worst = worstLag(observation, faultAt, until);
  if (worst.ms <= mostMs) return { lagBeforeMs, growsAgainMs, backToTextMs, caughtUpMs: 0 };
  const caughtUp = changes.find(({ t }) => t >= worst.at && staysClose(observation, t, mostMs));
  return { lagBeforeMs, growsAgainMs, backToTextMs, caughtUpMs: caughtUp && caughtUp.t - faultAt };
}

/** How far the screen is behind at `t` when it shows `reached` words, ms. */
function lagMs({ words, beganAt, recordedMs }: Observation, t: number, reached: number): number {
  const next = words[reached];
  return next ? Math.max(0, Math.min(t - beganAt, recordedMs) - next.startMs) : 0;
}

/** The largest lag in a time, and when: it grows until a change, so it is largest just before each, and at the end. */
function worstLag(observation: Observation, from: number, to: number): { ms: number; at: number } {
  let worst = { ms: 0, at: from };
  let reached = 0;
  const look = (at: number): void => {
    const ms = lagMs(observation, at, reached);
    if (ms > worst.ms) worst = { ms, at };
  };
  for (const change of observation.changes) {
    if (change.t > to) break;
    if (change.t > from) look(change.t);
    reached = change.reached;
  }
  look(to);
  return worst;
}

/** @returns whether the lag is at most `mostMs` from `t` on, for as long as that must be seen */
function staysClose(observation: Observation, t: number, mostMs: number): boolean {
  const { changes, words, until } = observation;
  const reached = changes.findLast((change) => change.t <= t)?.reached ?? 0;
  if (lagMs(observation, t, reached) > mostMs) return false;
  if (reached >= words.length) return true;
  return until >= t + HOLD_MS && worstLag(observation, t, t + HOLD_MS).ms <= mostMs;
}

/**
 * The longest wait for text after the fault; undefined: there was none, or it was not over when the screen was last watched.
 * @param again whether text counts that was there before
 */
function longestWaitMs(
  { changes, words, beganAt, faultAt, until }: Observation,
  again: boolean,
): number | undefined {
  let longest: { ms: number; over: boolean } | undefined;
  let shown = 0;
  let grewAt = faultAt;
  const waited = (to: number, over: boolean): void => {
    const next = words[shown];
    if (!next || to <= faultAt) return;
    const ms = to - Math.min(to, Math.max(faultAt, grewAt, beganAt + next.startMs));
    if (ms > (longest?.ms ?? -1)) longest = { ms, over };
  };
  for (const { t, reached } of changes) {
    if (reached > shown) {
      waited(t, true);
      grewAt = t;
      shown = reached;
    } else if (again) shown = reached;
  }
  waited(until, false);
  return longest?.over ? longest.ms : undefined;
}
