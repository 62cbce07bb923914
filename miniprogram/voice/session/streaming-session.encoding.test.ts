import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../contract/errors.ts';
import { RATE_HZ } from '../testing/audio.ts';
import { Rig, started, stopAndCompare } from '../testing/rig.ts';

const SESSION_ID = 'session-0001';

/** The container is out of reach for `ms` while somebody speaks, and then for some seconds more. */
async function speakOffline(rig: Rig, ms: number): Promise<void> {
  rig.container.reachable = false;
  rig.container.drop();
  await rig.speak(ms);
  rig.container.reachable = true;
  await rig.speak(4_000);
}

const encodingsOf = ({ container }: Rig) => new Set(container.frames.map(({ encoding }) => encoding));

describe('a container that takes ADPCM', () => {
  async function withAdpcm(): Promise<Rig> {
    const rig = new Rig();
    rig.container.encodings = ['adpcm'];
    await rig.done(rig.session.start());
    return rig;
  }

  it('is offered it, and gets PCM while the link keeps up', async () => {
    const rig = await withAdpcm();
    expect(rig.container.starts[0]?.encodings).toEqual(['adpcm']);
    await rig.speak(20_000);
    expect(encodingsOf(rig)).toEqual(new Set(['pcm']));
    await stopAndCompare(rig);
  });

  it('gets what it missed as ADPCM, every sample of it in its place', async () => {
    const rig = await withAdpcm();
    await rig.speak(2_000);
    await speakOffline(rig, 10_000);
    expect(encodingsOf(rig)).toEqual(new Set(['pcm', 'adpcm']));
    await rig.done(rig.session.stop());
    const stored = rig.container.sessions.get(SESSION_ID);
    expect(stored).toMatchObject({ state: 'completed', samples: 16 * RATE_HZ, losses: [] });
    expect(rig.container.violations).toEqual([]);
  });

  it('that is replaced by an older one gets PCM from then on, also what was sent as ADPCM before', async () => {
    const rig = await withAdpcm();
    await speakOffline(rig, 6_000);
    rig.container.encodings = [];
    rig.container.restart();
    rig.container.frames.length = 0;
    await rig.speak(8_000);
    expect(encodingsOf(rig)).toEqual(new Set(['pcm']));
    await rig.done(rig.session.stop());
    expect(rig.container.sessions.get(SESSION_ID)).toMatchObject({ samples: 18 * RATE_HZ, losses: [] });
    expect(rig.container.violations).toEqual([]);
  });
});

it('an older container gets PCM only', async () => {
  const rig = await started();
  await speakOffline(rig, 10_000);
  expect(encodingsOf(rig)).toEqual(new Set(['pcm']));
  await stopAndCompare(rig);
});

describe('BAD_AUDIO', () => {
  const refuse = (rig: Rig, more: object) =>
    rig.container.send('error', {
      code: 'BAD_AUDIO',
      message: ERRORS.BAD_AUDIO.message,
      retriable: false,
      sessionId: SESSION_ID,
      ...more,
    });

  it('with a position: everything is sent again as PCM on a new connection, and nothing is lost', async () => {
    const rig = new Rig();
    rig.container.encodings = ['adpcm'];
    await rig.done(rig.session.start());
    await rig.speak(2_500);
    refuse(rig, { nextPos: 36_000 });
    await rig.speak(1_000);
    expect(rig.container.dials).toHaveLength(2);
    await speakOffline(rig, 6_000);
    expect(encodingsOf(rig)).toEqual(new Set(['pcm']));
    await stopAndCompare(rig);
  });

  it('without one is final: the app sends what nobody understands', async () => {
    const rig = await started();
    refuse(rig, {});
    await rig.speak(1_000);
    expect(rig.session.status.state).toBe('failed');
  });
});
