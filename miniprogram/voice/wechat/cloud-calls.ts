import type { HistoryAnswers, StatsAnswers } from '../../../contract/function-answers.ts';
import type { Ticket } from '../../../contract/ticket.ts';
import { type Clock, withTimeout } from '../../../lib/clock.ts';
import { LocalError, type LocalErrorCode, readWireError, voiceErrorOf } from '../session/local-errors.ts';

/** `wx.cloud.callFunction`: resolves with `result`, rejects with the platform's error (`errMsg`, `errCode`). */
export type CallFunction = (name: string, data: object) => Promise<unknown>;

/** Includes a cold start of the function. */
const CALL_MS = 20_000;

/** The cloud functions that a recording needs. Calls reject with a `VoiceError` (the function refused) or a {@link LocalError} (it was not reached). */
export interface CloudCalls {
  /**
   * Calls the function `history`: records, their texts and audio.
   * @param request what the action takes: docs/functions.md
   * @throws VoiceError, LocalError
   */
  history<K extends keyof HistoryAnswers>(action: K, request: object): Promise<HistoryAnswers[K]>;
  /**
   * Calls the function `stats`: numbers of the user's recordings by day and in all.
   * @param request what the action takes: docs/functions.md
   * @throws VoiceError, LocalError
   */
  stats<K extends keyof StatsAnswers>(action: K, request: object): Promise<StatsAnswers[K]>;
  /** Calls the function `ticket`: a ticket for the container. @throws VoiceError, LocalError */
  ticket(): Promise<Ticket>;
}

/** Failures of `callFunction` by the codes and texts that CloudBase documents (error codes of cloud functions). */
const PLATFORM_FAILURES: readonly [pattern: RegExp, code: LocalErrorCode][] = [
  [
    /-501000|FunctionName parameter could not be found|FUNCTION_NOT_FOUND|ResourceNotFound/i,
    'FUNCTION_NOT_FOUND',
  ],
  [
    /-501001|env(ironment)? not exists|invalid env|INVALID_ENV|cloud init|not init|-601034/i,
    'CLOUD_NOT_READY',
  ],
  [/-50400[1-9]|FUNCTIONS_EXECUTE_FAIL|function error/i, 'FUNCTION_FAILED'],
  [/timeout|timed out|network|interrupted|fail:? *$|ERR_|-1\b/i, 'NETWORK'],
];

/** Maps the rejection of `callFunction` to a code. */
export function platformFailure(error: unknown): LocalError {
  if (error instanceof LocalError) return error;
  const { errCode, errMsg, message } = (error ?? {}) as Record<string, unknown>;
  const text = [errCode, errMsg ?? message ?? String(error)].filter((part) => part !== undefined).join(' ');
  const known = PLATFORM_FAILURES.find(([pattern]) => pattern.test(text));
  return new LocalError(known?.[1] ?? 'FUNCTION_FAILED', text);
}

/** What a call of a cloud function needs. */
export interface CloudCallDeps {
  /** Calls a cloud function, without a time limit. */
  call: CallFunction;
  /** For the time limit. */
  clock: Clock;
}

/**
 * Calls a cloud function.
 * @param waitMs upper bound of the wait for its answer
 * @throws VoiceError, LocalError
 */
export async function invoke<T>(
  { call, clock }: CloudCallDeps,
  name: string,
  request: object,
  waitMs = CALL_MS,
): Promise<T> {
  let answer: unknown;
  try {
    const late = () => new LocalError('NETWORK', `no answer within ${waitMs} ms`);
    answer = await withTimeout(call(name, request), clock, waitMs, late);
  } catch (error) {
    throw platformFailure(error);
  }
  if (typeof answer !== 'object' || answer === null)
    throw new LocalError('FUNCTION_FAILED', `${name}: no answer`);
  const refusal = readWireError(answer);
  if (refusal) throw voiceErrorOf(refusal);
  return answer as T;
}

/** Every call has a time limit. */
export const cloudCalls = (deps: CloudCallDeps): CloudCalls => ({
  history: (action, request) => invoke(deps, 'history', { ...request, action }),
  stats: (action, request) => invoke(deps, 'stats', { ...request, action }),
  ticket: () => invoke(deps, 'ticket', {}),
});
