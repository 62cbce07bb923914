import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ScriptedTask } from '../client/testing/scripted-server.ts';
import { delayThen } from '../client/testing/timer-promise.ts';
import { runConnectionTest } from './connection-test.ts';

type Opened = { success?: (result: { socketTask: ScriptedTask }) => void };

/** The server's first message comes in the task after the one in which the app gets its socket. */
function openTask(): ScriptedTask {
  const task = new ScriptedTask();
  setImmediate(() => {
    task.handshake();
    task.welcome('/realtime-voice');
  });
  return task;
}

/** A `wx` on which every step succeeds. */
const wxWhereAllIsWell = {
  getStorageSync: () => '',
  getAppBaseInfo: () => ({ SDKVersion: '2.23.0' }),
  getNetworkType: async () => ({ networkType: 'wifi' }),
  getSetting: async () => ({ authSetting: { 'scope.record': true } }),
  cloud: {
    init: () => {},
    callFunction: async () => ({ result: { ticket: 'signed', expiresAt: 600_000, now: 0 } }),
    connectContainer: ({ success }: Opened) => {
      if (!success) return new Promise((resolve) => setImmediate(() => resolve({ socketTask: openTask() })));
      setImmediate(() => success({ socketTask: openTask() }));
      return undefined;
    },
  },
};

describe('the connection test where promises settle in a later task (iOS 15 and below)', () => {
  let undo = (): void => {};
  beforeEach(() => {
    vi.stubGlobal('wx', wxWhereAllIsWell);
    undo = delayThen();
  });
  afterEach(() => undo());

  it('hears the first message of the container, however soon it follows the socket', async () => {
    const steps = await runConnectionTest(() => {});
    expect(steps.filter(({ state }) => state !== 'ok')).toEqual([]);
  });
});
