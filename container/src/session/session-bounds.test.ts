import { describe, expect, it } from 'vitest';
import { HEARTBEAT_MS } from '../../../contract/limits.ts';
import { at, joined, silence, tone } from '../../testing/audio.ts';
import { FakeClientSocket, oneSentence, Rig, SENTENCE } from '../../testing/rig.ts';
import { RELAY_RULES } from '../upstream/rules.ts';

describe('writes of the record', () => {
  it('come in time however often something new is there', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    const before = rig.store.writes;
    // A final every 100 ms: always within the time in which commits share a write.
    for (let i = 0; i < 100; i++) {
      session.audio(peer, { pos: at(i * 100), pcm: tone(100) });
      rig.asr.newest.say({ text: `句${i}`, final: true, startMs: i * 100, endMs: i * 100 + 100 });
      await rig.clock.advance(100);
    }
    expect(rig.store.writes - before).toBeGreaterThan(10_000 / 500);
    expect(rig.store.record('session-1').sentenceCount).toBeGreaterThan(90);
  });

  it('keep to the waits between tries while the store is away, whatever is new meanwhile', async () => {
    const rig = new Rig();
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    let tries = 0;
    const { write } = rig.store;
    rig.store.write = (...args) => {
      tries += 1;
      return write.apply(rig.store, args);
    };
    rig.store.unavailable = true;
    for (let i = 0; i < 600; i++) {
      session.audio(peer, { pos: at(i * 100), pcm: tone(100) });
      rig.asr.newest.say({ text: `句${i}`, final: true, startMs: i * 100, endMs: i * 100 + 100 });
      await rig.clock.advance(100);
    }
    // 0.2 + 0.5 + 1 + 2 + 5 + 5 + … s of waiting in a minute
    expect(tries).toBeLessThanOrEqual(17);
    expect(tries).toBeGreaterThan(10);
  });

  it('come in time although the clock was wrong when the timer was set, and is right again', async () => {
    const rig = new Rig();
    const { now } = rig.clock;
    rig.clock.now = () => now() - 300_000;
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    rig.clock.now = now;
    session.audio(peer, { pos: 0, pcm: tone(1_000) });
    await rig.clock.advance(500);
    rig.asr.newest.say({ text: '你好', final: true, startMs: 0, endMs: 900 });
    await rig.clock.advance(500);
    expect(rig.store.texts('session-1')).toEqual(['你好']);
  });

  it('bring a heartbeat although nothing is new', async () => {
    const rig = new Rig();
    await rig.start();
    const before = rig.store.writes;
    await rig.clock.advance(5 * HEARTBEAT_MS + 1_000);
    expect(rig.store.writes - before).toBe(5);
  });
});

describe('audio of a client that sends each frame once and too fast', () => {
  it('is one loss of its true length, and what follows it has true times', async () => {
    const relayRules = {
      ...RELAY_RULES,
      stallWaitMs: 600_000,
      unsettledMs: 600_000,
      unsettledMaxMs: 600_000,
    };
    const rig = new Rig({ deps: { relayRules } });
    const { peer, session } = await rig.start();
    rig.asr.newest.open();
    // 40 s at once: the credit is 30 s, the rest is lost.
    for (let i = 0; i < 40; i++) session.audio(peer, { pos: undefined, pcm: tone(1_000) });
    await rig.clock.advance(18_000);
    const pos = 40_000;
    session.audio(peer, { pos: undefined, pcm: joined(tone(1_000), silence(1_000)) });
    await rig.clock.advance(3_000);
    const { sentMs } = rig.asr.newest;
    rig.asr.newest.say({ text: '好', final: true, startMs: sentMs - 2_000, endMs: sentMs - 1_000 });
    await rig.clock.advance(1_000);
    const { losses, samples } = rig.store.record('session-1');
    expect(losses).toHaveLength(1);
    expect(losses[0]).toMatchObject({ reason: 'client-overflow', endMs: pos });
    expect(losses[0]?.startMs).toBeGreaterThanOrEqual(30_000);
    expect(samples).toBe(at(42_000));
    expect(peer.of('result').at(-1)).toMatchObject({ text: '好', startMs: pos, endMs: pos + 1_000 });
  });
});

describe('a client that comes back after more finals than memory holds', () => {
  it('sees all of them although more arrive while the older ones are read', async () => {
    const rig = new Rig();
    const { peer, session } = await oneSentence(rig, '句0');
    for (let i = 1; i < 200; i++) {
      rig.asr.newest.say({ text: `句${i}`, final: true, startMs: 0, endMs: 1_000 });
      await rig.clock.advance(20);
    }
    await rig.clock.advance(1_000);
    session.detach(peer);
    rig.asr.newest.say({ text: '句200', final: true, startMs: 0, endMs: 1_000 });
    const read = rig.store.sentencesAbove.bind(rig.store);
    let reads = 0;
    rig.store.sentencesAbove = async (...args) => {
      const stored = await read(...args);
      reads += 1;
      if (reads === 1)
        for (let i = 201; i < 203; i++)
          rig.asr.newest.say({ text: `句${i}`, final: true, startMs: 0, endMs: 1_000 });
      return stored;
    };
    const back = await rig.start({ resume: { haveIndex: -1 } });
    await rig.clock.advance(5_000);
    expect(back.peer.shown).toEqual(Array.from({ length: 203 }, (_, i) => `句${i}`));
  });
});

describe('a session whose client asked for stop and is gone', () => {
  it('ends as interrupted with what was recognised while the recogniser is away, and says what is lost', async () => {
    const rig = new Rig();
    const { peer, session, end } = await oneSentence(rig, '你好');
    await rig.speak(session, peer, end, tone(2_000));
    rig.asr.newest.fail();
    session.stop(undefined).catch(() => {});
    session.detach(peer);
    for (let i = 0; i < 400; i++) {
      await rig.clock.advance(5_000);
      if (rig.asr.newest.state === 'dialling') rig.asr.newest.fail();
    }
    expect(rig.manager.size).toBe(0);
    expect(rig.clock.pending).toBe(0);
    const record = rig.store.record('session-1');
    expect(record).toMatchObject({ state: 'interrupted', sentenceCount: 1 });
    expect(record.losses).toMatchObject([{ reason: 'asr', endMs: 5_500 }]);
  });

  it('is let go while the store is away', async () => {
    const rig = new Rig();
    const { peer, session } = await oneSentence(rig, '你好');
    rig.store.unavailable = true;
    session.stop(undefined).catch(() => {});
    session.detach(peer);
    await rig.clock.advance(500);
    rig.asr.newest.finish();
    await rig.clock.advance(2 * 3_600_000);
    expect(rig.manager.size).toBe(0);
    expect(rig.clock.pending).toBe(0);
  });
});

describe('a start that fails after the record was made ours', () => {
  it('leaves nothing behind', async () => {
    const rig = new Rig({
      deps: {
        connect: () => {
          throw new Error('malformed');
        },
      },
    });
    for (let i = 0; i < 5; i++) {
      const peer = new FakeClientSocket();
      const started = await rig.start({ sessionId: `session-${i}` }, peer).catch(() => undefined);
      if (started) started.session.audio(peer, { pos: 0, pcm: SENTENCE });
      await rig.clock.advance(1_000);
    }
    await rig.clock.advance(200_000);
    expect(rig.manager.size).toBe(0);
    expect(rig.clock.pending).toBe(0);
  });
});
