import { createVoiceService, type VoiceService } from '../voice-service.ts';

/** Of all recorders of the app, by environment and service. */
const services = new Map<string, VoiceService>();

/** Where a recorder's container and functions are. */
export interface RecorderAddress {
  /** Empty: the default environment. */
  env: string;
  service: string;
}

/** The service of an address, made at first use. */
export function serviceOf({ env, service }: RecorderAddress): VoiceService {
  const key = `${env}/${service}`;
  const known = services.get(key);
  if (known) return known;
  const made = createVoiceService({ service, ...(env !== '' && { env }) });
  services.set(key, made);
  return made;
}
