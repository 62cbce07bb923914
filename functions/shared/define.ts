import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { asVoiceError, type ErrorCode, VoiceError } from '../../contract/errors.ts';
import type { FunctionError } from '../../contract/functions.ts';
import type { HttpReads } from '../../contract/http-api.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { type Caller, type CallerSources, callerOf, timerOf } from './caller.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { ticketKeysFrom } from './env.ts';
import { type HttpEvent, type HttpRequest, httpAnswer, isHttpEvent, noContent, requestOf } from './http.ts';
import { consoleLog, type Log, type LogFields, loggedError } from './log.ts';
import { withNumbers } from './query.ts';
import { openCloud, openStore, type Store } from './store.ts';

/** What an action works with besides its request. */
export interface CallContext {
  caller: Caller;
  /** When the call began, epoch ms. */
  nowMs: number;
  clock: Clock;
  /** Makes a random id. */
  newId: () => string;
  store: Store;
  env: NodeJS.ProcessEnv;
  /** Logs an error that does not fail the call. */
  warn: (what: string, error: unknown) => void;
}
/** What a timer works with: there is no caller. */
export type TimerContext = Omit<CallContext, 'caller'>;

export interface Action<S extends v.GenericSchema = v.GenericSchema> {
  schema: S;
  run: (request: v.InferOutput<S>, call: CallContext) => Promise<object>;
}
/** An action whose `run` takes what its schema gives. */
export const action = <S extends v.GenericSchema>(schema: S, run: Action<S>['run']): Action =>
  ({ schema, run }) as unknown as Action;

export interface FunctionOptions {
  name: string;
  actions: Record<string, Action>;
  /** The action of a request that names none. */
  defaultAction?: string;
  /** What GET may ask for over HTTP, or that no HTTP caller is served; left out: POST only. */
  http?: HttpReads | 'refused';
  /** By trigger name, as in cloudbaserc.json. */
  timers?: Record<string, (call: TimerContext) => Promise<object>>;
  /** Largest event, in characters of JSON. */
  maxEventChars?: number;
  /** Replaced in unit tests. */
  platform?: Platform;
}
/** What a function takes from its environment. */
interface Platform {
  sources: (env: NodeJS.ProcessEnv) => CallerSources;
  store: () => Store;
  env: () => NodeJS.ProcessEnv;
  log: Log;
  clock: Clock;
  newId: () => string;
}

const realPlatform: Platform = {
  sources: (env) => ({ wxContext: () => openCloud().getWXContext(), ticketKeys: () => ticketKeysFrom(env) }),
  store: () => openStore(systemClock, systemRandom),
  env: () => process.env,
  log: consoleLog(systemClock),
  clock: systemClock,
  newId: randomUUID,
};

/** Codes that only who runs the service can do something about. */
const OUR_FAULT: ReadonlySet<ErrorCode> = new Set(['INTERNAL', 'STORE_MISCONFIGURED']);

/** The largest edit and everything around it fit. */
const DEFAULT_MAX_EVENT_CHARS = 32_000;
/** What the platform adds to a mini-program's event. It names the caller too, but only `callerOf` decides who that is. */
const PLATFORM_FIELDS: ReadonlySet<string> = new Set(['userInfo', 'tcbContext']);

/**
 * Makes `exports.main` of a cloud function: recognises who calls, checks the request against its action's schema, runs
 * it, and answers with the data or with `{ code, message, retriable, requestId }`. It never throws, and logs one line.
 */
export function defineFunction(options: FunctionOptions) {
  const platform = options.platform ?? realPlatform;
  // The SDK calls what newer versions of Node.js call deprecated; their warnings would be no lines of the log's format.
  process.noDeprecation = true;
  const { env, log, clock, newId } = platform;

  return async function main(event: unknown, context?: unknown): Promise<object> {
    const startedMs = clock.now();
    const requestId = requestIdOf(event, context) ?? newId();
    const line = { fn: options.name, requestId };
    const running = { action: '' };
    let failure: VoiceError | undefined;
    let answer: object;
    try {
      const warn: CallContext['warn'] = (what, error) =>
        log.warn({ ...line, what, err: loggedError(error) }, 'a step failed, the call goes on');
      answer = await answerTo(event, options, platform, { startedMs, warn, running });
    } catch (error) {
      failure = asVoiceError(error);
      answer = refusal(failure, requestId);
    }
    const ended = { ...line, action: running.action, ms: clock.now() - startedMs };
    if (failure) logFailure(log, ended, failure);
    else log.info({ ...ended, code: 'OK' }, 'answered');
    if (!isHttpEvent(event)) return answer;
    const cors = corsHeaders(event, env());
    return isPreflight(event) && !failure
      ? noContent({ ...cors, ...preflightHeaders })
      : httpAnswer(answer, failure?.code, cors);
  };
}

