import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.ts';
import type { SocketTask } from '../miniprogram/client/dialers/dial.ts';
import { RATE_HZ, SENTENCE_SAMPLES, speech, truth } from '../miniprogram/services/testing/audio.ts';
import { FakeContainer } from '../miniprogram/services/testing/fake-container.ts';
import { bundleSession } from './client.ts';

const PAGE = new URL(
  '../miniprogram/pages/realtime-voice-cloudbase/realtime-voice-cloudbase.js',
  import.meta.url,
);
const FRAME_SAMPLES = 2048;
const FRAME_MS = (FRAME_SAMPLES * 1000) / RATE_HZ;
/** What the phone keeps while it is offline, ms. */
const KEPT_MS = 120_000;

interface Data {
  stateText: string;
  recording: boolean;
  lostSeconds: number;
  lines: { index: number; text: string; final: boolean }[];
  error: string;
  history: { text: string }[];
  stats: object | null;
}
interface ExamplePage {
  data: Data;
  setData(data: Partial<Data>): void;
  onLoad(): void;
  onUnload(): void;
  onStart(): void;
  onStop(): void;
  onHistory(): Promise<void>;
  onStats(): Promise<void>;
}

/** A recorder in the hands of the test; strict: stopping twice is an error, as on the phone. */
class FakeRecorder {
  running = false;
  /** Position of the next frame. */
  pos = 0;
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
  fail = (errMsg: string) => {
    this.running = false;
    this.handlers.error?.({ errMsg });
  };
  frame = () => {
    this.handlers.frame?.({ frameBuffer: speech(this.pos, FRAME_SAMPLES) });
    this.pos += FRAME_SAMPLES;
  };
  private hear(kind: string, fn: (event: object) => void): void {
    this.handlers[kind] = fn;
  }
}

/** The phone's files, in memory. */
function fakeFiles() {
  const files = new Map<string, ArrayBuffer>();
  type Call = {
    path?: string;
    filePath?: string;
    data?: ArrayBuffer;
    success: (result: object) => void;
    fail: (error: object) => void;
  };
  const named = ({ filePath = '' }: Call): string => filePath.slice(filePath.lastIndexOf('/') + 1);
  const missing = { errMsg: 'readFile:fail no such file or directory' };
  return {
    names: () => [...files.keys()],
    manager: {
      access: ({ success }: Call) => success({}),
      mkdir: ({ success }: Call) => success({}),
      readdir: ({ success }: Call) => success({ files: [...files.keys()] }),
      readFile: (call: Call) => {
        const data = files.get(named(call));
        if (data) call.success({ data });
        else call.fail(missing);
      },
      writeFile: (call: Call) => {
        files.set(named(call), call.data as ArrayBuffer);
        call.success({});
      },
      unlink: (call: Call) => (files.delete(named(call)) ? call.success({}) : call.fail(missing)),
    },
  };
}

