import { expect, test } from 'vitest';
import { REOPEN_WITHIN_MS } from '../../../contract/limits.ts';
import { type Rig, started } from '../testing/rig.ts';
import type { PendingProgress } from './pending.ts';
import { PendingRecordings } from './pending-recordings.ts';

/** A recording of 7.3 s that was stopped without a network and left. */
async function left(): Promise<{ rig: Rig; pending: PendingRecordings }> {
  const rig = await started();
  await rig.speak(2_000);
  rig.container.reachable = false;
  rig.container.drop();
  await rig.speak(5_300);
  void rig.session.stop().catch(() => {});
  await rig.clock.advance(1_000);
  rig.session.dispose();
  await rig.clock.advance(1_000);
  return { rig, pending: new PendingRecordings(rig.deps) };
}

const ID = 'session-0001';
const statesOf = async (pending: PendingRecordings) => (await pending.list()).map(({ state }) => state);

test('a recording that is going on, and one that is being stopped, are in use and cannot be discarded', async () => {
  const rig = await started();
  const pending = new PendingRecordings(rig.deps);
  await rig.speak(6_000);
  expect(await pending.list()).toMatchObject([
    { sessionId: ID, state: 'recording', recordedMs: expect.any(Number) },
  ]);
  expect(pending.busy).toBe(true);
  expect(await pending.discard(ID)).toBe(false);
  rig.container.drop();
  rig.container.reachable = false;
  void rig.session.stop().catch(() => {});
  await rig.clock.advance(100);
  expect(await statesOf(pending)).toEqual(['saving']);
  expect(await pending.discard(ID)).toBe(false);
});

test('one that ends while the list is read was being saved: it waits for nobody', async () => {
  const rig = await started();
  const pending = new PendingRecordings(rig.deps);
  await rig.speak(6_000);
  const { store } = rig;
  const read = store.read.bind(store);
  store.read = async (name) => {
    const content = await read(name);
    rig.deps.active.delete(ID);
    return content;
  };
  expect(await statesOf(pending)).toEqual(['recording']);
  expect(pending.busy).toBe(false);
});

test('one that was stopped and left waits; one whose app was ended while it recorded is unfinished', async () => {
  const { rig, pending } = await left();
  expect(await pending.list()).toEqual([
    { sessionId: ID, title: '', recordedMs: 7_300, state: 'waiting', remainingMs: 0, error: null },
  ]);
  const killed = await started();
  await killed.speak(6_000);
  const files = new Map(killed.store.files);
  for (const [name, file] of files) rig.store.files.set(name, file);
  expect(await statesOf(pending)).toEqual(['unfinished']);
});

test('it is told how far the delivery is, and that it has finished; then there is nothing left', async () => {
  const { rig, pending } = await left();
  rig.container.restart();
  rig.container.reachable = true;
  const told: PendingProgress[] = [];
  const states: string[] = [];
  pending.on('progress', (progress) => told.push(progress));
  pending.on('progress', () => void statesOf(pending).then((now) => states.push(...now)));
  const finished: number[] = [];
  pending.on('finished', (outcomes) => {
    finished.push(outcomes.length);
    // its files may still be there
    void statesOf(pending).then((now) => states.push(...now));
  });
  const first = pending.resume();
  expect(pending.resume()).toBe(first);
  const [outcome] = await rig.done(first);
  expect(outcome?.result).toBe('delivered');
  await rig.clock.advance(1_000);
  expect(told[0]?.remainingMs).toBeGreaterThan(told[told.length - 1]?.remainingMs as number);
  expect(finished).toEqual([1]);
  expect(new Set(states)).toEqual(new Set(['uploading']));
  expect(await pending.list()).toEqual([]);
});

test('why it could not be delivered is said until it is tried again', async () => {
  const { rig, pending } = await left();
  const resumed = pending.resume();
  await rig.clock.advance(100);
  expect(await pending.list()).toMatchObject([{ state: 'uploading', error: null }]);
  await rig.done(resumed, 300_000);
  await rig.clock.advance(1_000);
  expect(await pending.list()).toMatchObject([{ state: 'waiting', error: 'SESSION_CLOSED' }]);
});

test('what the service does not take any more is expired; what is discarded is gone', async () => {
  const { rig, pending } = await left();
  await rig.clock.advance(REOPEN_WITHIN_MS);
  expect(await statesOf(pending)).toEqual(['expired']);
  expect(await pending.discard(ID)).toBe(true);
  expect(rig.store.files.size).toBe(0);
  expect(await pending.list()).toEqual([]);
});

test('one that the user has cancelled is none of them', async () => {
  const rig = await started();
  await rig.speak(1_000);
  rig.container.reachable = false;
  rig.container.drop();
  void rig.session.cancel().catch(() => {});
  await rig.clock.advance(1_000);
  rig.session.dispose();
  await rig.clock.advance(1_000);
  expect(await new PendingRecordings(rig.deps).list()).toEqual([]);
});