function logFailure(log: Log, ended: LogFields, { code, detail, cause }: VoiceError): void {
  const fields = { ...ended, code, detail, ...(cause !== undefined && { err: loggedError(cause) }) };
  if (OUR_FAULT.has(code)) log.error(fields, 'failed');
  else log.info(fields, 'refused');
}

/** One call's share of {@link answerTo}; `running.action` is what it has come to, for the log. */
interface Running {
  startedMs: number;
  warn: CallContext['warn'];
  running: { action: string };
}

/** @throws VoiceError */
async function answerTo(
  event: unknown,
  options: FunctionOptions,
  { sources, store, env, clock, newId }: Platform,
  { startedMs, warn, running }: Running,
): Promise<object> {
  const current = env();
  if (isHttpEvent(event) && isPreflight(event)) {
    running.action = 'preflight';
    return checkPreflight(event, current);
  }
  checkSize(event, options.maxEventChars ?? DEFAULT_MAX_EVENT_CHARS);
  const base: TimerContext = { nowMs: startedMs, clock, newId, env: current, store: store(), warn };
  const timer = timerOf(event, sources(current), current);
  if (timer && !timer.isReal) warn('timer', new Error(`not a timer's source: "${timer.source}"`));
  if (timer?.isReal) {
    running.action = `timer:${timer.trigger.slice(0, 40)}`;
    return await timerNamed(options, timer.trigger)(base);
  }
  if (isHttpEvent(event) && options.http === 'refused') throw new VoiceError('FORBIDDEN', { detail: 'http' });
  const caller = await callerOf(event, sources(current), startedMs);
  const asked = isHttpEvent(event) ? await requestOf(event) : { request: event, isQuery: false };
  const chosen = actionOf(options, asked);
  running.action = chosen.name;
  return await chosen.run({ ...base, caller });
}

/** @throws VoiceError FORBIDDEN for an origin that is not on the list */
function checkPreflight(event: HttpEvent, env: NodeJS.ProcessEnv): object {
  if (!('access-control-allow-origin' in corsHeaders(event, env)))
    throw new VoiceError('FORBIDDEN', { detail: 'origin' });
  return {};
}

/** The action that a request names, bound to the request as its schema understands it. */
function actionOf(
  { actions, defaultAction, http }: FunctionOptions,
  { request: asked, isQuery }: HttpRequest,
) {
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked))
    throw new VoiceError('BAD_REQUEST');
  const request = Object.fromEntries(Object.entries(asked).filter(([key]) => !PLATFORM_FIELDS.has(key)));
  const reads = http === 'refused' ? undefined : http;
  const name = request.action ?? (isQuery ? reads?.default : defaultAction);
  const found = typeof name === 'string' && Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!found || typeof name !== 'string') throw new VoiceError('UNKNOWN_ACTION');
  if (isQuery && !reads?.actions.includes(name))
    throw new VoiceError('METHOD_NOT_ALLOWED', { detail: 'action' });
  const fields = isQuery ? { ...withNumbers(found.schema, request), action: name } : request;
  const parsed = v.safeParse(found.schema, fields);
  if (!parsed.success) {
    throw new VoiceError('BAD_REQUEST', { detail: v.getDotPath(parsed.issues[0]) ?? '(root)' });
  }
  return { name, run: (call: CallContext) => found.run(parsed.output, call) };
}

function timerNamed(
  { timers = {} }: FunctionOptions,
  trigger: string,
): (call: TimerContext) => Promise<object> {
  const timer = Object.hasOwn(timers, trigger) ? timers[trigger] : undefined;
  if (!timer) throw new VoiceError('UNKNOWN_ACTION');
  return timer;
}

function checkSize(event: unknown, maxChars: number): void {
  if ((JSON.stringify(event) ?? '').length > maxChars) throw new VoiceError('TOO_LARGE');
}

function requestIdOf(event: unknown, context: unknown): string | undefined {
  const given = [
    (context as { request_id?: unknown } | undefined)?.request_id,
    (event as { requestContext?: { requestId?: unknown } } | undefined)?.requestContext?.requestId,
  ];
  return given.find((id) => typeof id === 'string' && /^[\w-]{1,80}$/.test(id))?.toString();
}

const refusal = ({ code, message, retriable, detail }: VoiceError, requestId: string): FunctionError => ({
  code,
  message,
  retriable,
  ...(detail !== undefined && { detail }),
  requestId,
});
