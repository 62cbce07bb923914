import { expect, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.ts';
import { offerUpdates } from './app-update.ts';

function rig(answer = true) {
  const clock = new FakeClock();
  const it = { busy: false, asked: 0, applied: 0, ready: () => {}, whileAsked: () => {} };
  offerUpdates({
    manager: { onUpdateReady: (fn) => (it.ready = fn), applyUpdate: () => void it.applied++ },
    clock,
    isBusy: () => it.busy,
    ask: async () => {
      it.asked += 1;
      it.whileAsked();
      return answer;
    },
  });
  return { clock, it };
}

test('a new version is offered when it is there, and used when the user agrees', async () => {
  const { clock, it } = rig();
  await clock.advance(60_000);
  expect(it.asked).toBe(0);
  it.ready();
  await clock.advance(0);
  expect([it.asked, it.applied]).toEqual([1, 1]);
});

test('one that is declined is not offered again', async () => {
  const { clock, it } = rig(false);
  it.ready();
  await clock.advance(600_000);
  expect([it.asked, it.applied]).toEqual([1, 0]);
});

test('a recording is neither interrupted by the question nor ended by a late answer', async () => {
  const { clock, it } = rig();
  it.busy = true;
  it.ready();
  await clock.advance(600_000);
  expect(it.asked).toBe(0);
  it.busy = false;
  it.whileAsked = () => {
    it.busy = true;
  };
  await clock.advance(2_000);
  expect([it.asked, it.applied]).toEqual([1, 0]);
});
