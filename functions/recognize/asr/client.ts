import http from 'node:http';
import https from 'node:https';
import { v20190614 } from 'tencentcloud-sdk-nodejs-asr/tencentcloud/services/asr/v20190614/index.js';
import type { AudioFormat } from '../../../contract/functions.ts';
import type { Word } from '../../../contract/stream.ts';
import { type Clock, sleep } from '../../../lib/clock.ts';
import type { AsrConfig } from './config.ts';
import { asrError, ruleOf } from './errors.ts';

/** Time limits of one recognition; both attempts together fit the function's own limit of 60 s. */
const ATTEMPT_TIMEOUT_MS = 20_000;
const ALL_ATTEMPTS_TIMEOUT_MS = 35_000;
const ATTEMPTS = 2;
const RETRY_DELAY_MS = 300;

export interface Recognised {
  text: string;
  /** As the service measured it. */
  durationMs: number | undefined;
  words: Word[] | undefined;
}

export interface AsrRequest {
  engine: string;
  format: AudioFormat;
  audio: Buffer;
  wordTimes: boolean;
}

/**
 * Recognises one piece of audio (Tencent Cloud 1093/35646, SentenceRecognition), and sends the request once more where
 * that can help.
 * @throws VoiceError ASR_*, NO_SPEECH, AUDIO_TOO_LONG, TOO_LARGE
 */
export async function recogniseSentence(
  request: AsrRequest,
  config: AsrConfig,
  clock: Clock,
): Promise<Recognised> {
  // without an agent the SDK sends everything through `http_proxy`, whatever `no_proxy` says
  const agent = config.protocol === 'http:' ? new http.Agent() : new https.Agent();
  const client = new v20190614.Client({
    credential: {
      secretId: config.secretId,
      secretKey: config.secretKey,
      ...(config.token && { token: config.token }),
    },
    profile: {
      httpProfile: {
        endpoint: config.host,
        protocol: `${config.protocol}//`,
        reqTimeout: ATTEMPT_TIMEOUT_MS / 1000,
        agent,
      },
    },
  });
  const signal = AbortSignal.timeout(ALL_ATTEMPTS_TIMEOUT_MS);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return recognisedOf(await client.request('SentenceRecognition', paramsOf(request), { signal }));
      } catch (error) {
        if (attempt >= ATTEMPTS || !ruleOf(error).again) throw asrError(error);
        await sleep(clock, RETRY_DELAY_MS);
      }
    }
  } finally {
    agent.destroy();
  }
}

const paramsOf = ({ engine, format, audio, wordTimes }: AsrRequest) => ({
  EngSerViceType: engine,
  SourceType: 1,
  VoiceFormat: format,
  Data: audio.toString('base64'),
  DataLen: audio.length,
  WordInfo: wordTimes ? 2 : 0,
});

interface Answer {
  Result?: unknown;
  AudioDuration?: unknown;
  WordList?: { Word?: unknown; StartTime?: unknown; EndTime?: unknown }[] | null;
}

function recognisedOf(answer: Answer): Recognised {
  const words = (answer.WordList ?? []).map(({ Word, StartTime, EndTime }) => ({
    text: String(Word ?? ''),
    startMs: Number(StartTime ?? 0),
    endMs: Number(EndTime ?? 0),
  }));
  return {
    text: String(answer.Result ?? '').trim(),
    durationMs: typeof answer.AudioDuration === 'number' ? answer.AudioDuration : undefined,
    words: words.length > 0 ? words : undefined,
  };
}
