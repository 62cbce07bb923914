import { describe, expect, it } from 'vitest';
import { at, joined, noise, silence, tone } from '../../testing/audio.ts';
import { Rig } from '../../testing/rig.ts';
import type { SessionDeps } from '../session/types.ts';
import { RELAY_RULES } from './rules.ts';

const word = (text: string, startMs: number, endMs: number) => ({ text, startMs, endMs, stable: true });

async function live(deps: Partial<SessionDeps> = {}) {
  const rig = new Rig({ deps });
  const started = await rig.start();
  rig.asr.newest.open();
  return { rig, ...started };
}

describe('a new generation', () => {
  it('hears again what the old one had not decided, and the old one counts no more', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, joined(tone(2_000), silence(1_500), tone(2_000)));
    const old = rig.asr.newest;
    old.say({ text: '你好', final: true, startMs: 0, endMs: 2_000 });
    old.say({ index: 1, text: '再', final: false, startMs: 3_500, endMs: 4_000 });
    old.fail({ code: 5_000 });
    await rig.clock.advance(1_000);
    expect(rig.asr.connections).toHaveLength(2);
    rig.asr.newest.open();
    await rig.clock.advance(3_000);
    old.sayLate({ index: 1, text: '迟到', final: true, startMs: 3_500, endMs: 5_000, words: [] });
    const heardFrom = 5_500 - rig.asr.newest.sentMs;
    expect(heardFrom).toBeGreaterThan(2_000);
    expect(heardFrom).toBeLessThan(2_600);
    const { sentMs } = rig.asr.newest;
    rig.asr.newest.say({ text: '再见', final: true, startMs: sentMs - 2_000, endMs: sentMs });
    expect(peer.shown).toEqual(['你好', '再见']);
    expect(peer.of('result').at(-1)).toMatchObject({ index: 1, startMs: 3_500, endMs: 5_500 });
  });

  it('is sent at most twice real time while behind', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, tone(5_000));
    rig.asr.newest.fail();
    await rig.clock.advance(200);
    rig.asr.newest.open();
    await rig.clock.advance(1_000);
    expect(rig.asr.newest.sentMs).toBeGreaterThan(1_800);
    expect(rig.asr.newest.sentMs).toBeLessThanOrEqual(2_600);
  });

  it('is sent at real time after the service said that it was too much', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, tone(5_000));
    rig.asr.newest.fail({ code: 4_000, tooFast: true });
    await rig.clock.advance(200);
    rig.asr.newest.open();
    await rig.clock.advance(2_000);
    expect(rig.asr.newest.sentMs).toBeLessThanOrEqual(2_600);
  });
});

describe('a frame', () => {
  it.each([40, 128, 200])('of %i ms goes as it came: one message, at once', async (ms) => {
    const { rig, peer, session } = await live();
    for (let frame = 0; frame < 10; frame++) {
      session.audio(peer, { pos: frame * at(ms), pcm: tone(ms) });
      expect(rig.asr.newest.audio.map((pcm) => pcm.byteLength / 2)).toEqual(Array(frame + 1).fill(at(ms)));
      await rig.clock.advance(ms);
    }
  });

  it('that is longer goes in messages of at most 200 ms', async () => {
    const { rig, peer, session } = await live();
    session.audio(peer, { pos: 0, pcm: tone(500) });
    await rig.clock.advance(1_000);
    expect(rig.asr.newest.audio.map((pcm) => pcm.byteLength / 2)).toEqual([200, 200, 100].map(at));
  });
});

