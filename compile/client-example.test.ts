import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeWx, type FakeWx } from '../miniprogram/client/testing/fake-wx.ts';
import { startServer, type TestServer } from '../miniprogram/client/testing/server.ts';
import { bundleClient } from './client.ts';

const PAGE = new URL(
  '../miniprogram/pages/realtime-voice-cloudbase/realtime-voice-cloudbase.js',
  import.meta.url,
);
const FRAME = new ArrayBuffer(4096);
const FRAME_SAMPLES = 2048;

interface Line {
  index: number;
  text: string;
}
interface Data {
  stateText: string;
  recording: boolean;
  lines: Line[];
  error: string;
  history: { text: string }[];
  stats: object | null;
}
interface ExamplePage {
  data: Data;
  setData(data: Partial<Data>): void;
  onLoad(): void;
  onUnload(): void;
  onStart(): Promise<void>;
  onStop(): void;
  onHistory(): Promise<void>;
  onStats(): Promise<void>;
}

/** A recorder in the hands of the test; strict: stopping twice is an error, as on the phone. */
class FakeRecorder {
  running = false;
  private handlers: { [kind: string]: (event: object) => void } = {};
  onFrameRecorded = (fn: (event: object) => void) => this.hear('frame', fn);
  onStop = (fn: (event: object) => void) => this.hear('stop', fn);
  onError = (fn: (event: object) => void) => this.hear('error', fn);
  start = () => {
    this.running = true;
  };
  stop = () => {
    if (!this.running) throw new Error('operateRecorder:fail recorder not start');
    this.running = false;
    this.handlers.stop?.({});
  };
  frame = () => this.handlers.frame?.({ frameBuffer: FRAME });
  private hear(kind: string, fn: (event: object) => void): void {
    this.handlers[kind] = fn;
  }
}

describe('the example page', () => {
  let server: TestServer;
  let fake: FakeWx;
  let page: ExamplePage;
  const recorder = new FakeRecorder();
  /** What the container got: positions of frames, and starts. */
  const got = { positions: [] as number[], starts: [] as { resume?: object; ticket: string }[] };

  beforeEach(async () => {
    got.positions = [];
    got.starts = [];
    server = await startServer();
    server.io.of('/realtime-voice').on('connection', (socket) => {
      socket.on('start', (request, ack) => {
        got.starts.push({ ...request, ...socket.handshake.auth });
        const nextPos = got.positions.length * FRAME_SAMPLES;
        ack({ sessionId: request.sessionId, nextPos, committedPos: 0, nextIndex: 10, settledIndex: -1 });
      });
      socket.on('audio', (pos: number) => {
        got.positions.push(pos);
        socket.emit('result', { index: 0, text: `听到 ${got.positions.length} 帧`, final: false });
      });
      socket.on('stop', ({ endPos }, ack) => ack({ id: 'x', sentences: 1, durationMs: endPos / 16 }));
    });
    fake = createFakeWx({ services: { 'realtime-voice': server.url } });
    const callFunction = async ({ name }: { name: string }) => ({
      result: {
        ticket: { ticket: 'signed' },
        history: { items: [{ sessionId: 'a', startedAt: 0, title: '', preview: '早上好' }] },
        stats: { totals: { sessions: 3, durationMs: 120_000 } },
      }[name],
    });
    const wx = {
      ...fake.wx,
      cloud: { ...fake.wx.cloud, init: () => {}, callFunction },
      getRecorderManager: () => recorder,
    };
    const module = { exports: {} };
    const timers = { setTimeout, clearTimeout, console };
    runInNewContext(await bundleClient(), { module, wx, ...timers });
    runInNewContext(await readFile(PAGE, 'utf8'), {
      require: () => module.exports,
      wx,
      ...timers,
      Page: (definition: ExamplePage) => {
        page = definition;
        page.setData = (data) => Object.assign(page.data, data);
      },
    });
    page.onLoad();
  });
  afterEach(async () => {
    page.onUnload();
    await server.close();
  });

  it('records, shows text while it is spoken, and stops', async () => {
    await page.onStart();
    await vi.waitFor(() => expect(page.data.stateText).toBe('识别中'));
    recorder.frame();
    recorder.frame();
    await vi.waitFor(() => expect(page.data.lines.map(({ text }) => text)).toEqual(['听到 2 帧']));
    expect(got.positions).toEqual([0, FRAME_SAMPLES]);
    expect(got.starts[0]).toMatchObject({ ticket: 'signed', engine: '16k_zh' });
    page.onStop();
    await vi.waitFor(() => expect(page.data.stateText).toBe('已保存，共 1 句'));
    expect(page.data.error).toBe('');
  });

  it('comes back after a loss and sends what was recorded meanwhile', async () => {
    await page.onStart();
    await vi.waitFor(() => expect(page.data.stateText).toBe('识别中'));
    recorder.frame();
    await vi.waitFor(() => expect(got.positions).toEqual([0]));
    fake.tasks[0]?.cut();
    await vi.waitFor(() => expect(page.data.stateText).toContain('重连'));
    recorder.frame();
    recorder.frame();
    await vi.waitFor(() => expect(got.positions).toEqual([0, FRAME_SAMPLES, 2 * FRAME_SAMPLES]), 10_000);
    expect(got.starts[1]).toMatchObject({ resume: { haveIndex: -1 } });
  });

  it('says what is wrong and frees everything when the service is not there', async () => {
    await server.close();
    await page.onStart();
    expect(page.data.error).not.toBe('');
    expect(page.data.recording).toBe(false);
    expect(fake.hookCount()).toBe(0);
  });

  it('lists history and statistics', async () => {
    await page.onHistory();
    await page.onStats();
    expect(page.data.history).toMatchObject([{ id: 'a', text: '早上好' }]);
    expect(page.data.stats).toEqual({ count: 3, minutes: 2 });
  });
});
