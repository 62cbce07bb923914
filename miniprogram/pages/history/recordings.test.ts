import type { PendingOutcome, PendingProgress, PendingRecording } from 'cloudbase-voice';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import {
  discardQuestion,
  type PendingSource,
  RecordingList,
  type RecordingRow,
  recordingRows,
} from './recordings.ts';

const recording = (over: Partial<PendingRecording> = {}): PendingRecording => ({
  sessionId: 'session-1',
  title: '',
  recordedMs: 134_000,
  state: 'waiting',
  remainingMs: 0,
  error: null,
  ...over,
});
const rowOf = (over: Partial<PendingRecording>) => recordingRows([recording(over)])[0] as RecordingRow;

describe('a row', () => {
  test.each([
    ['recording', '正在录音 2 分 14 秒', 'record', false],
    ['saving', '正在保存 2 分 14 秒', 'record', false],
    ['uploading', '正在上传 2 分 14 秒', 'none', false],
    ['waiting', '待上传 2 分 14 秒', 'upload', true],
    ['unfinished', '没有录完 2 分 14 秒', 'upload', true],
    ['expired', '不能再上传 2 分 14 秒', 'discard', true],
  ] as const)('%s says how long it is and what can be done', (state, title, action, discardable) => {
    expect(rowOf({ state })).toMatchObject({ title, action, discardable });
  });

  test('of an upload says how far it is', () => {
    expect(rowOf({ state: 'uploading', remainingMs: 67_000 })).toMatchObject({
      percent: 50,
      hint: '还剩 1 分 7 秒',
    });
    expect(rowOf({ state: 'uploading' })).toMatchObject({
      percent: 100,
      hint: expect.stringContaining('已传完'),
    });
    expect(rowOf({ state: 'uploading', recordedMs: 0 }).percent).toBe(100);
    expect(rowOf({}).percent).toBe(-1);
  });

  test('has the title that the user gave, and why the last try failed', () => {
    const row = rowOf({ title: '周会', error: 'NETWORK' });
    expect(row.title).toBe('待上传 2 分 14 秒 · 周会');
    expect(row.hint).toMatch(/^网络不可用，/);
    expect(rowOf({ error: 'SESSION_CLOSED' }).hint).toMatch(/^没有连上服务，/);
  });
});

test('what is lost by discarding depends on what the service has', () => {
  expect(discardQuestion(true).content).toContain('留在历史里');
  expect(discardQuestion(false).content).not.toContain('留在历史里');
});

describe('the list', () => {
  let stored: PendingRecording[];
  let busy: boolean;
  let reads: number;
  let clock: FakeClock;
  let rows: RecordingRow[];
  let finished: (readonly PendingOutcome[])[];
  let emit: {
    progress: (progress: PendingProgress) => void;
    finished: (outcomes: readonly PendingOutcome[]) => void;
  };
  let list: RecordingList;

  beforeEach(() => {
    stored = [recording()];
    reads = 0;
    clock = new FakeClock();
    rows = [];
    finished = [];
    emit = { progress: () => {}, finished: () => {} };
    busy = false;
    const source: PendingSource = {
      get busy() {
        return busy;
      },
      list: async () => {
        reads += 1;
        return stored;
      },
      on: (event, fn) => {
        emit = { ...emit, [event]: fn };
        return () => {
          emit = { ...emit, [event]: () => {} };
        };
      },
      resume: async () => [],
      discard: async (sessionId) => {
        stored = stored.filter((one) => one.sessionId !== sessionId);
        return true;
      },
    };
    list = new RecordingList(source, clock, {
      changed: (next) => {
        rows = next;
      },
      finished: (outcomes) => void finished.push(outcomes),
    });
  });

  test('follows an upload without reading the files at every step, and goes when it is delivered', async () => {
    list.show();
    await clock.advance(0);
    stored = [recording({ state: 'uploading', remainingMs: 134_000 })];
    emit.progress({ sessionId: 'session-1', remainingMs: 134_000 });
    await clock.advance(0);
    const before = reads;
    for (const remainingMs of [67_000, 0]) emit.progress({ sessionId: 'session-1', remainingMs });
    expect(rows[0]?.percent).toBe(100);
    expect(reads).toBe(before);
    stored = [];
    emit.finished([{ sessionId: 'session-1', title: '', recordedMs: 134_000, result: 'delivered' }]);
    await clock.advance(0);
    expect(rows).toEqual([]);
    expect(finished).toHaveLength(1);
  });

  test('what was being saved when it was read is read again, though nothing is busy any more', async () => {
    stored = [recording({ state: 'saving' })];
    list.show();
    await clock.advance(0);
    expect(rows[0]?.title).toMatch(/^正在保存/);
    stored = [];
    await clock.advance(1_000);
    expect(rows).toEqual([]);
    expect(reads).toBe(2);
    await clock.advance(60_000);
    expect(reads).toBe(2);
  });

  test('progress that comes faster than the files are read does not keep it from reading them', async () => {
    list.show();
    stored = [recording({ state: 'uploading', remainingMs: 1_000 })];
    for (let at = 0; at < 20; at += 1) emit.progress({ sessionId: 'session-1', remainingMs: 1_000 });
    await clock.advance(0);
    expect(rows[0]?.title).toMatch(/^正在上传/);
    expect(reads).toBeLessThan(5);
  });

  test('reads the length of what is being recorded again while the page is shown, and nothing else', async () => {
    busy = true;
    // it has just begun, and is not saved yet
    stored = [];
    list.show();
    await clock.advance(0);
    stored = [recording({ state: 'recording', recordedMs: 5_000 })];
    await clock.advance(5_000);
    expect(rows[0]?.title).toBe('正在录音 5 秒');
    stored = [recording({ state: 'recording', recordedMs: 10_000 })];
    await clock.advance(5_000);
    expect(rows[0]?.title).toBe('正在录音 10 秒');
    list.hide();
    const before = reads;
    await clock.advance(60_000);
    expect(reads).toBe(before);
    busy = false;
    stored = [recording()];
    list.show();
    await clock.advance(60_000);
    expect(reads).toBe(before + 1);
  });

  test('a discarded recording is gone at once', async () => {
    list.show();
    await clock.advance(0);
    await list.discard('session-1');
    expect(rows).toEqual([]);
  });
});
