import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloudBaseSocketIOClient } from './cloudbase-socketio-client.ts';
import { ScriptedTask } from './testing/scripted-server.ts';
import { delayThen } from './testing/timer-promise.ts';

interface ContainerOption {
  success?: (result: { socketTask: ScriptedTask }) => void;
}

const ROUNDS = 20;
/** Turns of the event loop within which everything has happened that does not wait for a clock. */
const TURNS = 50;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The handshake comes in the first task after the one in which the app gets its socket, as from a network without delay. */
function openTask(): ScriptedTask {
  const task = new ScriptedTask();
  setImmediate(() => task.handshake());
  return task;
}

/** As WeChat: with a callback it returns nothing, without one a promise. */
const connectContainer =
  (tasks: ScriptedTask[]) =>
  ({ success }: ContainerOption): Promise<{ socketTask: ScriptedTask }> | undefined => {
    const open = (): { socketTask: ScriptedTask } => {
      const task = openTask();
      tasks.push(task);
      return { socketTask: task };
    };
    if (!success) return new Promise((resolve) => setImmediate(() => resolve(open())));
    setImmediate(() => success(open()));
    return undefined;
  };

describe('where promises settle in a later task (iOS 15 and below)', () => {
  let undo = (): void => {};
  beforeEach(() => {
    undo = delayThen();
  });
  afterEach(() => undo());

  it.each(['connectContainer', 'connectSocket'] as const)(
    'no handshake is lost, however soon it follows the socket: %s',
    async (dialer) => {
      const tasks: ScriptedTask[] = [];
      const connectSocket = () => {
        const task = openTask();
        tasks.push(task);
        return task;
      };
      vi.stubGlobal('wx', { cloud: { connectContainer: connectContainer(tasks) }, connectSocket });
      const dial =
        dialer === 'connectSocket' ? CloudBaseSocketIOClient.connectSocket('wss://example.com') : undefined;
      for (let round = 0; round < ROUNDS; round++) {
        const client = new CloudBaseSocketIOClient({ service: 'echo', platform: null, dial });
        client.open();
        for (let i = 0; i < TURNS && !tasks[round]?.sent.includes('40'); i++) await turn();
        client.disconnect();
      }
      expect(tasks.filter((task) => task.sent.includes('40'))).toHaveLength(ROUNDS);
    },
  );
});
