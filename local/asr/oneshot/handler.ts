import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../lib/clock.ts';
import { BodyTooLargeError, readBody } from '../../../lib/http-body.ts';
import { sendJson } from '../http.ts';
import type { AsrLimits } from '../options.ts';
import { type AsrEngine, ENGINE_RATE_HZ, EngineBusy, type Segment } from '../recogniser.ts';
import { type AsrStats, increment } from '../stats.ts';
import { parseSentenceRequest, type SentenceRequest } from './sentence-request.ts';
import { ApiError, verifyTc3 } from './tc3.ts';

export interface OneshotHandlerOptions {
  secrets: Readonly<Record<string, string>>;
  engine: AsrEngine;
  limits: AsrLimits;
  clock: Clock;
  stats: AsrStats;
}

const ACTION = 'SentenceRecognition';
const VERSION = '2019-06-14';
/** Largest request body with a TC3 signature. Source: Tencent Cloud API 3.0. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Audio that the engine is given before other streams get a turn, samples. */
const CHUNK_SAMPLES = ENGINE_RATE_HZ / 4;
const SILENCE_MS = 1_000;
const PUNCTUATION = /[\p{P}\s]/gu;

/** `POST /`: one-sentence recognition as the Tencent Cloud API answers it, errors with HTTP status 200. */
export class OneshotHandler {
  readonly #options: OneshotHandlerOptions;

  constructor(options: OneshotHandlerOptions) {
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
      increment(stats.oneshot.errors, code);
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

/** Recognises a whole recording. Rejects with the engine's error. */
function recogniseAll(engine: AsrEngine, samples: Int16Array): Promise<Segment[]> {
  const segments: Segment[] = [];
  return new Promise((resolve, reject) => {
    const recogniser = engine.open(
      {
        onUpdate({ finals, last }) {
          segments.push(...finals);
          if (!last) return;
          recogniser.close();
          resolve(segments);
        },
        onFailure: reject,
      },
      { silenceMs: SILENCE_MS },
    );
    const feed = async (): Promise<void> => {
      for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) {
        recogniser.push(samples.subarray(at, at + CHUNK_SAMPLES));
        await nextTurn();
      }
      recogniser.flush();
    };
    feed().catch(reject);
  });
}

function answerOf(segments: readonly Segment[], request: SentenceRequest): object {
  const words = segments
    .flatMap((segment) => segment.words)
    .filter((word) => request.wordInfo === 2 || word.text.replace(PUNCTUATION, '') !== '')
    .map(({ text, startMs, endMs }) => ({ Word: text, StartTime: startMs, EndTime: endMs }));
  return {
    Result: filterPunctuation(segments.map((segment) => segment.text).join(''), request.filterPunctuation),
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
  if (error instanceof BodyTooLargeError)
    return new ApiError('RequestSizeLimitExceeded', 'The request is too large.');
  if (error instanceof EngineBusy) return new ApiError('RequestLimitExceeded', 'The recogniser is busy.');
  console.error('one-sentence recognition failed:', error);
  return new ApiError('InternalError.ErrorRecognize', 'The recogniser failed.');
}
