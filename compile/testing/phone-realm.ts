import { runInNewContext } from 'node:vm';
import { FakeClock } from '../../lib/fake-clock.ts';
import type { SocketTask } from '../../miniprogram/client/dialers/dial.ts';
import { RATE_HZ, speech } from '../../miniprogram/voice/testing/audio.ts';
import { FakeContainer } from '../../miniprogram/voice/testing/fake-container.ts';

/** Of one frame of 4 KB, in samples and in ms. */
const FRAME_SAMPLES = 2048;
const FRAME_MS = (FRAME_SAMPLES * 1000) / RATE_HZ;

/** A recorder in the hands of the test; strict as the phone: starting twice throws, and stopping twice is an error. */
export class FakeRecorder {
  running = false;
  /** Not empty: `start` is refused with it. */
  refusal = '';
  /** Position of the next frame. */
  pos = 0;
  private handlers: { [kind: string]: (event: object) => void } = {};
  onStart = (fn: (event: object) => void) => this.hear('start', fn);
  onPause = (fn: (event: object) => void) => this.hear('pause', fn);
  onInterruptionEnd = (fn: (event: object) => void) => this.hear('interruption-end', fn);
  onFrameRecorded = (fn: (event: object) => void) => this.hear('frame', fn);
  onStop = (fn: (event: object) => void) => this.hear('stop', fn);
  onError = (fn: (event: object) => void) => this.hear('error', fn);
  onInterruptionBegin = (fn: (event: object) => void) => this.hear('interruption', fn);
  start = () => {
    if (this.running) throw new Error('operateRecorder:fail is recording or paused');
    const { refusal } = this;
    if (refusal) return this.handlers.error?.({ errMsg: refusal });
    this.running = true;
    this.handlers.start?.({});
  };
  stop = () => {
    if (!this.running) return this.handlers.error?.({ errMsg: 'operateRecorder:fail recorder not start' });
    this.running = false;
    this.handlers.stop?.({});
  };
  fail = (errMsg: string) => {
    this.running = false;
    this.handlers.error?.({ errMsg });
  };
  /** A call takes the microphone: the phone pauses, and the page decides. */
  interrupt = () => {
    this.handlers.interruption?.({});
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

/** What a cloud function answers, by its name. */
const RESULTS: Record<string, object> = {
  ticket: { ticket: 'signed', expiresAt: 3_600_000, now: 0 },
  history: {
    items: [{ sessionId: 'a', startedAt: 0, title: '', preview: '早上好' }],
    sentences: [],
    cursor: null,
  },
  stats: { totals: { sessions: 3, durationMs: 120_000 } },
};

type Listener = (event: object) => void;

/** A phone with a mini-program's scripts on it: its `wx`, its clock, and a container that it reaches. */
export class PhoneRealm {
  readonly clock = new FakeClock();
  readonly container = new FakeContainer(this.clock);
  readonly recorder = new FakeRecorder();
  readonly files = fakeFiles();
  /** Life-cycle listeners that are registered. */
  readonly hooks = new Set<unknown>();
  /** Of the app going to the background. */
  readonly #hideListeners = new Set<Listener>();
  readonly #globals: object;

  constructor(wx: object = {}) {
    const { clock } = this;
    this.#globals = {
      wx: { ...this.#wx(), ...wx },
      console,
      Date: class extends Date {
        static override now = clock.now;
      },
      setTimeout: (fn: () => void, ms: number) => clock.after(ms, fn),
      clearTimeout: (cancel: (() => void) | undefined) => cancel?.(),
    };
  }

  /** Runs a script as a module of the app. @returns its `module.exports` @param more globals, such as `Page` and `require` */
  run(code: string, more: object = {}): Record<string, unknown> {
    const module = { exports: {} };
    runInNewContext(code, { ...this.#globals, module, ...more });
    return module.exports;
  }

  hideApp(): void {
    for (const listener of this.#hideListeners) listener({});
  }

  /** Somebody speaks for so long; while the recorder is closed nobody hears it. */
  async speak(ms: number): Promise<void> {
    for (let spoken = 0; spoken < ms; spoken += FRAME_MS) {
      if (this.recorder.running) this.recorder.frame();
      await this.clock.advance(FRAME_MS);
    }
  }

  /** The only session that was started. */
  get stored() {
    const [session] = this.container.sessions.values();
    if (!session) throw new Error('no session was started');
    return session;
  }

  #wx() {
    const on = (fn: unknown) => this.hooks.add(fn);
    const off = (fn: unknown) => this.hooks.delete(fn);
    return {
      cloud: {
        init: () => {},
        callFunction: async ({ name }: { name: string }) => ({ result: RESULTS[name] }),
        connectContainer: (option: {
          success: (result: { socketTask: SocketTask }) => void;
          fail: (error: unknown) => void;
        }) => {
          const opened = (socketTask: SocketTask) => option.success({ socketTask });
          const dialled = this.container.dial({ service: '', path: '', header: {} }, opened, option.fail);
          Promise.resolve(dialled).then((task) => task && opened(task), option.fail);
        },
      },
      getRecorderManager: () => this.recorder,
      getSetting: async () => ({ authSetting: { 'scope.record': true } }),
      setKeepScreenOn: () => {},
      getStorageSync: () => '',
      setStorageSync: () => {},
      getFileSystemManager: () => this.files.manager,
      env: { USER_DATA_PATH: 'wxfile://usr' },
      onAppShow: on,
      onAppHide: (fn: Listener) => {
        on(fn);
        this.#hideListeners.add(fn);
      },
      onNetworkStatusChange: on,
      offAppShow: off,
      offAppHide: (fn: Listener) => {
        off(fn);
        this.#hideListeners.delete(fn);
      },
      offNetworkStatusChange: off,
    };
  }
}

/** A page as its script defines it, with `setData` and `data` as WeChat gives them. */
export type RunningPage<T extends object> = T & { setData(data: object): void };

/** Runs a page's script and opens it. @param modules what `require` gives it */
export function openPage<T extends { data: object; onLoad(): void }>(
  realm: PhoneRealm,
  code: string,
  modules: Record<string, unknown>,
): RunningPage<T> {
  let page: RunningPage<T> | undefined;
  realm.run(code, {
    require: () => modules,
    Page: (definition: T) => {
      const data = { ...definition.data };
      page = { ...definition, data, setData: (change: object) => void Object.assign(data, change) };
    },
  });
  if (page === undefined) throw new Error('the script defines no page');
  page.onLoad();
  return page;
}