describe('the example page', () => {
  let clock: FakeClock;
  let container: FakeContainer;
  let recorder: FakeRecorder;
  let files: ReturnType<typeof fakeFiles>;
  let page: ExamplePage;
  /** Life-cycle listeners that are registered. */
  let hooks: Set<unknown>;

  const RESULTS: Record<string, object> = {
    ticket: { ticket: 'signed', expiresAt: 3_600_000, now: 0 },
    history: { items: [{ sessionId: 'a', startedAt: 0, title: '', preview: '早上好' }] },
    stats: { totals: { sessions: 3, durationMs: 120_000 } },
  };

  function fakeWx() {
    const on = (fn: unknown) => hooks.add(fn);
    const off = (fn: unknown) => hooks.delete(fn);
    return {
      cloud: {
        init: () => {},
        callFunction: async ({ name }: { name: string }) => ({ result: RESULTS[name] }),
        connectContainer: (option: {
          success: (result: { socketTask: SocketTask }) => void;
          fail: (error: unknown) => void;
        }) => {
          const opened = (socketTask: SocketTask) => option.success({ socketTask });
          const dialled = container.dial({ service: '', path: '', header: {} }, opened, option.fail);
          Promise.resolve(dialled).then((task) => task && opened(task), option.fail);
        },
      },
      getRecorderManager: () => recorder,
      getStorageSync: () => '',
      setStorageSync: () => {},
      getFileSystemManager: () => files.manager,
      env: { USER_DATA_PATH: 'wxfile://usr' },
      onAppShow: on,
      onAppHide: on,
      onNetworkStatusChange: on,
      offAppShow: off,
      offAppHide: off,
      offNetworkStatusChange: off,
    };
  }

  let code: string;
  beforeAll(async () => {
    code = await bundleSession();
  });
  beforeEach(async () => {
    clock = new FakeClock();
    container = new FakeContainer(clock);
    recorder = new FakeRecorder();
    files = fakeFiles();
    hooks = new Set();
    const module = { exports: {} };
    const realm = {
      wx: fakeWx(),
      console,
      Date: class extends Date {
        static override now = clock.now;
      },
      setTimeout: (fn: () => void, ms: number) => clock.after(ms, fn),
      clearTimeout: (cancel: (() => void) | undefined) => cancel?.(),
    };
    runInNewContext(code, { module, ...realm });
    runInNewContext(await readFile(PAGE, 'utf8'), {
      require: () => module.exports,
      ...realm,
      Page: (definition: ExamplePage) => {
        page = { ...definition, data: { ...definition.data } };
        page.setData = (data) => Object.assign(page.data, data);
      },
    });
    page.onLoad();
    await clock.advance(0);
  });
  afterEach(() => page.onUnload());

  /** Somebody speaks for so long. */
  const speak = async (ms: number): Promise<void> => {
    for (let spoken = 0; spoken < ms; spoken += FRAME_MS) {
      recorder.frame();
      await clock.advance(FRAME_MS);
    }
  };
  const started = async (): Promise<void> => {
    page.onStart();
    await clock.until(() => page.data.stateText === '识别中');
  };
  const stored = () => {
    const [session] = container.sessions.values();
    if (!session) throw new Error('no session was started');
    return session;
  };

  it('records, shows text while it is spoken, and stops', async () => {
    await started();
    await speak(5000);
    expect(page.data.lines.length).toBeGreaterThan(2);
    page.onStop();
    await clock.until(() => page.data.stateText.startsWith('已保存'));
    const { texts, samples } = stored();
    expect(page.data.stateText).toBe(`已保存，共 ${texts.length} 句`);
    expect(samples).toBe(recorder.pos);
    expect(page.data).toMatchObject({ error: '', recording: false });
    expect(page.data.lines.map(({ text }) => text)).toEqual(texts);
    expect(container.violations).toEqual([]);
  });

  it('comes back after a loss and sends what was recorded meanwhile', async () => {
    await started();
    await speak(3000);
    container.reachable = false;
    container.drop();
    await speak(10_000);
    expect(page.data.stateText).toContain('正在重连');
    container.reachable = true;
    await clock.until(() => page.data.stateText === '识别中');
    page.onStop();
    await clock.until(() => page.data.stateText.startsWith('已保存'));
    expect(stored().samples).toBe(recorder.pos);
    expect(stored().losses).toEqual([]);
    expect(page.data.lostSeconds).toBe(0);
    expect(container.violations).toEqual([]);
  });

  it('says what an outage that was longer than the phone can keep has cost, sends no frame twice, and goes on', async () => {
    await started();
    await speak(6000);
    const { committedPos } = stored();
    container.reachable = false;
    container.drop();
    const before = container.frames.length;
    await speak(KEPT_MS + 10_000);
    container.reachable = true;
    await clock.until(() => page.data.stateText === '识别中');
    await speak(80_000);

    const { losses } = stored();
    for (const [at, loss] of losses.entries())
      expect(loss.fromPos).toBe(losses[at - 1]?.toPos ?? loss.fromPos);
    const lost = losses.reduce((sum, { fromPos, toPos }) => sum + toPos - fromPos, 0);
    expect(lost / RATE_HZ).toBeGreaterThan(5);
    expect(lost / RATE_HZ).toBeLessThan(15);
    expect(page.data.lostSeconds).toBe(Math.ceil(lost / RATE_HZ));
    const sent = container.frames.slice(before).reduce((sum, { samples }) => sum + samples, 0);
    const again = sent - (recorder.pos - committedPos - lost);
    expect(again / RATE_HZ).toBeLessThan(3);

    const texts = stored().texts.length;
    await speak(5000);
    expect(stored().texts.length).toBeGreaterThan(texts);
    page.onStop();
    await clock.until(() => page.data.stateText.startsWith('已保存'), 60_000);
    expect(stored()).toMatchObject({ state: 'completed', samples: recorder.pos });
    const last = stored().texts.length - 1;
    expect(stored().texts[last]).toBe(truth(last * SENTENCE_SAMPLES, recorder.pos, stored().losses));
    expect(container.violations).toEqual([]);
  }, 60_000);

  it('records before it is connected, and frees everything when it is left; the recording is delivered later', async () => {
    container.reachable = false;
    page.onStart();
    await speak(2000);
    expect(page.data.stateText).toContain('正在连接');
    page.onUnload();
    await clock.advance(1000);
    expect(recorder.running).toBe(false);
    expect(hooks.size).toBe(0);
    expect(files.names().length).toBeGreaterThan(0);
    container.reachable = true;
    page.onLoad();
    await clock.until(() => container.sessions.size > 0 && stored().state === 'completed');
    expect(stored().samples).toBe(recorder.pos);
  });

  it('shows a refusal and frees everything', async () => {
    container.refusals.push({ event: 'start', code: 'UNKNOWN_ENGINE' });
    page.onStart();
    await clock.until(() => page.data.error !== '');
    expect(page.data).toMatchObject({ recording: false, stateText: '未连接' });
    expect(recorder.running).toBe(false);
    expect(hooks.size).toBe(0);
  });

  it('a recorder that fails before it has recorded anything leaves no record', async () => {
    await started();
    recorder.fail('auth deny');
    await clock.until(() => container.sessions.size === 0);
    expect(page.data).toMatchObject({ recording: false, error: '录音失败：auth deny' });
  });

  it('lists history and statistics', async () => {
    await page.onHistory();
    await page.onStats();
    expect(page.data.history).toMatchObject([{ id: 'a', text: '早上好' }]);
    expect(page.data.stats).toEqual({ count: 3, minutes: 2 });
  });
});
