import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { tone } from '../../testing/audio.ts';
import { FakeClientSocket, Rig } from '../../testing/rig.ts';
import { DatabaseBudget } from '../store/database-budget.ts';
import { ADMISSION_RULES } from './rules.ts';

const BUSY = { code: 4_006, error: 'ASR_BUSY', retryAfterMs: 3_000 } as const;

/** `count` sessions, of which each has said something and was told that the account has no stream left. */
async function queued(count: number) {
  const clock = new FakeClock();
  const budget = new DatabaseBudget(clock, 10_000);
  const limits = { maxSessions: 500, maxSessionsPerUser: 500 };
  const rig = new Rig({ clock, limits, deps: { budget } });
  const sessions = [];
  for (let i = 0; i < count; i++) {
    const started = await rig.start({ sessionId: `session-${i}` }, new FakeClientSocket());
    const { newest } = rig.asr;
    started.session.audio(started.peer, { pos: 0, pcm: tone(500) });
    newest.fail(BUSY);
    sessions.push(started);
  }
  const attempts = () => rig.asr.connections.length - count;
  return { rig, sessions, attempts };
}

describe('sessions for which the recogniser has no stream left', () => {
  it('are told their place, and only the first of them tries again', async () => {
    const { rig, sessions, attempts } = await queued(3);
    expect(sessions.map(({ peer }) => peer.of('queue').at(-1)?.place)).toEqual([1, 2, 3]);
    for (let i = 0; i < 5; i++) {
      await rig.clock.advance(ADMISSION_RULES.retryMs);
      expect(attempts()).toBe(i + 1);
      rig.asr.newest.fail(BUSY);
    }
    expect(sessions.map(({ peer }) => peer.of('queue').at(-1)?.place)).toEqual([1, 2, 3]);
  });

  it('move up when the first has got its stream, in the order in which they came', async () => {
    const { rig, sessions, attempts } = await queued(3);
    await rig.clock.advance(ADMISSION_RULES.retryMs);
    rig.asr.newest.open();
    expect(sessions.map(({ peer }) => peer.of('queue').at(-1)?.place)).toEqual([0, 1, 2]);
    await rig.clock.advance(ADMISSION_RULES.nextMs);
    expect(attempts()).toBe(2);
    rig.asr.newest.open();
    await rig.clock.advance(1_000);
    const texts = rig.asr.connections.slice(-3).map(({ sentMs }) => sentMs);
    expect(texts).toContain(500);
  });

  it('learn their place again when they come back on another socket', async () => {
    const { rig, sessions } = await queued(2);
    const second = sessions[1];
    second?.session.detach(second.peer);
    const back = await rig.start(
      { sessionId: 'session-1', resume: { haveIndex: -1 } },
      new FakeClientSocket(),
    );
    expect(back.peer.of('queue')).toEqual([second?.peer.of('queue').at(-1)]);
    await rig.clock.advance(ADMISSION_RULES.retryMs);
    rig.asr.newest.open();
    await rig.clock.advance(ADMISSION_RULES.nextMs);
    rig.asr.newest.open();
    const later = await rig.start(
      { sessionId: 'session-1', resume: { haveIndex: -1 } },
      new FakeClientSocket(),
    );
    expect(later.peer.of('queue')).toEqual([]);
  });

  it('that wait for long are told that all streams are taken, not that the recogniser is away', async () => {
    const { rig, sessions } = await queued(2);
    await rig.clock.advance(60_000);
    expect(sessions[1]?.peer.codes).toEqual(['ASR_BUSY']);
  });

  it('leave the queue when they end', async () => {
    const { rig, sessions } = await queued(3);
    await sessions[0]?.session.cancel();
    expect(sessions[1]?.peer.of('queue').at(-1)?.place).toBe(1);
    await sessions[1]?.session.cancel();
    await sessions[2]?.session.cancel();
    expect(rig.clock.pending).toBe(0);
  });

  it('beyond the length of the queue try by themselves', async () => {
    const { rig, sessions, attempts } = await queued(ADMISSION_RULES.maxWaiting + 1);
    expect(sessions.at(-1)?.peer.of('queue')).toEqual([]);
    await rig.clock.advance(BUSY.retryAfterMs);
    expect(attempts()).toBeGreaterThanOrEqual(1);
  });
});
