import { describe, expect, it } from 'vitest';
import { Rig, started, stopAndCompare } from '../testing/rig.ts';

describe('a recording without trouble', () => {
  it('is recognised from the first sample to the last', async () => {
    const rig = new Rig();
    const starting = rig.session.start({ title: '会议' });
    rig.say(500);
    await rig.done(starting);
    await rig.speak(5_000);
    await stopAndCompare(rig);
    expect(rig.reasons).toEqual([
      'idle → connecting: start',
      'connecting → live: started',
      'live → stopping: stop',
      'stopping → ended: completed',
    ]);
    expect(rig.container.starts).toHaveLength(1);
    expect(rig.container.starts[0]).toMatchObject({ title: '会议', engine: '16k_zh', sampleRate: 16_000 });
    expect(rig.container.starts[0]).not.toHaveProperty('resume');
  });

  it('sends frames of at most 6,400 bytes while level', async () => {
    const rig = await started();
    await rig.speak(3_000, 500);
    expect(Math.max(...rig.container.frames.map((frame) => frame.samples * 2))).toBe(6_400);
    await stopAndCompare(rig);
  });

  it('without speech ends with no sentences', async () => {
    const rig = await started();
    expect((await rig.done(rig.session.stop())).sentences).toBe(0);
    expect(rig.container.violations).toEqual([]);
  });
});

describe('how far the text is behind', () => {
  it('is the audio that the recogniser has not been sent, and nothing without a connection', async () => {
    const rig = await started();
    await rig.speak(2_000);
    expect(rig.session.status.lagMs).toBeLessThan(1_000);
    rig.container.paceHz = 0;
    await rig.speak(6_000);
    const { lagMs } = rig.session.status;
    expect(lagMs).toBeGreaterThan(4_000);
    expect(lagMs).toBeLessThan(7_000);
    rig.container.drop();
    await rig.speak(100);
    expect(rig.session.status.lagMs).toBe(0);
    rig.container.paceHz = Number.POSITIVE_INFINITY;
    await stopAndCompare(rig);
  });
});

describe('a drop', () => {
  it('keeps audio and sends it after the reconnect', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(4_000);
    expect(rig.session.status).toMatchObject({ state: 'reconnecting', recordedMs: 6_000 });
    expect(rig.session.status.bufferedMs).toBeGreaterThanOrEqual(4_000);
    rig.container.reachable = true;
    await rig.speak(9_000);
    expect(rig.session.status.bufferedMs).toBeLessThan(2_000);
    await stopAndCompare(rig);
    expect(rig.reasons).toContain('live → reconnecting: lost:transport close');
    expect(rig.reasons).toContain('reconnecting → live: resumed');
  });

  it('audio is never emitted while disconnected or before start was answered', async () => {
    const rig = new Rig();
    void rig.session.start();
    for (let round = 0; round < 6; round++) {
      await rig.speak(700, 40);
      rig.container.drop();
    }
    await stopAndCompare(rig);
  });

  it('an overlap is not sent twice', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.frames.length = 0;
    rig.container.drop();
    await rig.speak(2_000);
    const again = rig.container.frames.filter((frame) => frame.pos < 30_000);
    expect(again).toEqual([]);
    await stopAndCompare(rig);
  });

  it('of the instance sends again what was not committed', async () => {
    const rig = await started();
    await rig.speak(2_500);
    rig.container.frames.length = 0;
    rig.container.restart();
    await rig.speak(1_500);
    expect(rig.container.frames[0]?.pos).toBe(24_000);
    await stopAndCompare(rig);
  });

  it('displayed transcript equals record after replay', async () => {
    const rig = await started();
    await rig.speak(4_000);
    expect(rig.shown.at(-1)).toMatch(/^…/);
    rig.container.paceHz = 0;
    rig.container.restart();
    await rig.speak(2_000);
    expect(rig.session.status.state).toBe('live');
    expect(rig.shown).toEqual(rig.record());
    rig.container.paceHz = Number.POSITIVE_INFINITY;
    await rig.speak(3_000);
    await stopAndCompare(rig);
  });

  it('that nobody notices is noticed by the silence', async () => {
    const rig = await started();
    await rig.speak(1_000);
    rig.container.stall();
    await rig.speak(20_000);
    expect(rig.reasons).toContain('live → reconnecting: lost:silent');
    await rig.speak(2_000);
    await stopAndCompare(rig);
  });

  it('an idle connection is left alone', async () => {
    const rig = await started();
    await rig.clock.advance(120_000);
    expect(rig.session.status.state).toBe('live');
    expect(rig.container.dials).toHaveLength(1);
  });

  it('a waiting client dials at once when the network is back', async () => {
    const rig = await started();
    rig.container.reachable = false;
    rig.container.drop();
    await rig.clock.advance(60_000);
    const dials = rig.container.dials.length;
    rig.container.reachable = true;
    rig.wake();
    await rig.clock.advance(200);
    expect(rig.container.dials).toHaveLength(dials + 1);
    expect(rig.session.status.state).toBe('live');
  });
});