describe('a forced final in mid-speech', () => {
  const speech = joined(tone(1_500), silence(300), tone(1_500));

  it('commits up to the last pause; the text behind it is not written again when it is heard again', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, speech);
    const words = [
      word('今天', 0, 700),
      word('开会', 700, 1_500),
      word('现', 1_800, 2_500),
      word('在', 2_500, 3_300),
    ];
    rig.asr.newest.say({ text: '今天开会现在', final: true, startMs: 0, endMs: 3_300, words });
    await rig.clock.advance(500);
    const record = rig.store.record('session-1');
    expect(record.committedPos).toBeGreaterThan(at(1_500));
    expect(record.committedPos).toBeLessThan(at(1_800));
    expect(record.overlap).toEqual({ text: '现在', endPos: at(3_300) });
    rig.asr.newest.fail();
    await rig.speak(session, peer, at(3_300), joined(tone(1_000), silence(1_500)));
    rig.asr.newest.open();
    await rig.clock.advance(3_000);
    rig.asr.newest.say({ text: '现在', final: false });
    expect(peer.shown).toEqual(['今天开会现在']);
    rig.asr.newest.say({ text: '现在开始', final: true, startMs: 100, endMs: 2_600 });
    await rig.clock.advance(500);
    expect(peer.shown).toEqual(['今天开会现在', '开始']);
    expect(rig.store.texts('session-1')).toEqual(['今天开会现在', '开始']);
    expect(rig.store.record('session-1').overlap).toBeNull();
  });

  it('is remembered by whichever instance continues', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, speech);
    const words = [
      word('今天', 0, 700),
      word('开会', 700, 1_500),
      word('现', 1_800, 2_500),
      word('在', 2_500, 3_300),
    ];
    rig.asr.newest.say({ text: '今天开会现在', final: true, startMs: 0, endMs: 3_300, words });
    await rig.clock.advance(500);
    const two = new Rig({ store: rig.store, clock: rig.clock });
    const back = await two.start({ resume: { haveIndex: 0 } });
    two.asr.newest.open();
    await two.speak(back.session, back.peer, back.answer.nextPos, tone(2_600));
    two.asr.newest.say({ text: '现在开始', final: true, startMs: 0, endMs: 2_600 });
    expect(back.peer.shown).toEqual(['开始']);
  });
});

describe('a client that pauses', () => {
  it('keeps the connection alive with silence that takes no session time', async () => {
    const { rig, peer, session } = await live();
    const end = await rig.speak(session, peer, 0, joined(tone(2_000), silence(1_500)));
    rig.asr.newest.say({ text: '你好', final: true, startMs: 0, endMs: 2_000 });
    await rig.clock.advance(10_000);
    expect(rig.asr.newest.sentMs).toBeGreaterThan(3_500);
    expect(rig.asr.connections).toHaveLength(1);
    const injected = rig.asr.newest.sentMs - 3_500;
    await rig.speak(session, peer, end, tone(1_000));
    const { sentMs } = rig.asr.newest;
    rig.asr.newest.say({ index: 1, text: '再见', final: true, startMs: 3_500 + injected, endMs: sentMs });
    expect(peer.of('result').at(-1)).toMatchObject({ text: '再见', startMs: 3_500, endMs: 4_500 });
  });

  it('in mid-sentence: its stream is ended, and what it said is not committed but heard again', async () => {
    const { rig, peer, session } = await live();
    const end = await rig.speak(session, peer, 0, tone(2_000));
    rig.asr.newest.say({ text: '今', final: false, startMs: 0, endMs: 1_900 });
    await rig.clock.advance(9_000);
    rig.asr.finishing.say({ text: '今', final: true, startMs: 0, endMs: 1_900 });
    rig.asr.finishing.finish();
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual([]);
    await rig.speak(session, peer, end, tone(500));
    expect(rig.asr.connections).toHaveLength(2);
    rig.asr.newest.open();
    await rig.clock.advance(2_000);
    expect(rig.asr.newest.sentMs).toBe(2_500);
  });

  it('and then stops gets its open sentence all the same', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, tone(2_000));
    rig.asr.newest.say({ text: '今', final: false, startMs: 0, endMs: 1_900 });
    await rig.clock.advance(9_000);
    const stopping = session.stop(undefined);
    await rig.clock.advance(300);
    rig.asr.newest.say({ text: '今天', final: true, startMs: 0, endMs: 2_000 });
    rig.asr.newest.finish();
    await rig.clock.advance(500);
    expect(await stopping).toMatchObject({ sentences: 1 });
    expect(rig.store.texts('session-1')).toEqual(['今天']);
  });

  it('for long gives the connection up; audio opens a new one', async () => {
    const { rig, peer, session } = await live();
    const end = await rig.speak(session, peer, 0, silence(1_000));
    await rig.clock.advance(30_000);
    expect(rig.asr.newest.state).toBe('over');
    expect(rig.asr.connections).toHaveLength(1);
    await rig.speak(session, peer, end, tone(200));
    expect(rig.asr.connections).toHaveLength(2);
  });
});

