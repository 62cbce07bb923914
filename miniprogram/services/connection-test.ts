import { systemClock } from '../../lib/clock.ts';
import { readSettings } from '../utils/settings.ts';
import { connectionProbes, type ProbeApi, runSteps, type Step } from './connection-probes.ts';
import { containerClient } from './container-connection.ts';
import { initCloud } from './platform.ts';
import { appCloud, containerAddress } from './wiring.ts';

export type { Step } from './connection-probes.ts';

/** Path of an Engine.IO handshake: the container speaks first. */
const HANDSHAKE_PATH = '/socket.io/?EIO=4&transport=websocket';

/** Opens the socket without any of our protocol, to see the platform's own error. */
async function openSocket(): Promise<void> {
  const { service, env, dial } = containerAddress();
  const task = await dial({ service, path: HANDSHAKE_PATH, header: {}, env });
  await new Promise<void>((resolve, reject) => {
    task.onMessage(() => resolve());
    task.onError(reject);
    task.onClose(({ code, reason }) => reject(new Error(`closed ${code ?? ''} ${reason ?? ''}`)));
  }).finally(() => task.close({}));
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
      // From 2.32.3 on; before, nobody is asked.
      if (typeof wx.getPrivacySetting !== 'function') resolve(false);
      else wx.getPrivacySetting({ success: (setting) => resolve(setting.needAuthorization), fail: reject });
    }),
};

/**
 * Goes through everything that a recording needs, as only the app itself can see it.
 * @param onStep called with each step as it is known
 * @returns all steps, in order; never rejects
 */
export const runConnectionTest = (onStep: (step: Step) => void): Promise<Step[]> =>
  runSteps(connectionProbes(api), systemClock, onStep);
