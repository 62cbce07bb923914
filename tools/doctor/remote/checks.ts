import type { Check } from '../runner.ts';
import { BUILD_CHECKS } from './builds.ts';
import { IDLE_CHECKS } from './idle.ts';
import { NETWORK_CHECKS } from './network.ts';
import { SERVICE_CHECKS } from './service.ts';
import { SOCKET_CHECKS } from './sockets.ts';
import { SPEECH_CHECKS } from './speech.ts';
import type { Target } from './target.ts';
import { TICKET_CHECKS } from './tickets.ts';

/** All checks of an address, from the wire up. */
export const REMOTE_CHECKS: readonly Check<Target>[] = [
  ...NETWORK_CHECKS,
  ...SERVICE_CHECKS,
  ...SOCKET_CHECKS,
  ...TICKET_CHECKS,
  ...SPEECH_CHECKS,
  ...BUILD_CHECKS,
  ...IDLE_CHECKS,
];