describe('silence', () => {
  it('is committed with a margin while no sentence is open', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, silence(30_000));
    await rig.clock.advance(1_500);
    const { committedPos } = peer.of('progress').at(-1) ?? {};
    expect(committedPos).toBeGreaterThan(at(15_000));
    expect(committedPos).toBeLessThanOrEqual(at(27_000));
  });

  it('does not make loud audio forgotten that the recogniser has said nothing about', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, joined(silence(12_000), tone(1_000), silence(8_000)));
    await rig.clock.advance(25_000);
    expect(rig.store.record('session-1').committedPos).toBeLessThanOrEqual(at(12_000));
  });
});

describe('a recogniser that stalls', () => {
  it('is replaced, and what it was sent is heard by the next', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, tone(9_000));
    expect(rig.asr.connections.length).toBeGreaterThanOrEqual(2);
    rig.asr.newest.open();
    await rig.clock.advance(6_000);
    expect(rig.asr.newest.sentMs).toBe(9_000);
  });

  it('twice in a row is given up on that audio, and the record says where it was', async () => {
    const { rig, peer, session } = await live();
    let end = await rig.speak(session, peer, 0, joined(silence(2_000), tone(9_000)));
    rig.asr.newest.open();
    end = await rig.speak(session, peer, end, silence(15_000));
    rig.asr.newest.open();
    end = await rig.speak(session, peer, end, silence(15_000));
    expect(rig.store.record('session-1').losses).toMatchObject([{ reason: 'asr', startMs: 2_000 }]);
    expect(rig.store.record('session-1').committedPos).toBeGreaterThanOrEqual(at(5_000));
  });

  it.each([
    ['silence', silence(30_000)],
    ['the noise of a room', noise(30_000, 150)],
  ])('is not suspected in %s, which is committed', async (_name, pcm) => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, pcm);
    expect(rig.asr.connections).toHaveLength(1);
    expect(rig.store.record('session-1').committedPos).toBeGreaterThan(at(15_000));
  });
});

describe('a recogniser that is away', () => {
  it('is reported once, tried again with growing waits, and nothing is lost meanwhile', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, tone(1_000));
    for (let i = 0; i < 5; i++) {
      rig.asr.newest.fail({ code: 5_001 });
      await rig.clock.advance(4_100);
    }
    expect(peer.codes).toEqual(['ASR_UNAVAILABLE']);
    rig.asr.newest.open();
    await rig.clock.advance(1_500);
    expect(rig.asr.newest.sentMs).toBe(1_000);
    rig.asr.newest.say({ text: '今天', final: false });
    expect(peer.shown).toEqual(['今天']);
  });

  it('that takes connections only to close them does not make a storm', async () => {
    const { rig } = await live();
    for (let i = 0; i < 8; i++) {
      rig.asr.newest.fail({ reason: 'closed' });
      await rig.clock.advance(2_100);
      if (rig.asr.newest.state === 'dialling') rig.asr.newest.open();
    }
    expect(rig.asr.connections.length).toBeLessThan(8);
  });

  it('for a reason that no retry mends ends the session with what it has, and says why', async () => {
    const { rig, peer, session } = await live();
    await rig.speak(session, peer, 0, joined(tone(2_000), silence(1_500)));
    rig.asr.newest.say({ text: '你好', final: true, startMs: 0, endMs: 2_000 });
    rig.asr.newest.fail({ code: 4_005, class: 'fatal', error: 'ASR_ARREARS' });
    await rig.clock.advance(1_000);
    expect(peer.codes).toEqual(['ASR_ARREARS']);
    expect(rig.store.record('session-1')).toMatchObject({ state: 'interrupted', sentenceCount: 1 });
    expect(session.stopAnswer).toMatchObject({ sentences: 1 });
  });
});

