import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts';
import { RecorderError, type RecorderErrorCode, type RecorderState } from '../recorder/recorder.types.ts';
import type { VoiceState, VoiceStatus } from '../session/voice-session.types.ts';
import type { RecordingSnapshot } from './recording-phase.ts';
import { recordingViewOf } from './view.ts';

const recording: RecorderState = { name: 'recording' };
const status = (state: VoiceState, over: Partial<VoiceStatus> = {}): VoiceStatus => ({
  state,
  sessionId: 'session-1',
  recordedMs: 65_000,
  bufferedMs: 0,
  lagMs: 0,
  losses: [],
  attempt: 0,
  link: state === 'connecting' ? 'connecting' : state === 'reconnecting' ? 'down' : 'up',
  queue: null,
  ...over,
});
const view = (over: Partial<RecordingSnapshot> = {}) =>
  recordingViewOf({
    recorder: recording,
    session: status('live'),
    stopping: false,
    discarded: false,
    error: null,
    answer: null,
    ...over,
  });
const overflow = (ms: number) => [{ startMs: 0, endMs: ms, reason: 'client-overflow' as const }];

describe('while all is well', () => {
  test('there is no banner', () => {
    expect(view()).toEqual({
      phase: 'recording',
      running: true,
      editable: false,
      recordLabel: '点一下结束',
      connection: { tone: 'ok', text: '已连接' },
      elapsed: '01:05',
      banner: null,
    });
  });

  test('connecting is said only when someone waits for it', () => {
    expect(view({ session: status('connecting', { bufferedMs: 900 }) }).banner).toBeNull();
    expect(view({ session: status('connecting', { bufferedMs: 3_000 }) }).banner?.title).toBe(
      '正在连接，已缓存 3 秒，接通后立即识别',
    );
  });
});

describe('in a drop', () => {
  test('the banner says how much is kept, and that it will be sent', () => {
    const { banner, connection, phase } = view({
      session: status('reconnecting', { bufferedMs: 4_100, attempt: 3 }),
    });
    expect(banner?.title).toBe('连接中断，已缓存 4 秒，恢复后续传');
    expect(connection).toEqual({ tone: 'warn', text: '正在重连（第 3 次）' });
    expect(phase).toBe('recording');
  });

  test('what overflowed is said at once', () => {
    const session = status('reconnecting', { bufferedMs: 120_000, losses: overflow(7_000) });
    expect(view({ session }).banner?.hint).toBe('缓存已满，较早的 7 秒没有识别。');
  });

  test('while saving it says that saving waits', () => {
    const session = status('reconnecting', { bufferedMs: 2_000 });
    expect(view({ session, stopping: true })).toMatchObject({
      phase: 'stopping',
      banner: { title: '连接中断，已缓存 2 秒，恢复后补传并保存' },
    });
  });

  test('after it, catching up is said, and then nothing', () => {
    expect(view({ session: status('live', { bufferedMs: 5_000 }) }).banner?.title).toBe(
      '已恢复连接，正在补传 5 秒录音',
    );
    expect(view({ session: status('live', { bufferedMs: 300 }) }).banner).toBeNull();
  });
});

describe('while stopping', () => {
  const stopping = (over: Partial<VoiceStatus>) =>
    view({ recorder: { name: 'stopped' }, session: status('stopping', over), stopping: true });

  test.each([0, 900, 4_100])('without a connection it says so, also with %i ms unsent', (bufferedMs) => {
    const { banner, connection } = stopping({ link: 'down', bufferedMs, attempt: 2 });
    expect(banner?.title).toContain('连接中断');
    expect(banner?.title).toContain('保存');
    expect(banner?.hint).toContain('稍后再传');
    expect(connection).toEqual({ tone: 'warn', text: '正在重连（第 2 次）' });
  });

  test('before the first connection it does not speak of an interruption', () => {
    const { banner, connection } = stopping({ link: 'connecting', bufferedMs: 900 });
    expect(banner?.title).toBe('正在连接，已缓存 1 秒，接通后识别并保存');
    expect(connection.text).toBe('正在连接');
  });

  test('connected, it says what is being sent, and claims no recovery', () => {
    expect(stopping({ link: 'up', bufferedMs: 5_000 })).toMatchObject({
      banner: { title: '正在补传 5 秒录音，传完就保存' },
      connection: { text: '正在保存' },
    });
    expect(stopping({ link: 'up', bufferedMs: 500 }).banner).toBeNull();
  });
});

describe('while the recogniser is full', () => {
  test('the queue is said quietly, with the place and the wait', () => {
    const session = status('live', { queue: { place: 2, waitMs: 15_000 }, bufferedMs: 4_000 });
    expect(view({ session, error: 'ASR_BUSY' })).toMatchObject({
      phase: 'recording',
      connection: { tone: 'warn', text: '正在排队' },
      banner: {
        tone: 'warn',
        title: '识别服务繁忙，正在排队',
        hint: '排在第 2 位，大约等 15 秒。录音已保留，轮到后自动补上文字。',
        action: 'none',
      },
    });
  });

  test('an unknown place or wait is left out', () => {
    const session = status('live', { queue: { place: null, waitMs: null } });
    expect(view({ session }).banner?.hint).toBe('录音已保留，轮到后自动补上文字。');
  });

  test('what no longer fits into the phone is said there, too', () => {
    const session = status('live', { queue: { place: 1, waitMs: null }, losses: overflow(7_000) });
    expect(view({ session }).banner?.hint).toBe(
      '缓存已满，较早的 7 秒没有识别。 排在第 1 位。其余的录音已保留，轮到后自动补上文字。',
    );
  });

  test('a lost connection is more important than the place in the queue', () => {
    const session = status('reconnecting', { queue: { place: 2, waitMs: 15_000 }, bufferedMs: 3_000 });
    expect(view({ session }).banner?.title).toContain('连接中断');
  });
});

