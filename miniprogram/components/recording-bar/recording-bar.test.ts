import type { RecorderState, RecordingSnapshot, VoiceState, VoiceStatus } from 'cloudbase-voice';
import { describe, expect, test } from 'vitest';
import { EventEmitter } from '../../../lib/emitter.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import type { CurrentRecordingEvents } from '../../services/current-recording.ts';
import { RecordingFollower } from './follower.ts';
import { barOf, HIDDEN_BAR, levelStep } from './model.ts';

const session = (state: VoiceState, over: Partial<VoiceStatus> = {}): VoiceStatus => ({
  state,
  sessionId: 'session-1',
  recordedMs: 65_000,
  bufferedMs: 0,
  lagMs: 0,
  losses: [],
  attempt: 0,
  link: state === 'reconnecting' ? 'down' : 'up',
  queue: null,
  ...over,
});
const snapshot = (over: Partial<RecordingSnapshot> = {}): RecordingSnapshot => ({
  recorder: { name: 'recording' },
  session: session('live'),
  stopping: false,
  discarded: false,
  error: null,
  answer: null,
  ...over,
});
const paused: RecorderState = { name: 'paused', reason: 'user', blocked: false };

describe('what the bar says', () => {
  test.each([
    ['recording', {}, '正在录音', true],
    ['without a connection', { session: session('reconnecting') }, '正在重连', true],
    ['paused', { recorder: paused }, '录音已暂停', true],
    ['being saved', { stopping: true }, '还没存好', false],
    ['opening', { recorder: { name: 'starting' } as RecorderState }, '正在打开', true],
  ])('of a recording that is %s', (_what, over, state, stoppable) => {
    expect(barOf(snapshot(over), false)).toMatchObject({ shown: true, state, stoppable, elapsed: '01:05' });
  });

  test('nothing where there is none, or it is stored', () => {
    expect(barOf(null, false).shown).toBe(false);
    expect(barOf(snapshot({ answer: { id: 's', sentences: 1, durationMs: 1 } }), false).shown).toBe(false);
    expect(barOf(snapshot({ discarded: true }), false).shown).toBe(false);
  });

  test('that it failed, until the user has seen why', () => {
    const failed = snapshot({ session: session('failed') });
    expect(barOf(failed, true)).toMatchObject({ shown: true, state: '录音中断了', stoppable: false });
    expect(barOf(failed, false).shown).toBe(false);
  });

  test('loudness in few steps', () => {
    expect([0, 0.1, 0.5, 0.99, 1].map(levelStep)).toEqual([0, 0, 2, 4, 4]);
  });
});

describe('following the recording', () => {
  function rig() {
    const clock = new FakeClock();
    const events = new EventEmitter<CurrentRecordingEvents>((error) => {
      throw error;
    });
    const current = {
      on: events.subscribe.bind(events),
      snapshot: null as RecordingSnapshot | null,
      needsAttention: false,
    };
    const sent: Record<string, unknown>[] = [];
    const follower = new RecordingFollower(current as never, clock, (patch) => sent.push(patch));
    const record = (recordedMs: number) => {
      current.snapshot = snapshot({ session: session('live', { recordedMs }) });
      events.emit('changed');
    };
    return { clock, events, current, sent, follower, record };
  }

  test('sends only what has changed, and the loudness a few times a second at most', async () => {
    const it = rig();
    it.follower.show();
    it.record(1_000);
    await it.clock.advance(200);
    expect(it.sent).toEqual([
      { shown: true, tone: 'on', state: '正在录音', elapsed: '00:01', stoppable: true },
    ]);
    for (let frame = 0; frame < 30; frame++) {
      it.events.emit('level', frame % 2);
      it.record(1_000 + frame * 10);
      await it.clock.advance(100);
    }
    expect(it.sent.length).toBeLessThanOrEqual(26);
    expect(it.sent.slice(1).every((patch) => Object.keys(patch).join() === 'level')).toBe(true);
  });

  test('sends nothing while its page is hidden, and all that is new when it is shown again', async () => {
    const it = rig();
    it.follower.show();
    it.record(4_000);
    it.follower.hide();
    it.record(5_000);
    it.events.emit('level', 1);
    await it.clock.advance(5_000);
    expect(it.sent).toEqual([]);
    it.follower.show();
    await it.clock.advance(200);
    expect(it.sent).toEqual([{ ...barOf(it.current.snapshot, false) }]);
    it.current.snapshot = null;
    it.events.emit('changed');
    await it.clock.advance(200);
    expect(it.sent[1]).toMatchObject({ shown: HIDDEN_BAR.shown, state: '' });
  });
});
