import type { SocketTask } from 'cloudbase-socketio-client';
import { containerClient, initCloud } from 'cloudbase-voice';
import { systemClock } from '../../lib/clock.ts';
import { readSettings } from '../utils/settings.ts';
import { appCloud, containerAddress } from './app-services.ts';
import { connectionProbes, type ProbeApi, runSteps, type Step } from './connection-probes.ts';

export type { Step } from './connection-probes.ts';

/** Path of an Engine.IO handshake: the container sends the first message. */
const HANDSHAKE_PATH = '/socket.io/?EIO=4&transport=websocket';

/** Opens a WebSocket without Socket.IO, to get the platform's own error message. */
async function openSocket(): Promise<void> {
  const { service, env, dial } = containerAddress();
  let close = (): void => {};
  await new Promise<void>((resolve, reject) => {
    // The listeners are attached in the turn in which there is a socket: the first message may come in the next one.
    const listen = (task: SocketTask): void => {
      close = () => task.close({});
      task.onMessage(() => resolve());
      task.onError(reject);
      task.onClose(({ code, reason }) => reject(new Error(`closed ${code ?? ''} ${reason ?? ''}`)));
    };
    dial({ service, path: HANDSHAKE_PATH, header: {}, env }, listen, reject);
  }).finally(() => close());
}

const api: ProbeApi = {
  libraryVersion: () => wx.getAppBaseInfo().SDKVersion,
  networkType: async () => (await wx.getNetworkType()).networkType,
  initCloud: () => initCloud(readSettings().env),
  ticket: async () => (await appCloud().ticket()).ticket,
  openSocket,
  createClient: containerClient(containerAddress),
  microphoneAllowed: async () => (await wx.getSetting()).authSetting['scope.record'],
  privacyPending: () =>
    new Promise((resolve, reject) => {
      // Base library 2.32.3 and newer; older ones do not ask.
      if (typeof wx.getPrivacySetting !== 'function') resolve(false);
      else wx.getPrivacySetting({ success: (setting) => resolve(setting.needAuthorization), fail: reject });
    }),
};

/**
 * Checks everything that a recording needs, from within the app.
 * @param onStep called with each result as it is known
 * @returns all steps, in order; never rejects
 */
export const runConnectionTest = (onStep: (step: Step) => void): Promise<Step[]> =>
  runSteps(connectionProbes(api), systemClock, onStep);
