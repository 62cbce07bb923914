import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { CloudBaseSocketIOClient } from '../client/cloudbase-socketio-client.ts';
import { readSettings } from '../utils/settings.ts';
import { type Cloud, createCloud } from './cloud.ts';
import { newId, wxCallFunction, wxClientId, wxStore, wxSurroundings } from './platform.ts';
import type { VoiceSessionDeps } from './streaming-session.ts';
import { TicketCache } from './ticket.ts';
import { type ContainerAddress, socketIODial } from './transport-socketio.ts';
import { wxUploads } from './wx-uploads.ts';

/** Where the settings say that the container is. Asked at every dial: people may change them. */
export function containerAddress(): ContainerAddress {
  const { env, service, fallbackUrl } = readSettings();
  const reachable = typeof wx.cloud?.connectContainer === 'function';
  const fallback = !reachable && fallbackUrl !== '';
  return { service, env, ...(fallback && { dial: CloudBaseSocketIOClient.connectSocket(fallbackUrl) }) };
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
    dial: socketIODial(containerAddress),
    tickets: new TicketCache(() => cloud.ticket(), systemClock),
    clock: systemClock,
    random: systemRandom,
    clientId: wxClientId,
    newSessionId: newId,
    store: wxStore(),
    surroundings: wxSurroundings,
    active: new Set(),
  };
  app = { cloud, deps };
  return app;
}

/** The cloud functions, as pages call them. */
export const appCloud = (): Cloud => services().cloud;

/** What a voice session needs of WeChat. */
export const sessionDeps = (): VoiceSessionDeps => services().deps;
