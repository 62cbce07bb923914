import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { CloudBaseSocketIOClient } from '../client/cloudbase-socketio-client.ts';
import { readSettings } from '../utils/settings.ts';
import { type CloudApi, createCloud } from './cloud.ts';
import { type ContainerAddress, containerClient } from './container-connection.ts';
import { newId, onWxAppHide, wxCallFunction, wxClientId, wxStore } from './platform.ts';
import type { VoiceSessionDeps } from './streaming-session.ts';
import { TicketCache } from './ticket.ts';
import { wxUploads } from './wx-uploads.ts';

/**
 * Where the settings say that the container is. Read at every attempt to connect, since the user may change them.
 * `connectContainer` where the base library has it, else `wx.connectSocket` to the fallback address.
 */
export function containerAddress() {
  const { env, service, fallbackUrl } = readSettings();
  const { connectContainer, connectSocket } = CloudBaseSocketIOClient;
  const hasConnectContainer = typeof wx.cloud?.connectContainer === 'function';
  const useFallback = !hasConnectContainer && fallbackUrl !== '';
  return {
    service,
    env,
    dial: useFallback ? connectSocket(fallbackUrl) : connectContainer,
  } satisfies ContainerAddress;
}

/** Id for a new recording. */
export const newSessionId = (): string => newId(systemRandom);

/** The services of one cloud environment. */
export interface Services {
  cloud: CloudApi;
  deps: VoiceSessionDeps;
}

/**
 * The services with WeChat's implementations, the system clock and random numbers.
 * @param addressOf read at every call and every attempt to connect
 */
export function createServices(addressOf: () => ContainerAddress & { env: string }): Services {
  const envOf = () => addressOf().env;
  const cloud = createCloud({ call: wxCallFunction(envOf), uploads: wxUploads(envOf), clock: systemClock });
  const deps: VoiceSessionDeps = {
    createClient: containerClient(addressOf),
    tickets: new TicketCache(() => cloud.ticket(), systemClock),
    clock: systemClock,
    random: systemRandom,
    clientId: () => wxClientId(systemRandom),
    newSessionId,
    store: wxStore(),
    onAppHide: onWxAppHide,
    active: new Set(),
  };
  return { cloud, deps };
}

let services: Services | undefined;

/** Those of the app; made at first use. */
function appServices(): Services {
  services ??= createServices(containerAddress);
  return services;
}

/** The cloud functions, as pages call them. */
export const appCloud = (): CloudApi => appServices().cloud;

/** WeChat's implementations of what a voice session depends on. */
export const sessionDeps = (): VoiceSessionDeps => appServices().deps;
