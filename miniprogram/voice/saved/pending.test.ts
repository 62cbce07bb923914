import { describe, expect, it } from 'vitest';
import { started, stopAndCompare } from '../testing/rig.ts';
import { resumePending } from './pending.ts';

describe('an app that is left', () => {
  it('before everything was sent delivers it the next time', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(5_300);
    void rig.session.stop();
    await rig.clock.advance(1_000);
    rig.session.dispose();
    await rig.clock.advance(1_000);
    rig.container.restart();
    rig.container.reachable = true;
    const [outcome] = await rig.done(resumePending(rig.deps));
    expect(outcome).toMatchObject({ result: 'delivered', recordedMs: 7_300 });
    expect(rig.record()).toEqual(rig.expected());
    expect(rig.container.sessions.get('session-0001')?.losses).toEqual([]);
    await rig.clock.advance(1_000);
    expect(rig.store.files.size).toBe(0);
    expect(rig.container.violations).toEqual([]);
  });

  it('and killed after it was hidden loses nothing that was recorded before', async () => {
    const rig = await started();
    await rig.speak(4_000);
    rig.hide();
    await rig.clock.advance(100);
    rig.container.restart();
    const killed = new Map(rig.store.files);
    // A killed process runs nothing more; this one still does, so it is left and its files are put back.
    rig.session.dispose();
    await rig.clock.advance(1_000);
    rig.store.files.clear();
    for (const [name, file] of killed) rig.store.files.set(name, file);
    const [outcome] = await rig.done(resumePending(rig.deps));
    expect(outcome).toMatchObject({ result: 'delivered', recordedMs: 4_000 });
    expect(rig.record()).toEqual(rig.expected());
  });

  it('and killed without warning reports what is missing', async () => {
    const rig = await started();
    await rig.speak(5_800);
    const killed = new Map(rig.store.files);
    rig.session.dispose();
    await rig.clock.advance(1_000);
    rig.container.restart();
    rig.store.files.clear();
    for (const [name, file] of killed) rig.store.files.set(name, file);
    const [outcome] = await rig.done(resumePending(rig.deps));
    expect(outcome?.result).toBe('delivered');
    const [loss] = rig.container.sessions.get('session-0001')?.losses ?? [];
    expect(loss?.fromPos).toBe(72_000);
    expect(loss?.toPos).toBeGreaterThan(72_000);
  });

  it('while it was cancelling cancels the next time', async () => {
    const rig = await started();
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(1_000);
    void rig.session.cancel();
    await rig.clock.advance(500);
    rig.session.dispose();
    await rig.clock.advance(500);
    rig.container.reachable = true;
    expect(await rig.done(resumePending(rig.deps))).toMatchObject([{ result: 'cancelled' }]);
    expect(rig.container.sessions.size).toBe(0);
    expect(rig.store.files.size).toBe(0);
  });

  it('is not disturbed in what it has in hand', async () => {
    const rig = await started();
    await rig.speak(1_000);
    rig.hide();
    await rig.clock.advance(100);
    expect(rig.store.files.size).toBeGreaterThan(0);
    expect(await resumePending(rig.deps)).toEqual([]);
    await stopAndCompare(rig);
  });

  it('keeps a recording that cannot be delivered now', async () => {
    const rig = await started();
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(3_000);
    rig.session.dispose();
    await rig.clock.advance(100);
    const [outcome] = await rig.done(resumePending(rig.deps, { giveUpAfterMs: 10_000 }));
    expect(outcome).toMatchObject({ result: 'pending', error: { code: 'SESSION_CLOSED' } });
    await rig.clock.advance(1_000);
    rig.container.reachable = true;
    expect(await rig.done(resumePending(rig.deps))).toMatchObject([{ result: 'delivered' }]);
    expect(rig.record()).toEqual(rig.expected());
  });

  it('lets go of a recording whose session is gone', async () => {
    const rig = await started();
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(1_000);
    rig.session.dispose();
    await rig.clock.advance(100);
    rig.container.reachable = true;
    rig.container.refusals.push({ event: 'start', code: 'SESSION_DELETED' });
    expect(await rig.done(resumePending(rig.deps))).toMatchObject([{ result: 'undeliverable' }]);
    await rig.clock.advance(100);
    expect(rig.store.files.size).toBe(0);
  });

  it('lets go of a recording after 24 hours', async () => {
    const rig = await started();
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(1_000);
    rig.session.dispose();
    await rig.clock.advance(100);
    rig.clock.freeze(25 * 3_600_000);
    expect(await rig.done(resumePending(rig.deps))).toMatchObject([
      { result: 'undeliverable', error: { code: 'TOO_OLD' } },
    ]);
    expect(rig.store.files.size).toBe(0);
  });

  it('has nothing left after a recording that went well', async () => {
    const rig = await started();
    await rig.speak(12_000);
    expect(rig.store.files.size).toBe(1);
    await stopAndCompare(rig);
    await rig.clock.advance(20_000);
    expect(rig.store.files.size).toBe(0);
    expect(rig.active.size).toBe(0);
  });
});
