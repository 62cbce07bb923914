import { describe, expect, it } from 'vitest';
import { started, stopAndCompare } from '../testing/rig.ts';

describe('a drop longer than the ring', () => {
  it('reports where and how long', async () => {
    const rig = await started();
    await rig.speak(3_000);
    const losses: unknown[] = [];
    rig.session.on('loss', (loss) => losses.push(loss));
    rig.container.reachable = false;
    rig.container.drop();
    rig.say(130_000);
    const [during] = rig.session.status.losses;
    expect(during).toMatchObject({ endMs: 13_000, reason: 'client-overflow' });
    rig.container.reachable = true;
    await rig.done(rig.session.stop());
    const [loss] = rig.container.sessions.get('session-0001')?.losses ?? [];
    expect(loss).toEqual({ fromPos: 48_000, toPos: 208_000 });
    expect(losses).toEqual([{ startMs: 3_000, endMs: 13_000, reason: 'client-overflow' }]);
    expect(rig.session.status.losses).toEqual(losses);
    await stopAndCompare(rig);
  });

  it('reports nothing that the container has received', async () => {
    const rig = await started();
    rig.container.latencyMs = 0;
    await rig.speak(1_200);
    await rig.clock.advance(1_000);
    rig.container.drop();
    await rig.clock.advance(1_000);
    expect(rig.session.status.losses).toEqual([]);
    await stopAndCompare(rig);
  });
});
