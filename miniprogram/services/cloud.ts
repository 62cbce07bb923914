import type {
  HISTORY_ACTIONS,
  HistoryAnswers,
  RecognizeAnswer,
  RequestOf,
  STATS_ACTIONS,
  StatsAnswers,
  TicketAnswer,
} from '../../contract/functions.ts';
import { type Clock, withTimeout } from '../../lib/clock.ts';
import { LocalError, type LocalErrorCode, readWireError, voiceErrorOf } from './local-errors.ts';
import { type RecognizeProgress, type Recording, recognizeRecording, type Uploads } from './recognition.ts';

/** `wx.cloud.callFunction`: resolves with `result`, rejects with the platform's error (`errMsg`, `errCode`). */
export type CallFunction = (name: string, data: object) => Promise<unknown>;

/** Includes a cold start of the function. */
const CALL_MS = 20_000;

type HistoryRequest<K extends keyof HistoryAnswers> = Omit<RequestOf<typeof HISTORY_ACTIONS, K>, 'action'>;
type StatsRequest<K extends keyof StatsAnswers> = Omit<RequestOf<typeof STATS_ACTIONS, K>, 'action'>;

/** The four cloud functions. Calls reject with a `VoiceError` (the function refused) or a {@link LocalError} (it was not reached). */
export interface CloudApi {
  history<K extends keyof HistoryAnswers>(action: K, request: HistoryRequest<K>): Promise<HistoryAnswers[K]>;
  stats<K extends keyof StatsAnswers>(action: K, request: StatsRequest<K>): Promise<StatsAnswers[K]>;
  /** One-shot recognition of a whole recording. */
  recognize(
    recording: Recording,
    onProgress?: (progress: RecognizeProgress) => void,
  ): Promise<RecognizeAnswer>;
  ticket(): Promise<TicketAnswer>;
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

/** @throws VoiceError, LocalError */
async function invoke<T>(
  { call, clock }: Pick<CloudDeps, 'call' | 'clock'>,
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

export interface CloudDeps {
  call: CallFunction;
  uploads: Uploads;
  clock: Clock;
}

/** Typed wrappers of the cloud functions. Every call has a time limit. */
export const createCloud = (deps: CloudDeps): CloudApi => ({
  history: (action, request) => invoke(deps, 'history', { ...request, action }),
  stats: (action, request) => invoke(deps, 'stats', { ...request, action }),
  recognize: (recording, onProgress) =>
    recognizeRecording(
      recording,
      { ...deps, invoke: (request, waitMs) => invoke(deps, 'recognize', request, waitMs) },
      onProgress,
    ),
  ticket: () => invoke(deps, 'ticket', {}),
});
