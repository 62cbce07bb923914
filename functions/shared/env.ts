import { VoiceError } from '../../contract/errors.ts';
import { parseTicketKeys, type TicketKeys } from '../../contract/ticket.ts';

/** A setting is missing or wrong. The caller is told `INTERNAL`; the message is logged for the developer. */
export const configurationError = (message: string): VoiceError =>
  new VoiceError('INTERNAL', { cause: new Error(`configuration: ${message}`) });

/**
 * A required setting.
 * @throws VoiceError INTERNAL, with the name of the setting as cause
 */
export function requiredSetting(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]?.trim();
  if (!value) throw configurationError(`environment variable ${name} is not set`);
  return value;
}

/** `TICKET_SECRET`, which signs and verifies tickets; the container has the same. */
export function ticketKeysFrom(env: NodeJS.ProcessEnv): TicketKeys {
  const text = requiredSetting(env, 'TICKET_SECRET');
  try {
    return parseTicketKeys(text);
  } catch (error) {
    throw configurationError(`TICKET_SECRET: ${(error as Error).message}`);
  }
}