describe('lost answers', () => {
  it('a lost start answer does not make a second session', async () => {
    const rig = new Rig();
    rig.container.lostAcks.add('start');
    await rig.done(rig.session.start());
    expect(rig.container.starts.map((start) => start.resume)).toEqual([
      undefined,
      { haveIndex: -1, takeOver: false },
    ]);
    expect(rig.container.sessions.size).toBe(1);
    await rig.speak(2_000);
    await stopAndCompare(rig);
  });

  it('an unanswered start is given up with its connection', async () => {
    const rig = new Rig();
    const starting = rig.session.start();
    await rig.clock.advance(30);
    rig.container.stall();
    await rig.done(starting);
    expect(rig.container.dials.length).toBe(2);
    await stopAndCompare(rig);
  });

  it('a lost stop answer is asked for again and is the same', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.lostAcks.add('stop');
    await stopAndCompare(rig);
  });

  it('results that come in the same turn as the answer are not dropped', async () => {
    const rig = await started();
    rig.container.latencyMs = 0;
    await rig.speak(4_000);
    rig.container.drop();
    await rig.clock.advance(400);
    expect(rig.shown).toHaveLength(3);
    await stopAndCompare(rig);
  });
});

describe('stop', () => {
  it('stop() during backoff completes after reconnect', async () => {
    const rig = await started();
    await rig.speak(2_000);
    rig.container.reachable = false;
    rig.container.drop();
    await rig.speak(3_000);
    const stopping = rig.session.stop();
    await rig.clock.advance(60_000);
    expect(rig.session.status.state).toBe('stopping');
    expect(rig.session.status.attempt).toBeGreaterThan(3);
    rig.container.reachable = true;
    await rig.done(stopping);
    await stopAndCompare(rig);
  });

  it('before the first connection waits for it', async () => {
    const rig = new Rig();
    rig.container.reachable = false;
    const starting = rig.session.start();
    await rig.speak(2_000);
    const stopping = rig.session.stop();
    await rig.clock.advance(5_000);
    rig.container.reachable = true;
    await rig.done(stopping);
    await rig.done(starting);
    await stopAndCompare(rig);
  });

  it('is asked only when everything was sent', async () => {
    const rig = await started();
    rig.container.paceHz = 32_000;
    rig.say(60_000);
    await stopAndCompare(rig);
  });

  it('that is answered by silence is asked again on another connection', async () => {
    const rig = await started();
    rig.container.paceHz = 0;
    await rig.speak(2_000);
    await rig.clock.advance(2_000);
    const stopping = rig.session.stop();
    await rig.clock.advance(500);
    rig.container.stall();
    rig.container.paceHz = Number.POSITIVE_INFINITY;
    await rig.done(stopping, 60_000);
    expect(rig.container.dials).toHaveLength(2);
    await stopAndCompare(rig);
  });

  it('asked twice is one stop', async () => {
    const rig = await started();
    await rig.speak(1_000);
    expect(rig.session.stop()).toBe(rig.session.stop());
    await stopAndCompare(rig);
  });

  it('takes no audio any more', async () => {
    const rig = await started();
    await rig.speak(1_000);
    const stopping = rig.session.stop();
    rig.session.push(new ArrayBuffer(3_200));
    await rig.done(stopping);
    expect(rig.record()).toEqual(rig.expected());
  });
});

describe('a link whose latency shrinks', () => {
  it('delivers in order all the same: a stop does not overtake audio', async () => {
    const rig = new Rig();
    rig.session.start().catch(() => {});
    await rig.speak(385);
    rig.container.latencyMs = 0;
    await stopAndCompare(rig);
  });
});

describe('credit', () => {
  it('audio goes no further than the limit, and on when it moves', async () => {
    const rig = new Rig();
    rig.container.paceHz = 16_000;
    rig.container.creditSamples = 32_000;
    void rig.session.start();
    rig.say(30_000);
    await stopAndCompare(rig);
  });

  it('a refusal for speed is waited out, and nothing is lost', async () => {
    const rig = await started();
    await rig.speak(500);
    rig.container.send('error', { code: 'TOO_FAST', sessionId: 'session-0001', nextPos: 4_000 });
    await rig.speak(4_000);
    await stopAndCompare(rig);
  });

  it('a gap is sent again from where the container asks', async () => {
    const rig = await started();
    await rig.speak(1_000);
    rig.container.frames.length = 0;
    rig.container.send('error', { code: 'AUDIO_GAP', sessionId: 'session-0001', nextPos: 8_000 });
    await rig.speak(1_000);
    expect(rig.container.frames[0]?.pos).toBeGreaterThan(8_000);
    expect(rig.container.frames.some((frame) => frame.pos === 8_000)).toBe(true);
    await stopAndCompare(rig);
  });
});
