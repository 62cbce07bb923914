import { VoiceError } from '../../contract/errors.ts';
import { type TicketKeys, verifyTicket } from '../../contract/ticket.ts';
import { type HttpEvent, headerOf, isHttpEvent } from './http.ts';

/** Whose records may be touched. Made by {@link callerOf} only, so that an openid never comes from a request. */
export interface Caller {
  readonly openid: string;
  readonly via: 'wechat' | 'http';
}

export interface CallerSources {
  /** `getWXContext()`: set by the platform for calls from the mini-program, empty otherwise. */
  wxContext: () => { OPENID?: unknown };
  /** The keys that tickets are verified with; read only when an HTTP caller sends one. */
  ticketKeys: () => TicketKeys;
}

/** The platform's SDK turns an openid made of digits into a number. */
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : '';

/**
 * Who is calling, decided here only, from what the caller cannot choose:
 * an HTTP event is trusted by its Bearer ticket only, a WeChat call by the platform's OPENID only.
 * @param nowMs epoch ms, for the ticket's expiry
 * @throws VoiceError UNAUTHENTICATED, TICKET_INVALID, TICKET_EXPIRED
 */
export async function callerOf(event: unknown, sources: CallerSources, nowMs: number): Promise<Caller> {
  if (isHttpEvent(event)) {
    const ticket = bearerOf(event);
    if (!ticket) throw new VoiceError('UNAUTHENTICATED');
    return { openid: await verifyTicket(ticket, sources.ticketKeys(), { nowMs }), via: 'http' };
  }
  const openid = textOf(sources.wxContext().OPENID);
  if (!openid) throw new VoiceError('UNAUTHENTICATED');
  return { openid, via: 'wechat' };
}

function bearerOf(event: HttpEvent): string | undefined {
  return /^Bearer +([^\s]+)$/i.exec(headerOf(event, 'authorization')?.trim() ?? '')?.[1];
}

/** `SOURCE` of a call that a timer trigger makes (WeChat: reference-sdk-api/utils/Cloud.getWXContext). */
const TIMER_SOURCE = 'wx_trigger';

export interface TimerEvent {
  trigger: string;
  /** Whether a timer of the platform made the call, and not somebody who wrote such an event. */
  isReal: boolean;
  /** What the platform says made the call; a chain of calls is separated by commas. */
  source: string;
}

/**
 * The platform's timer event, `{ Type: 'Timer', TriggerName, … }`; undefined: the event does not look like one. The look decides
 * nothing, since a caller without an openid (an anonymous login) can write it too: the platform's own `TCB_SOURCE` does.
 * @param env `TIMER_SOURCE` replaces the source that counts, for a platform that names it otherwise
 */
export function timerOf(
  event: unknown,
  sources: CallerSources,
  env: NodeJS.ProcessEnv,
): TimerEvent | undefined {
  if (typeof event !== 'object' || event === null || isHttpEvent(event)) return undefined;
  const { Type, TriggerName } = event as { Type?: unknown; TriggerName?: unknown };
  if (Type !== 'Timer' || typeof TriggerName !== 'string') return undefined;
  const source = env.TCB_SOURCE ?? '';
  const isUser = textOf(sources.wxContext().OPENID) !== '';
  return {
    trigger: TriggerName,
    isReal: !isUser && source === (env.TIMER_SOURCE || TIMER_SOURCE),
    source,
  };
}

/**
 * The condition that every query about people's records carries.
 * @throws VoiceError UNAUTHENTICATED for an empty caller: the database reads `{ _openid: undefined }` as "everyone"
 */
export function ownedBy(caller: Caller): { _openid: string } {
  if (typeof caller?.openid !== 'string' || caller.openid === '') throw new VoiceError('UNAUTHENTICATED');
  return { _openid: caller.openid };
}
