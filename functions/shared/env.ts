import { VoiceError } from '../../contract/errors.ts';
import { parseTicketKeys, type TicketKeys } from '../../contract/ticket.ts';

/**
 * A setting is missing or wrong. Outward it is only `INTERNAL`; the message, for whoever deploys it, is in the log.
 */
export const misconfigured = (message: string): VoiceError =>
  new VoiceError('INTERNAL', { cause: new Error(`configuration: ${message}`) });

/**
 * A required setting.
 * @throws VoiceError INTERNAL, with the name of the setting as cause
 */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]?.trim();
  if (!value) throw misconfigured(`environment variable ${name} is not set`);
  return value;
}

/** `TICKET_SECRET`, which signs and verifies tickets; the container has the same. */
export function ticketKeysFrom(env: NodeJS.ProcessEnv): TicketKeys {
  const text = required(env, 'TICKET_SECRET');
  try {
    return parseTicketKeys(text);
  } catch (error) {
    throw misconfigured(`TICKET_SECRET: ${(error as Error).message}`);
  }
}
