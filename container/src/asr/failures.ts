import type { ErrorCode } from '../../../contract/errors.ts';
import type { AsrFailure, AsrFailureClass } from './types.ts';

interface Rule {
  readonly class: AsrFailureClass;
  readonly error: ErrorCode;
  /** The meaning, for the log. */
  readonly what: string;
  readonly tooFast?: true;
  readonly retryAfterMs?: number;
}

const retriable = (what: string, error: ErrorCode = 'ASR_UNAVAILABLE') =>
  ({ class: 'retriable', error, what }) as const;
const fatal = (what: string, error: ErrorCode) => ({ class: 'fatal', error, what }) as const;

/** Every code of the service. Source: Tencent Cloud 1093/48982, "错误码". */
const CODES: Readonly<Record<number, Rule>> = {
  4000: { ...retriable('audio sent faster than 3 s within 1 s'), tooFast: true, retryAfterMs: 1_000 },
  4001: fatal('parameters not accepted', 'ASR_BAD_PARAMS'),
  4002: fatal('signature, id or permission not accepted', 'ASR_AUTH'),
  4003: fatal('service not enabled for this account', 'ASR_NOT_ENABLED'),
  4004: fatal('resource pack used up', 'ASR_NO_QUOTA'),
  4005: fatal('account in arrears', 'ASR_ARREARS'),
  4006: { ...retriable('too many connections of this account', 'ASR_BUSY'), retryAfterMs: 3_000 },
  4007: fatal('audio cannot be decoded', 'ASR_BAD_AUDIO'),
  4008: retriable('no audio for 15 s'),
  4009: retriable('the service lost this connection'),
  4010: retriable('a text message it does not know: a bug on this side'),
  5000: retriable('service overloaded or its network failed'),
  5001: retriable('service overloaded or its network failed'),
  5002: retriable('service overloaded or its network failed'),
  6001: fatal('called from abroad', 'ASR_REGION'),
};

/** 4xxx blames the request and 6xxx the account's place, which the same request will not change. */
const unknownCode = (code: number): Rule =>
  (code >= 4000 && code < 5000) || (code >= 6000 && code < 7000)
    ? fatal('unknown code', 'ASR_BAD_PARAMS')
    : retriable('unknown code');

const ruleOf = (code: number): Rule =>
  (Object.hasOwn(CODES, code) ? CODES[code] : undefined) ?? unknownCode(code);

/** The failure that a code of the service stands for. The message is not looked at: its wording changes. */
export function failureOfCode(code: number): AsrFailure {
  const { what: _, ...rule } = ruleOf(code);
  return { code, reason: 'code', ...rule };
}

/** The meaning of a code, for the log. */
export const codeMeaning = (code: number): string => ruleOf(code).what;

/** A connection that ended without a code: a new one may well succeed. */
export const connectionLostFailure = (
  reason: Exclude<AsrFailure['reason'], 'code' | 'refused'>,
): AsrFailure => ({
  reason,
  class: 'retriable',
  error: 'ASR_UNAVAILABLE',
});

/** A longer `Retry-After` counts as this. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Bad Request, URI Too Long, Request Header Fields Too Large (RFC 9110 §15.5.1, §15.5.15; RFC 6585 §5). */
const PERMANENT_STATUSES: ReadonlySet<number> = new Set([400, 414, 431]);

/**
 * The upgrade was answered with another status than 101. The service reports what it refuses itself (keys, parameters,
 * quota) as a code after the upgrade, so a status comes from a gateway or a proxy in between, and is retriable but for
 * {@link PERMANENT_STATUSES}. The caller bounds the attempts; a client is told `ASR_AUTH` for 401 and 403 only after the last one.
 * @param retryAfter the `Retry-After` header, honoured in its seconds form
 */
export function upgradeRefusedFailure(status: number, retryAfter?: string): AsrFailure {
  // The address is too long or malformed, and the next one would be the same.
  if (PERMANENT_STATUSES.has(status)) return { reason: 'refused', class: 'fatal', error: 'ASR_BAD_PARAMS' };
  const seconds = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  return {
    reason: 'refused',
    class: 'retriable',
    error: status === 401 || status === 403 ? 'ASR_AUTH' : 'ASR_UNAVAILABLE',
    ...(seconds !== undefined && { retryAfterMs: Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) }),
  };
}
