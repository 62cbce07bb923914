import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rig } from '../testing/rig.ts';
import { newId, onWxAppHide, wxCallFunction, wxClientId, wxStore } from './platform.ts';

type Callbacks = { success?: (result: object) => void; fail?: (error: object) => void };
type FileOption = Callbacks & { path?: string; dirPath?: string; filePath?: string; data?: ArrayBuffer };

/** The part of `wx` that the services use, as strict as WeChat about folders and files that are not there. */
function fakeWx() {
  const folders = new Set<string>();
  const files = new Map<string, ArrayBuffer>();
  const answer = (option: Callbacks, found: boolean, result: object = {}) => {
    void Promise.resolve().then(() =>
      found ? option.success?.(result) : option.fail?.({ errMsg: 'fail no such file or directory' }),
    );
  };
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
  const manager = {
    access: (o: FileOption) => answer(o, folders.has(o.path ?? '')),
    mkdir: (o: FileOption) => answer(o, Boolean(folders.add(o.dirPath ?? ''))),
    readFile: (o: FileOption) =>
      answer(o, files.has(o.filePath ?? ''), { data: files.get(o.filePath ?? '') }),
    writeFile(o: FileOption) {
      const { filePath = '', data = new ArrayBuffer(0) } = o;
      const there = folders.has(parentOf(filePath));
      if (there) files.set(filePath, data);
      answer(o, there);
    },
    unlink: (o: FileOption) => answer(o, files.delete(o.filePath ?? '')),
    readdir: (o: FileOption) =>
      answer(o, folders.has(o.dirPath ?? ''), {
        files: [...files.keys()].map((path) => path.split('/').pop()),
      }),
  };
  const storage = new Map<string, unknown>();
  const listeners = new Map<string, (event: object) => void>();
  const hook = (name: string) => ({
    [`on${name}`]: (fn: (event: object) => void) => listeners.set(name, fn),
    [`off${name}`]: (fn: (event: object) => void) => listeners.get(name) === fn && listeners.delete(name),
  });
  const wx = {
    env: { USER_DATA_PATH: 'wxfile://usr' },
    getFileSystemManager: () => manager,
    getStorageSync: (key: string) => storage.get(key) ?? '',
    setStorageSync: (key: string, value: unknown) => storage.set(key, value),
    ...hook('AppHide'),
    ...hook('AppShow'),
    ...hook('NetworkStatusChange'),
    cloud: {
      init: vi.fn(),
      callFunction: vi.fn(async () => ({ result: { ok: true } })),
    },
  };
  return { wx, files, listeners };
}

describe('the phone', () => {
  let phone: ReturnType<typeof fakeWx>;
  beforeEach(() => {
    phone = fakeWx();
    vi.stubGlobal('wx', phone.wx);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('keeps files in a folder of its own, which it makes when it is needed', async () => {
    const store = wxStore('voice-pending');
    expect(await store.list()).toEqual([]);
    expect(await store.read('a.json')).toBeNull();
    await store.remove('a.json');
    await store.write('a.json', Uint8Array.of(1, 2).buffer);
    await store.write('b.pcm', new ArrayBuffer(4));
    expect([...phone.files.keys()]).toEqual([
      'wxfile://usr/voice-pending/a.json',
      'wxfile://usr/voice-pending/b.pcm',
    ]);
    expect(await store.list()).toEqual(['a.json', 'b.pcm']);
    expect(new Uint8Array((await store.read('a.json')) ?? new ArrayBuffer(0))).toEqual(Uint8Array.of(1, 2));
    await store.remove('a.json');
    expect(await store.list()).toEqual(['b.pcm']);
  });

  it('is one client for ever', () => {
    const id = wxClientId(Math.random);
    expect(id).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
    expect(wxClientId(Math.random)).toBe(id);
  });

  it('that cannot keep its id still has one', () => {
    phone.wx.getStorageSync = () => {
      throw new Error('storage is broken');
    };
    expect(wxClientId(Math.random)).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  });

  it('reports that it is hidden, until nobody listens', () => {
    const received: string[] = [];
    const stop = onWxAppHide(() => received.push('hide'));
    phone.listeners.get('AppHide')?.({});
    expect(received).toEqual(['hide']);
    stop();
    expect(phone.listeners.size).toBe(0);
  });

  it('calls functions in the environment of the settings', async () => {
    let env = 'env-platform-test';
    const call = wxCallFunction(() => env);
    expect(await call('history', { action: 'list' })).toEqual({ ok: true });
    await call('history', { action: 'list' });
    expect(phone.wx.cloud.init.mock.calls).toEqual([[{ env: 'env-platform-test' }]]);
    expect(phone.wx.cloud.callFunction).toHaveBeenLastCalledWith({
      name: 'history',
      data: { action: 'list' },
      config: { env: 'env-platform-test' },
    });
    env = '';
    await call('stats', {});
    expect(phone.wx.cloud.callFunction).toHaveBeenLastCalledWith({ name: 'stats', data: {} });
  });

  it('without cloud development fails with that code', async () => {
    vi.stubGlobal('wx', {});
    await expect(wxCallFunction(() => '')('ticket', {})).rejects.toMatchObject({ code: 'CLOUD_NOT_READY' });
  });
});

describe('without a phone', () => {
  it('nothing happens at import, and a session runs on what it is given', async () => {
    const { createVoiceService } = await import('../index.ts');
    const rig = new Rig();
    const { container, store, clock } = rig;
    const { random, clientId, newSessionId, onAppHide } = rig.deps;
    const ticket = async () => 'given by another service';
    const given = { dial: container.dial, ticket, store, clock, random, clientId, newSessionId, onAppHide };
    const session = createVoiceService(given).createSession();
    await rig.done(session.start());
    expect(session.status.state).toBe('live');
  });

  it('ids are long, and differ', () => {
    const ids = Array.from({ length: 100 }, () => newId(Math.random));
    expect(new Set(ids).size).toBe(100);
    expect(ids.every((id) => /^[A-Za-z0-9]{24}$/.test(id))).toBe(true);
  });
});
