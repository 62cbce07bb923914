import type { ErrorCode } from '../../../contract/errors.ts';
import type { AsrFailure, AsrFailureClass } from './types.ts';

interface Rule {
  readonly class: AsrFailureClass;
  readonly error: ErrorCode;
  /** For the log. */
  readonly what: string;
  readonly tooFast?: true;
  readonly retryAfterMs?: number;
}

const again = (what: string, error: ErrorCode = 'ASR_UNAVAILABLE') =>
  ({ class: 'retriable', error, what }) as const;
const never = (what: string, error: ErrorCode) => ({ class: 'fatal', error, what }) as const;

/** Every code of the service. Source: Tencent Cloud 1093/48982, "错误码". */
const CODES: Readonly<Record<number, Rule>> = {
  4000: { ...again('audio sent faster than 3 s within 1 s'), tooFast: true, retryAfterMs: 1_000 },
  4001: never('parameters not accepted', 'ASR_BAD_PARAMS'),
  4002: never('signature, id or permission not accepted', 'ASR_AUTH'),
  4003: never('service not enabled for this account', 'ASR_NOT_ENABLED'),
  4004: never('resource pack used up', 'ASR_NO_QUOTA'),
  4005: never('account in arrears', 'ASR_ARREARS'),
  4006: { ...again('too many connections of this account', 'ASR_BUSY'), retryAfterMs: 3_000 },
  4007: never('audio cannot be decoded', 'ASR_BAD_AUDIO'),
  4008: again('no audio for 15 s'),
  4009: again('the service lost this connection'),
  4010: again('a text message it does not know: a bug on this side'),
  5000: again('service overloaded or its network failed'),
  5001: again('service overloaded or its network failed'),
  5002: again('service overloaded or its network failed'),
  6001: never('called from abroad', 'ASR_REGION'),
};

/** 4xxx blames the request and 6xxx the account's place, which the same request will not change. */
const unknownCode = (code: number): Rule =>
  (code >= 4000 && code < 5000) || (code >= 6000 && code < 7000)
    ? never('unknown code', 'ASR_BAD_PARAMS')
    : again('unknown code');

const ruleOf = (code: number): Rule =>
  (Object.hasOwn(CODES, code) ? CODES[code] : undefined) ?? unknownCode(code);

/** What a code of the service means for the caller. Never looks at the message: its wording changes. */
export function classify(code: number): AsrFailure {
  const { what: _, ...rule } = ruleOf(code);
  return { code, reason: 'code', ...rule };
}

/** The meaning of a code, for the log. */
export const whatOf = (code: number): string => ruleOf(code).what;

/** A connection that ended without a code: a new one may well succeed. */
export const lost = (reason: Exclude<AsrFailure['reason'], 'code' | 'refused'>): AsrFailure => ({
  reason,
  ...{ class: 'retriable', error: 'ASR_UNAVAILABLE' },
});

/** A longer wait than this is not worth believing. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * The upgrade was answered with another status than 101. Always retriable: the service reports its own verdicts
 * (keys, parameters, quota) as a code after the upgrade, so a status comes from something in between, a gateway or a
 * proxy, and says little about the request. The caller's bound on attempts ends it; only then does 401/403 show as
 * `ASR_AUTH`, the likeliest thing to check.
 * @param retryAfter the `Retry-After` header, honoured in its seconds form
 */
export function refused(status: number, retryAfter?: string): AsrFailure {
  const seconds = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  return {
    reason: 'refused',
    class: 'retriable',
    error: status === 401 || status === 403 ? 'ASR_AUTH' : 'ASR_UNAVAILABLE',
    ...(seconds !== undefined && { retryAfterMs: Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) }),
  };
}
