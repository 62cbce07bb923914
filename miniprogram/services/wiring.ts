import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { CloudBaseSocketIOClient } from '../client/cloudbase-socketio-client.ts';
import { readSettings } from '../utils/settings.ts';
import { type Cloud, createCloud } from './cloud.ts';
import { type ContainerAddress, containerClient } from './container-connection.ts';
import { newId, onWxAppHide, wxCallFunction, wxClientId, wxStore } from './platform.ts';
import type { VoiceSessionDeps } from './streaming-session.ts';
import { TicketCache } from './ticket.ts';
import { wxUploads } from './wx-uploads.ts';

/** Where the settings say that the container is. Asked at every attempt to connect: people may change them. */
export function containerAddress() {
  const { env, service, fallbackUrl } = readSettings();
  const { connectContainer, connectSocket } = CloudBaseSocketIOClient;
  const reachable = typeof wx.cloud?.connectContainer === 'function';
  const fallback = !reachable && fallbackUrl !== '';
  return {
    service,
    env,
    dial: fallback ? connectSocket(fallbackUrl) : connectContainer,
  } satisfies ContainerAddress;
}

interface App {
  cloud: Cloud;
  deps: VoiceSessionDeps;
}

let app: App | undefined;

/** The services of the running app, made at first use. */
function services(): App {
  if (app) return app;
  const envOf = () => readSettings().env;
  const call = wxCallFunction(envOf);
  const cloud = createCloud({ call, uploads: wxUploads(envOf), clock: systemClock });
  const deps: VoiceSessionDeps = {
    createClient: containerClient(containerAddress),
    tickets: new TicketCache(() => cloud.ticket(), systemClock),
    clock: systemClock,
    random: systemRandom,
    clientId: wxClientId,
    newSessionId: newId,
    store: wxStore(),
    onAppHide: onWxAppHide,
    active: new Set(),
  };
  app = { cloud, deps };
  return app;
}

/** The cloud functions, as pages call them. */
export const appCloud = (): Cloud => services().cloud;

/** What a voice session needs of WeChat. */
export const sessionDeps = (): VoiceSessionDeps => services().deps;
