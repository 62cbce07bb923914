import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIENT_RING_MS } from '../../../contract/limits.ts';
import { RATE_HZ } from '../testing/audio.ts';
import { Rig } from '../testing/rig.ts';

/** What may happen to a recording. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('speak' as const), ms: fc.integer({ min: 20, max: 4_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('burst' as const), ms: fc.integer({ min: 1, max: 50_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ what: 'drop' as const }) },
  { weight: 2, arbitrary: fc.constant({ what: 'stall' as const }) },
  { weight: 2, arbitrary: fc.constant({ what: 'restart' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('outage' as const), ms: fc.integer({ min: 10, max: 30_000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'draining' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('lose' as const),
      event: fc.constantFrom('start', 'stop', 'skip'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('refuse' as const),
      event: fc.constantFrom('dial', 'start', 'stop'),
      code: fc.constantFrom(
        'BUSY',
        'DRAINING',
        'TICKET_EXPIRED',
        'STORE_UNAVAILABLE',
        'RECORD_TOO_NEW',
        'INTERNAL',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('latency' as const), ms: fc.integer({ min: 0, max: 2_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('pace' as const),
      hz: fc.constantFrom(8_000, 16_000, 32_000, 64_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('hide' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('hide and drop' as const),
      ms: fc.integer({ min: 0, max: 20_000 }),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

async function happen(rig: Rig, event: Happening): Promise<void> {
  const { container, clock } = rig;
  if (event.what === 'speak') await rig.speak(event.ms);
  else if (event.what === 'burst') rig.say(event.ms);
  else if (event.what === 'pass') await clock.advance(event.ms);
  else if (event.what === 'drop') container.drop();
  else if (event.what === 'stall') container.stall();
  else if (event.what === 'restart') container.restart();
  else if (event.what === 'draining') container.send('draining', { deadlineMs: 1_000 });
  else if (event.what === 'lose') container.lostAcks.add(event.event);
  else if (event.what === 'refuse') container.refusals.push({ event: event.event, code: event.code });
  else if (event.what === 'latency') container.latencyMs = event.ms;
  else if (event.what === 'pace') container.paceHz = event.hz;
  else if (event.what === 'hide' || event.what === 'hide and drop') {
    rig.hide();
    if (event.what === 'hide and drop') container.drop();
    await clock.advance(event.ms);
    rig.wake();
  } else {
    container.reachable = false;
    container.drop();
    await rig.speak(event.ms / 2, 500);
    await clock.advance(event.ms / 2);
    container.reachable = true;
  }
}

describe('whatever happens', () => {
  it('what is shown is the record, and the record is what was said but for what was reported', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 25 }),
        fc.array(happening, { maxLength: 4 }),
        async (before, during) => {
          const rig = new Rig();
          rig.session.start().catch(() => {});
          for (const event of before) await happen(rig, event);
          const stopping = rig.session.stop();
          for (const event of during) await happen(rig, event);
          const { sentences } = await rig.done(stopping, 3_600_000);

          const { status } = rig.session;
          const losses = rig.container.sessions.get('session-0001')?.losses ?? [];
          expect(rig.record()).toEqual(rig.expected());
          expect(rig.shown).toEqual(rig.record());
          expect(sentences).toBe(rig.record().length);
          expect(rig.container.violations).toEqual([]);
          const lostMs = losses.reduce(
            (sum, loss) => sum + (loss.toPos - loss.fromPos) / (RATE_HZ / 1000),
            0,
          );
          const toldMs = status.losses.reduce((sum, loss) => sum + loss.endMs - loss.startMs, 0);
          expect(Math.abs(lostMs - toldMs)).toBeLessThanOrEqual(losses.length * 2);
          if (status.recordedMs <= CLIENT_RING_MS) expect(losses).toEqual([]);
          await rig.clock.advance(1_000);
          expect(rig.store.files.size).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
