import { type ErrorCode, VoiceError } from '../../../contract/errors.ts';

interface Rule {
  readonly code: ErrorCode;
  /** Whether the same request is sent once more. */
  readonly again?: true;
}

/**
 * Tencent's codes of SentenceRecognition (Tencent Cloud 1093/35647). The most specific entry wins: the code itself,
 * then its prefix before the last dot, and so on.
 */
const RULES: Readonly<Record<string, Rule>> = {
  AuthFailure: { code: 'ASR_AUTH' },
  UnauthorizedOperation: { code: 'ASR_AUTH' },
  'FailedOperation.CheckAuthInfoFailed': { code: 'ASR_AUTH' },
  'FailedOperation.UserNotRegistered': { code: 'ASR_NOT_ENABLED' },
  'FailedOperation.UserHasNoFreeAmount': { code: 'ASR_NO_QUOTA' },
  'FailedOperation.UserHasNoAmount': { code: 'ASR_NO_QUOTA' },
  'FailedOperation.ServiceIsolate': { code: 'ASR_ARREARS' },
  'FailedOperation.ErrorRecognize': { code: 'ASR_BAD_AUDIO' },
  FailedOperation: { code: 'ASR_UNAVAILABLE', again: true },
  'InvalidParameterValue.NoHumanVoice': { code: 'NO_SPEECH' },
  'InvalidParameterValue.ErrorVoicedataTooLong': { code: 'AUDIO_TOO_LONG' },
  'InvalidParameterValue.ErrorInvalidVoicedata': { code: 'ASR_BAD_AUDIO' },
  'InvalidParameterValue.ErrorInvalidVoiceFormat': { code: 'ASR_BAD_AUDIO' },
  InvalidParameterValue: { code: 'ASR_BAD_PARAMS' },
  'InvalidParameter.ErrorContentlength': { code: 'TOO_LARGE' },
  InvalidParameter: { code: 'ASR_BAD_PARAMS' },
  MissingParameter: { code: 'ASR_BAD_PARAMS' },
  UnknownParameter: { code: 'ASR_BAD_PARAMS' },
  UnsupportedOperation: { code: 'ASR_BAD_PARAMS' },
  UnsupportedRegion: { code: 'ASR_REGION' },
  RequestSizeLimitExceeded: { code: 'TOO_LARGE' },
  RequestLimitExceeded: { code: 'ASR_BUSY', again: true },
  LimitExceeded: { code: 'ASR_BUSY', again: true },
  ResourceInsufficient: { code: 'ASR_BUSY', again: true },
  InternalError: { code: 'ASR_UNAVAILABLE', again: true },
  ServiceUnavailable: { code: 'ASR_UNAVAILABLE', again: true },
};
const UNAVAILABLE: Rule = { code: 'ASR_UNAVAILABLE' };
const UNAVAILABLE_AGAIN: Rule = { code: 'ASR_UNAVAILABLE', again: true };

/** What the SDK throws: a code of the service, or only an HTTP status or a message of the network layer. */
interface SdkError {
  code?: unknown;
  httpCode?: unknown;
  message?: unknown;
}

/** The error code for an error of the SDK, and whether the request is sent once more. */
export function ruleOf(error: unknown): Rule {
  const { code, httpCode, message } = (error ?? {}) as SdkError;
  if (typeof code === 'string' && code !== '') {
    for (let name = code; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
      const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
      if (rule) return rule;
    }
    return UNAVAILABLE;
  }
  if (typeof httpCode === 'number')
    return httpCode >= 500 || httpCode === 429 ? UNAVAILABLE_AGAIN : UNAVAILABLE;
  // a request that timed out may have been served, and paid for
  return /timeout|aborted/i.test(String(message)) ? UNAVAILABLE : UNAVAILABLE_AGAIN;
}

export const asrError = (error: unknown): VoiceError => new VoiceError(ruleOf(error).code, { cause: error });