describe('an old connection', () => {
  const rules = { ...RELAY_RULES, planRolloverMs: 5_000, forceRolloverMs: 12_000 };

  it('is replaced at a pause, and the next one goes on from there', async () => {
    const { rig, peer, session } = await live({ relayRules: rules });
    const end = await rig.speak(session, peer, 0, joined(tone(2_000), silence(1_500)));
    rig.asr.newest.say({ text: '你好', final: true, startMs: 0, endMs: 2_000 });
    await rig.speak(session, peer, end, silence(3_000));
    const old = rig.asr.finishing;
    // The next one is made meanwhile.
    rig.asr.newest.open();
    old.finish();
    await rig.speak(session, peer, end + at(3_000), tone(1_000));
    await rig.clock.advance(3_000);
    const { sentMs } = rig.asr.newest;
    rig.asr.newest.say({ text: '再见', final: true, startMs: sentMs - 1_000, endMs: sentMs });
    expect(rig.asr.connections).toHaveLength(2);
    expect(peer.of('result').at(-1)).toMatchObject({ index: 1, text: '再见', startMs: 6_500, endMs: 7_500 });
  });

  it('is not replaced in mid-sentence before it must be', async () => {
    const { rig, peer, session } = await live({ relayRules: rules });
    const { newest: first } = rig.asr;
    first.say({ text: '今', final: false });
    for (let i = 0; i < 8; i++) {
      await rig.speak(session, peer, at(i * 1_000), tone(1_000));
      first.say({ text: `今${i}`, final: false });
    }
    expect(first.state).toBe('open');
    for (let i = 8; i < 13; i++) {
      await rig.speak(session, peer, at(i * 1_000), tone(1_000));
      if (first.state === 'open') first.say({ text: `今${i}`, final: false });
    }
    expect(first.state).toBe('finishing');
  });
});

describe('audio that was lost', () => {
  /** The most audio that was sent within any second, ms. */
  const busiestSecondMs = (sent: readonly { atMs: number; ms: number }[]) =>
    Math.max(
      ...sent.map(({ atMs }) =>
        sent
          .filter((one) => one.atMs >= atMs && one.atMs < atMs + 1_000)
          .reduce((sum, { ms }) => sum + ms, 0),
      ),
    );

  it.each([1_000, 300_000, 7_200_000])(
    'of %i ms is bridged at the pace of audio, never more within a second than the service takes',
    async (lostMs) => {
      const { rig, peer, session } = await live({ relayRules: { ...RELAY_RULES, stallWaitMs: 600_000 } });
      const end = await rig.speak(session, peer, 0, tone(5_000));
      rig.asr.newest.say({ text: '今', final: false, startMs: 0, endMs: 4_900 });
      rig.asr.newest.fail({ code: 4_000, tooFast: true });
      await rig.clock.advance(200);
      session.skip(peer, { fromPos: end, toPos: end + at(lostMs), reason: 'client-gap' });
      rig.asr.newest.open(rig.clock);
      await rig.speak(session, peer, end + at(lostMs), tone(5_000));
      await rig.clock.advance(7_000);
      expect(peer.codes).toEqual([]);
      expect(busiestSecondMs(rig.asr.newest.sent)).toBeLessThanOrEqual(3_000);
      expect(rig.asr.newest.sentMs).toBe(5_000 + RELAY_RULES.gapSilenceMs + 5_000);
    },
  );

  it('is bridged at the pace of audio by a stream that is behind, too', async () => {
    const { rig, peer, session } = await live();
    const end = await rig.speak(session, peer, 0, tone(5_000));
    session.skip(peer, { fromPos: end, toPos: end + at(60_000), reason: 'client-gap' });
    await rig.speak(session, peer, end + at(60_000), tone(1_000));
    rig.asr.newest.fail();
    await rig.clock.advance(200);
    rig.asr.newest.open(rig.clock);
    await rig.clock.advance(20_000);
    expect(busiestSecondMs(rig.asr.newest.sent)).toBeLessThanOrEqual(3_000);
  });
});
