import { describe, expect, it } from 'vitest';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { Rig } from '../../testing/rig.ts';

const word = (text: string, startMs: number, endMs: number) => ({ text, startMs, endMs, stable: true });

async function live() {
  const rig = new Rig();
  const started = await rig.start();
  rig.asr.newest.open();
  return { rig, ...started };
}

describe('text behind a forced final that the next recogniser does not find', () => {
  async function cutAndTakenUp() {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, joined(tone(1_500), silence(300), tone(1_500)));
    const words = [word('今天', 0, 1_500), word('好', 1_800, 3_300)];
    rig.asr.newest.say({ text: '今天好', final: true, startMs: 0, endMs: 3_300, words });
    await rig.clock.advance(500);
    const two = new Rig({ store: rig.store, clock: rig.clock });
    const back = await two.start({ resume: { haveIndex: 0 } });
    two.asr.newest.open();
    return { rig: two, ...back, pos: back.answer.nextPos };
  }

  it('does not take the same word off a later sentence', async () => {
    const { rig, peer, session, pos } = await cutAndTakenUp();
    await rig.speak(session, peer, pos, joined(tone(1_500), silence(4_000), tone(300), silence(1_000)));
    rig.asr.newest.say({ text: '好的', final: true, startMs: 5_500, endMs: 5_800 });
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual(['今天好', '好的']);
  });

  it('does not keep silence from being committed', async () => {
    const { rig, session, peer, pos } = await cutAndTakenUp();
    await rig.speak(session, peer, pos, joined(tone(1_600), silence(45_000)));
    rig.asr.finishing.finish();
    await rig.clock.advance(1_500);
    expect(peer.of('progress').at(-1)?.committedPos).toBeGreaterThan(pos + at(35_000));
  });
});

describe('a cough in silence, of which the recogniser makes nothing', () => {
  it('is decided by the recogniser’s last word, and hardly anything is heard again', async () => {
    const { rig, peer, session } = await live();
    const end = await rig.speak(session, peer, 0, joined(silence(8_000), tone(400), silence(42_000)));
    rig.asr.finishing.finish();
    await rig.speak(session, peer, end, silence(1_000));
    expect(rig.store.record('session-1').committedPos).toBeGreaterThan(at(40_000));
    rig.asr.newest.open();
    await rig.clock.advance(5_000);
    expect(rig.asr.connections).toHaveLength(2);
    expect(rig.asr.newest.sentMs).toBeLessThan(8_000);
  });

  it('is heard again where the last word never came', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, joined(silence(8_000), tone(400), silence(42_000)));
    rig.asr.finishing.fail({ reason: 'final-timeout' });
    await rig.clock.advance(1_000);
    rig.asr.newest.open();
    await rig.clock.advance(30_000);
    expect(rig.asr.finishing.sentMs).toBeGreaterThan(39_000);
  });
});

describe('a sentence that never ends', () => {
  it('is ended with its connection before the client’s ring is full', async () => {
    const { rig, peer, session } = await live();
    let pos = 0;
    while (rig.asr.newest.state === 'open' && pos < at(120_000)) {
      pos = await rig.speak(session, peer, pos, tone(1_000));
      if (rig.asr.newest.state === 'open') rig.asr.newest.say({ text: `今${pos}`, final: false });
    }
    expect(pos).toBeGreaterThan(at(95_000));
    expect(pos).toBeLessThan(at(110_000));
  });
});
