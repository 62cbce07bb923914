import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../../../lib/fake-clock.ts';
import type { Capture } from '../device.ts';
import { Playback } from './playback.ts';

const RATE_HZ = 16_000;
const DURATION_MS = 1_000;

let clock: FakeClock;
let log: string[];
let playback: Playback;
let heard: number[];

/** Sample i of the sound is i, so that what was recorded tells where it came from. */
beforeEach(() => {
  clock = new FakeClock();
  log = [];
  heard = [];
  const at = async (rateHz: number) => Float32Array.from({ length: rateHz }, (_, i) => i);
  playback = new Playback(
    { title: 'x', durationMs: DURATION_MS, at },
    {
      clock,
      speaker: {
        play: (_samples, rateHz, fromMs) => log.push(`play ${rateHz} from ${Math.round(fromMs)}`),
        pause: () => log.push('pause'),
      },
      ended: () => log.push('ended'),
    },
  );
});

const open = async (rateHz = RATE_HZ): Promise<Capture> => {
  const capture = await playback.open(rateHz);
  capture.onBlock = (block) => heard.push(...block);
  return capture;
};

test('the sound comes at the speed of speech, sample by sample, and is heard from the start', async () => {
  await open();
  await clock.advance(500);
  expect(heard).toEqual(Array.from({ length: RATE_HZ / 2 }, (_, i) => i));
  expect([log, playback.positionMs, playback.playing]).toEqual([['play 16000 from 0'], 500, true]);
});

test('when it is over, that is told once, and silence follows', async () => {
  await open();
  await clock.advance(2_000);
  expect(heard).toHaveLength(2 * RATE_HZ);
  expect(heard.slice(0, RATE_HZ)).toEqual(Array.from({ length: RATE_HZ }, (_, i) => i));
  expect(heard.slice(RATE_HZ).every((value) => value === 0)).toBe(true);
  expect(log).toEqual(['play 16000 from 0', 'ended']);
  expect(playback.positionMs).toBe(DURATION_MS);
});

test('while the recorder is closed it stands still, and goes on from there: nothing is missing, nothing comes twice', async () => {
  const first = await open();
  await clock.advance(300);
  await first.close();
  expect([playback.playing, clock.pending]).toEqual([false, 0]);
  await clock.advance(60_000);
  await open();
  await clock.advance(700);
  expect(heard).toEqual(Array.from({ length: RATE_HZ }, (_, i) => i));
  expect(log).toEqual(['play 16000 from 0', 'pause', 'play 16000 from 300', 'ended']);
});

test('a page whose timers stood still goes on with at most a second and a half', async () => {
  await open();
  await clock.advance(20);
  clock.freeze(500_000);
  await clock.advance(20);
  expect(heard.length).toBeLessThan(2 * RATE_HZ);
});

test('a recorder that is opened again ends the capture before, and another rate gives as many seconds', async () => {
  await open();
  await clock.advance(100);
  heard.length = 0;
  await open(8_000);
  await clock.advance(100);
  expect(heard).toHaveLength(800);
  expect(clock.pending).toBe(1);
});
