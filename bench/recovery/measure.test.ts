import { describe, expect, test } from 'vitest';
import { measureRecovery, type Observation, type ScreenChange } from './measure.ts';

/** A word each 500 ms for a minute. */
const WORDS = Array.from({ length: 120 }, (_, i) => ({ text: String(i), startMs: i * 500 }));
const FAULT_AT = 20_000;

/** The screen shows each word `lagMs` after it began, from the word that begins at `fromMs` to before the one at `toMs`. */
const inStep = (fromMs: number, toMs: number, lagMs = 800): ScreenChange[] =>
  WORDS.flatMap(({ startMs }, i) =>
    startMs >= fromMs && startMs < toMs ? { t: startMs + lagMs, reached: i + 1 } : [],
  );
/** From `t` on the screen shows the words from the one at `fromMs`, one each 250 ms: speech at twice its speed, up to `toMs`. */
const catchingUp = (t: number, fromMs: number, toMs: number): ScreenChange[] =>
  WORDS.flatMap(({ startMs }, i) =>
    startMs >= fromMs && startMs < toMs ? { t: t + (startMs - fromMs) / 2, reached: i + 1 } : [],
  );

const observed = (changes: ScreenChange[], more: Partial<Observation> = {}): Observation => ({
  words: WORDS,
  changes,
  beganAt: 0,
  recordedMs: 60_000,
  faultAt: FAULT_AT,
  until: 60_800,
  ...more,
});

describe('a recovery', () => {
  test('is measured until new text shows, and until it is as close to live as before', () => {
    // at 33 s the words of 20 s show, at 46.5 s those of 46.5 s
    const changes = [...inStep(0, 19_000), ...catchingUp(33_000, 19_000, 46_000), ...inStep(46_000, 60_000)];
    const { lagBeforeMs, backToTextMs, caughtUpMs } = measureRecovery(observed(changes));
    // the word after the newest one began 500 ms later
    expect(lagBeforeMs).toBeGreaterThanOrEqual(1_000);
    expect(lagBeforeMs).toBeLessThanOrEqual(1_300);
    expect(backToTextMs).toBe(13_000);
    expect(caughtUpMs).toBeGreaterThan(25_000);
    expect(caughtUpMs).toBeLessThan(27_000);
  });

  test('does not begin with text that was shown before: a screen that shows it again is not back', () => {
    const again = catchingUp(22_000, 0, 19_000);
    const changes = [...inStep(0, 19_000), { t: 21_000, reached: 0 }, ...again];
    const rest = catchingUp(31_500, 19_000, 43_000);
    const recovery = measureRecovery(observed([...changes, ...rest, ...inStep(43_000, 60_000)]));
    expect(recovery.backToTextMs).toBe(11_500);
    // the word of 18.5 s showed at 19.3 s, the screen was empty from 21 s on, and its first word came back at 22 s
    expect(recovery.growsAgainMs).toBe(2_000);
  });

  test('of a container that drains is measured from the newest text, not from the signal', () => {
    const changes = [...inStep(0, 27_000), ...catchingUp(32_000, 27_000, 38_000), ...inStep(38_000, 60_000)];
    const { backToTextMs, caughtUpMs } = measureRecovery(observed(changes));
    // the word of 26.5 s showed at 27.3 s
    expect(backToTextMs).toBe(4_700);
    // still from the signal on
    expect(caughtUpMs).toBeGreaterThan(15_000);
  });

  test('of a fault that nobody sees: the wait is the ordinary rhythm, and nothing had to catch up', () => {
    const { backToTextMs, caughtUpMs } = measureRecovery(observed(inStep(0, 60_000)));
    expect(backToTextMs).toBeLessThanOrEqual(500);
    expect(caughtUpMs).toBe(0);
  });

  test('is over when text is close again, however long an ordinary wait is later', () => {
    // from 20 s on the words come one each 750 ms, until text is 2.8 s late; then it catches up
    const slow = Array.from({ length: 8 }, (_, i) => ({ t: 20_800 + i * 750, reached: 41 + i }));
    // at 45 s nothing new shows for 1.2 s, which is no more behind than is usual
    const changes = [
      ...inStep(0, 20_000),
      ...slow,
      ...catchingUp(26_300, 24_000, 28_000),
      ...inStep(28_000, 45_000),
      ...inStep(45_000, 45_500, 1_500),
      ...inStep(45_500, 60_000),
    ];
    const { backToTextMs, caughtUpMs = 0 } = measureRecovery(observed(changes));
    expect(backToTextMs).toBeGreaterThan(750);
    expect(caughtUpMs).toBeGreaterThan(6_000);
    expect(caughtUpMs).toBeLessThan(10_000);
  });

  test('does not count a pause as a wait', () => {
    const words = WORDS.filter(({ startMs }) => startMs < 25_000 || startMs >= 35_000);
    const changes = words.map(({ startMs }, i) => ({ t: startMs + 800, reached: i + 1 }));
    expect(measureRecovery(observed(changes, { words })).backToTextMs).toBeLessThanOrEqual(800);
  });

  test('is not over with one close moment, when text falls behind again within three seconds', () => {
    const changes = [
      ...inStep(0, 19_000),
      // close at 30 s, then nothing until 40 s
      { t: 30_000, reached: 59 },
      { t: 40_000, reached: 80 },
      ...inStep(40_000, 60_000),
    ];
    expect(measureRecovery(observed(changes)).caughtUpMs).toBe(20_000);
  });

  test('that is not seen in time has no end', () => {
    const changes = [...inStep(0, 19_000), ...catchingUp(33_000, 19_000, 30_000)];
    expect(measureRecovery(observed(changes, { until: 40_000 }))).toMatchObject({
      backToTextMs: 13_000,
      caughtUpMs: undefined,
    });
    // the screen stands still, after waits that were over
    expect(measureRecovery(observed(inStep(0, 25_000), { until: 27_000 })).caughtUpMs).toBeUndefined();
    expect(measureRecovery(observed(inStep(0, 19_000)))).toMatchObject({
      growsAgainMs: undefined,
      backToTextMs: undefined,
      caughtUpMs: undefined,
    });
  });

  test('may end behind the recording, when all is shown', () => {
    const words = WORDS.slice(0, 60);
    const changes = [...inStep(0, 19_000), ...catchingUp(33_000, 19_000, 30_000)];
    const all = changes.at(-1)?.t ?? 0;
    const { caughtUpMs } = measureRecovery(observed(changes, { words, recordedMs: 30_000, until: all }));
    expect(caughtUpMs).toBeLessThanOrEqual(all - FAULT_AT);
    expect(caughtUpMs).toBeGreaterThan(15_000);
  });
});
