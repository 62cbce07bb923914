import { setTimeout as sleep } from 'node:timers/promises';
import { FakeSocketTask, type SocketKnobs } from './fake-socket-task.ts';

export interface FakeWxOptions extends SocketKnobs {
  /** Container services by name: `ws://127.0.0.1:port`. An unknown name is refused, as the platform does. */
  services: Record<string, string> | ((service: string) => string | undefined);
  /** How long `connectContainer` takes to hand over its task, ms. Default 0. */
  resolveDelayMs?: number;
  /** `connectContainer` waits for it before it hands over its task. */
  gate?: () => Promise<void>;
}

export interface ContainerCall {
  service: string;
  path: string;
  header?: Record<string, string>;
  config?: { env?: string };
}

interface ContainerResult {
  socketTask: FakeSocketTask;
  errMsg: string;
}

interface ContainerCallbacks {
  success?: (result: ContainerResult) => void;
  fail?: (error: unknown) => void;
}

/** What the phone allows one mini-program. */
const MAX_SOCKETS = 5;

type NetworkEvent = { isConnected: boolean; networkType: string };
type Hooks = { show: (() => void)[]; hide: (() => void)[]; network: ((event: NetworkEvent) => void)[] };

/**
 * A strict `wx` for tests: the socket calls and the life cycle, over real sockets.
 * @example
 * const fake = createFakeWx({ services: { 'realtime-voice': `ws://127.0.0.1:${port}` } });
 * vi.stubGlobal('wx', fake.wx);
 */
export function createFakeWx(options: FakeWxOptions) {
  const calls: ContainerCall[] = [];
  const tasks: FakeSocketTask[] = [];
  const hooks: Hooks = { show: [], hide: [], network: [] };

  const addressOf = (service: string): string | undefined =>
    typeof options.services === 'function' ? options.services(service) : options.services[service];
  const alive = (): FakeSocketTask[] => tasks.filter((task) => task.alive);

  function openTask(url: string, header: Record<string, string>): FakeSocketTask {
    if (alive().length >= MAX_SOCKETS) throw { errMsg: 'connectSocket:fail exceed max socket count' };
    const task = new FakeSocketTask(url, header, options);
    tasks.push(task);
    return task;
  }

  async function openContainer(call: ContainerCall): Promise<ContainerResult> {
    calls.push(call);
    const { service, path, header = {} } = call;
    if (typeof service !== 'string' || !path?.startsWith('/'))
      throw { errCode: -501000, errMsg: 'cloud.connectContainer:fail parameter error' };
    const base = addressOf(service);
    if (!base) throw { errCode: -501000, errMsg: 'cloud.connectContainer:fail INVALID_SERVICE' };
    if (options.resolveDelayMs) await sleep(options.resolveDelayMs);
    await options.gate?.();
    return { socketTask: openTask(base + path, { ...header, 'x-wx-service': service }), errMsg: 'ok' };
  }

  /** With a callback it returns nothing, without one a promise, as every API of `wx.cloud`. */
  function connectContainer(call: ContainerCall): Promise<ContainerResult>;
  function connectContainer(call: ContainerCall & ContainerCallbacks): undefined;
  function connectContainer({ success, fail, ...call }: ContainerCall & ContainerCallbacks) {
    const opening = openContainer(call);
    if (!success && !fail) return opening;
    opening.then(success, fail);
    return undefined;
  }

  const on =
    <H extends keyof Hooks>(kind: H) =>
    (fn: Hooks[H][0]): void => {
      (hooks[kind] as unknown[]).push(fn);
    };
  const off =
    <H extends keyof Hooks>(kind: H) =>
    (fn: Hooks[H][0]): void => {
      hooks[kind] = (hooks[kind] as unknown[]).filter((one) => one !== fn) as Hooks[H];
    };

  return {
    /** What the app sees. */
    wx: {
      cloud: { connectContainer },
      connectSocket: ({ url, header = {} }: { url: string; header?: Record<string, string> }) =>
        openTask(url, header),
      onAppShow: on('show'),
      offAppShow: off('show'),
      onAppHide: on('hide'),
      offAppHide: off('hide'),
      onNetworkStatusChange: on('network'),
      offNetworkStatusChange: off('network'),
    },
    /** Every `connectContainer`, oldest first. */
    calls,
    /** Every socket that was opened, oldest first. */
    tasks,
    /** Sockets that are not closed yet. */
    alive,
    /** How many life-cycle listeners are registered. */
    hookCount: () => hooks.show.length + hooks.hide.length + hooks.network.length,
    show() {
      for (const fn of hooks.show.slice()) fn();
    },
    hide() {
      for (const fn of hooks.hide.slice()) fn();
    },
    network(isConnected: boolean, networkType = isConnected ? 'wifi' : 'none') {
      for (const fn of hooks.network.slice()) fn({ isConnected, networkType });
    },
  };
}
export type FakeWx = ReturnType<typeof createFakeWx>;
