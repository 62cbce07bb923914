import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../lib/clock.ts';
import { type AsrEngine, EngineBusy, type Stretch } from '../engine/recogniser.ts';
import { readBody, sendJson, TooLarge } from '../http.ts';
import type { AsrLimits } from '../options.ts';
import { type AsrStats, count } from '../stats.ts';
import { ApiError } from './api-error.ts';
import { recogniseAll } from './recognise.ts';
import { parseSentenceRequest, type SentenceRequest } from './sentence-request.ts';
import { verifyTc3 } from './tc3.ts';

export interface OneshotDoorOptions {
  secrets: Readonly<Record<string, string>>;
  engine: AsrEngine;
  limits: AsrLimits;
  clock: Clock;
  stats: AsrStats;
}

const ACTION = 'SentenceRecognition';
const VERSION = '2019-06-14';
/** API 3.0: a request's body with TC3 signature. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const PUNCTUATION = /[\p{P}\s]/gu;

/** `POST /`: one-sentence recognition as the Tencent Cloud API answers it. Refusals are answered with status 200, too. */
export class OneshotDoor {
  readonly #options: OneshotDoorOptions;

  constructor(options: OneshotDoorOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { stats } = this.#options;
    const RequestId = randomUUID();
    stats.oneshot.requests++;
    try {
      sendJson(response, 200, { Response: { ...(await this.#answer(request)), RequestId } });
    } catch (error) {
      const { code, message } = asApiError(error);
      count(stats.oneshot.errors, code);
      sendJson(response, 200, { Response: { Error: { Code: code, Message: message }, RequestId } });
    }
  }

  async #answer(request: IncomingMessage): Promise<object> {
    const { secrets, engine, limits, clock, stats } = this.#options;
    const body = await readBody(request, MAX_BODY_BYTES);
    verifyTc3(
      { method: request.method ?? '', headers: request.headers, body },
      secrets,
      clock.now(),
      limits.skewMs,
    );
    const { 'x-tc-action': action, 'x-tc-version': version } = request.headers;
    if (version !== VERSION) throw new ApiError('NoSuchVersion', `The version does not exist: ${version}`);
    if (action !== ACTION) throw new ApiError('InvalidAction', `The action does not exist: ${action}`);
    const sentence = parseSentenceRequest(parseJson(body));
    stats.oneshot.audioMs += sentence.durationMs;
    return answerOf(await recogniseAll(engine, sentence.samples), sentence);
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError('InvalidParameter.ErrorParsequest', 'The request body is not JSON.');
  }
}

function answerOf(stretches: readonly Stretch[], request: SentenceRequest): object {
  const words = stretches
    .flatMap((stretch) => stretch.words)
    .filter((word) => request.wordInfo === 2 || word.text.replace(PUNCTUATION, '') !== '')
    .map(({ text, startMs, endMs }) => ({ Word: text, StartTime: startMs, EndTime: endMs }));
  return {
    Result: filterPunctuation(stretches.map((stretch) => stretch.text).join(''), request.filterPunctuation),
    AudioDuration: request.durationMs,
    WordSize: request.wordInfo === 0 ? 0 : words.length,
    WordList: request.wordInfo === 0 ? null : words,
  };
}

function filterPunctuation(text: string, level: 0 | 1 | 2): string {
  if (level === 0) return text;
  return level === 1 ? text.replace(/。$/, '') : text.replace(PUNCTUATION, '');
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TooLarge) return new ApiError('RequestSizeLimitExceeded', 'The request is too large.');
  if (error instanceof EngineBusy) return new ApiError('RequestLimitExceeded', 'The recogniser is busy.');
  console.error('one-sentence recognition failed:', error);
  return new ApiError('InternalError.ErrorRecognize', 'The recogniser failed.');
}