describe('while it cannot connect', () => {
  test('why the service refuses is said together with what is kept', () => {
    const session = status('connecting', { bufferedMs: 3_000, attempt: 3 });
    expect(view({ session, error: 'BUSY' })).toMatchObject({
      connection: { tone: 'warn', text: '正在连接（第 3 次）' },
      banner: { title: '服务繁忙', hint: expect.stringContaining('已缓存 3 秒') },
    });
  });
});

describe('in a pause', () => {
  const paused = (reason: 'user' | 'interrupted' | 'hidden' | 'system', blocked = false): RecorderState => ({
    name: 'paused',
    reason,
    blocked,
  });

  test("a person's own pause needs no banner, every other one says why and offers to go on", () => {
    expect(view({ recorder: paused('user') })).toMatchObject({ phase: 'paused', banner: null });
    const titles = (['interrupted', 'hidden', 'system'] as const).map((reason) => {
      const { banner } = view({ recorder: paused(reason) });
      expect(banner?.action).toBe('continue');
      return banner?.title;
    });
    expect(new Set(titles).size).toBe(3);
    expect(view({ recorder: paused('interrupted', true) }).banner?.title).toBe(
      '通话占用了麦克风，录音已暂停',
    );
  });

  test('a drop during a pause does not hide the pause', () => {
    const session = status('reconnecting', { bufferedMs: 4_000 });
    expect(view({ recorder: paused('hidden'), session }).banner).toMatchObject({
      title: '刚才离开了小程序，录音已暂停',
      hint: '连接中断，已缓存 4 秒，恢复后续传',
    });
  });
});

describe('when it cannot go on', () => {
  test('a refused microphone leads to the settings, other errors to another try', () => {
    const failed = (code: 'denied' | 'privacy'): RecorderState => ({
      name: 'failed',
      error: new RecorderError(code, ''),
    });
    expect(view({ recorder: failed('denied'), session: status('idle') })).toMatchObject({
      phase: 'failed',
      recordLabel: '点一下重试',
      banner: { action: 'microphone' },
    });
    expect(view({ recorder: failed('privacy'), session: status('idle') }).banner?.action).toBe('retry');
  });

  test('without a microphone the connection is not called ready', () => {
    const codes: RecorderErrorCode[] = ['denied', 'denied-system', 'privacy', 'busy', 'failed'];
    for (const code of codes) {
      const recorder: RecorderState = { name: 'failed', error: new RecorderError(code, '') };
      const { connection } = view({ recorder, session: status('idle') });
      expect(connection, code).toMatchObject({ tone: 'bad', text: expect.stringContaining('麦克风') });
    }
  });

  test('taken over by another device offers to go on here', () => {
    const { banner, phase } = view({ session: status('failed'), error: 'TAKEN_OVER' });
    expect(phase).toBe('failed');
    expect(banner).toMatchObject({ action: 'take-back', label: '在此继续' });
  });

  test('every error of the contract has words, and a button wherever it has an action', () => {
    for (const error of Object.keys(ERRORS) as ErrorCode[]) {
      const { banner } = view({ session: status('failed'), error });
      expect(banner?.title, error).toBeTruthy();
      expect(banner?.label !== '', error).toBe(banner?.action !== 'none');
    }
  });

  test('a trouble that the session survives is told without a button', () => {
    expect(view({ error: 'ASR_UNAVAILABLE' })).toMatchObject({
      phase: 'recording',
      banner: { tone: 'warn', action: 'none' },
    });
  });
});

describe('at the end', () => {
  test('what was saved is said and can be opened', () => {
    const answer = { id: 'session-1', sentences: 3, durationMs: 65_000 };
    expect(view({ session: status('ended'), stopping: true, answer })).toMatchObject({
      phase: 'done',
      connection: { text: '已保存' },
      banner: { title: '已保存 3 句，1 分 5 秒', action: 'open' },
    });
  });

  test('silence is not an error', () => {
    const answer = { id: 'session-1', sentences: 0, durationMs: 2_000 };
    expect(view({ session: status('ended'), answer }).banner).toMatchObject({
      tone: 'warn',
      title: '没有听到说话',
    });
  });
});

test('text that is behind is mentioned quietly, and a little delay is not', () => {
  expect(view({ session: status('live', { lagMs: 6_200 }) }).connection).toEqual({
    tone: 'busy',
    text: '正在追上，慢 6 秒',
  });
  expect(view({ session: status('live', { lagMs: 2_900 }) }).connection.text).toBe('已连接');
});
