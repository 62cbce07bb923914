import { LocalError } from 'cloudbase-voice';
import { describe, expect, test } from 'vitest';
import { VoiceError } from '../../contract/errors.ts';
import { MAX_MARKS, REOPEN_WITHIN_MS } from '../../contract/limits.ts';
import { FakeClock } from '../../lib/fake-clock.ts';
import { SessionNotes } from './session-notes.ts';

/** The service with its stored notes; `fail` is thrown before (or, `lost`, after) a request takes effect. */
function rig() {
  const clock = new FakeClock();
  const stored = new Map<string, unknown>();
  const storage = {
    getStorageSync: (key: string) => structuredClone(stored.get(key)),
    setStorageSync: (key: string, value: unknown) => void stored.set(key, structuredClone(value)),
  };
  const service = {
    marks: {} as Record<number, boolean>,
    title: '',
    calls: 0,
    fail: null as Error | null,
    lost: null as Error | null,
  };
  const history = async (action: string, request: { add?: number[]; remove?: number[]; title?: string }) => {
    service.calls += 1;
    if (service.fail) throw service.fail;
    for (const ms of request.add ?? []) service.marks[ms] ??= true;
    for (const ms of request.remove ?? []) service.marks[ms] = false;
    if (action === 'rename') service.title = request.title ?? '';
    if (service.lost) throw service.lost;
    return {};
  };
  const start = () => new SessionNotes({ cloud: { history } as never, storage, clock, random: () => 0.5 });
  const shown = () =>
    Object.keys(service.marks)
      .filter((ms) => service.marks[Number(ms)])
      .map(Number);
  return { clock, stored, storage, service, start, shown };
}
const OFFLINE = new LocalError('NETWORK');

describe('notes of a session', () => {
  test('are stored at once, and wait no longer', async () => {
    const it = rig();
    const notes = it.start();
    notes.mark('s', 1_000);
    notes.rename('s', '周会');
    await notes.deliver();
    await it.clock.advance(2_500);
    expect([it.shown(), it.service.title]).toEqual([[1_000], '周会']);
    expect(it.stored.get('session-notes')).toEqual({});
    const { calls } = it.service;
    await it.clock.advance(600_000);
    expect(it.service.calls).toBe(calls);
  });

  test('that are given while others are on their way are sent, too', async () => {
    const it = rig();
    const notes = it.start();
    notes.mark('s', 1_000);
    // The first request is under way.
    notes.mark('s', 2_000);
    notes.rename('s', '先');
    notes.rename('s', '后');
    await it.clock.advance(10_000);
    expect([it.shown(), it.service.title]).toEqual([[1_000, 2_000], '后']);
    expect(it.stored.get('session-notes')).toEqual({});
  });

  test('that were given offline survive the end of the app', async () => {
    const it = rig();
    it.service.fail = OFFLINE;
    const first = it.start();
    first.mark('s', 1_000);
    first.mark('s', 2_000);
    first.unmark('s', 1_000);
    first.rename('s', '周会');
    await first.deliver();
    it.service.fail = null;
    await it.start().deliver();
    expect([it.shown(), it.service.title]).toEqual([[2_000], '周会']);
  });

  test('are sent again until they are confirmed, with longer and longer waits', async () => {
    const it = rig();
    it.service.fail = OFFLINE;
    it.start().mark('s', 1_000);
    await it.clock.advance(600_000);
    expect(it.service.calls).toBeGreaterThan(8);
    expect(it.service.calls).toBeLessThan(20);
    it.service.fail = null;
    await it.clock.advance(61_000);
    expect(it.shown()).toEqual([1_000]);
  });

  test('may be confirmed twice: an answer that is lost doubles nothing, and a removed mark stays removed', async () => {
    const it = rig();
    it.service.lost = OFFLINE;
    const notes = it.start();
    notes.mark('s', 1_000);
    await notes.deliver();
    it.service.lost = null;
    notes.unmark('s', 1_000);
    await it.clock.advance(10_000);
    expect(it.shown()).toEqual([]);
    expect(it.stored.get('session-notes')).toEqual({});
  });

  test('wait for a session that the service does not know yet, as long as its audio may come', async () => {
    const it = rig();
    it.service.fail = new VoiceError('NOT_FOUND');
    const notes = it.start();
    notes.mark('s', 1_000);
    await it.clock.advance(60_000);
    it.service.fail = null;
    await notes.deliver();
    expect(it.shown()).toEqual([1_000]);

    it.service.fail = new VoiceError('NOT_FOUND');
    notes.mark('never', 1_000);
    await it.clock.advance(REOPEN_WITHIN_MS + 120_000);
    expect(it.stored.get('session-notes')).toEqual({});
  });

  test('of one session that are refused do not keep those of another', async () => {
    const it = rig();
    it.service.fail = new VoiceError('TOO_LARGE');
    const notes = it.start();
    notes.mark('full', 1);
    await notes.deliver();
    it.service.fail = null;
    notes.mark('s', 2);
    await it.clock.advance(5_000);
    expect(it.shown()).toEqual([2]);
  });

  test('of a recording that is not kept are forgotten', async () => {
    const it = rig();
    it.service.fail = OFFLINE;
    const notes = it.start();
    notes.mark('s', 1_000);
    await notes.deliver();
    notes.forget('s');
    it.service.fail = null;
    await it.clock.advance(120_000);
    expect(it.shown()).toEqual([]);
  });

  test('are bounded, and damaged storage is empty storage', () => {
    const it = rig();
    it.service.fail = OFFLINE;
    const notes = it.start();
    for (let ms = 0; ms < MAX_MARKS; ms++) expect(notes.mark('s', ms)).toBe(true);
    expect(notes.mark('s', MAX_MARKS)).toBe(false);
    for (const damaged of ['x', null, [1], { s: { add: ['x'], remove: [], since: 1 } }]) {
      it.stored.set('session-notes', damaged);
      expect(it.start().mark('s', 1)).toBe(true);
    }
  });
});
