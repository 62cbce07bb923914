import { createHmac } from 'node:crypto';
import { engineOf } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import type { Hotword } from '../../../contract/stream.ts';
import type { AsrParams } from './types.ts';

/** Query parameters by name, not yet URL-encoded. */
export type QueryParams = Readonly<Record<string, string | number>>;

/** The service's own defaults, except where noted. Source for this file: Tencent Cloud 1093/48982, "请求参数". */
const FIXED_PARAMS = {
  /** PCM; the default is speex. */
  voice_format: 1,
  /** Voice activity detection: without it no sentence becomes final before the end. */
  needvad: 1,
  /** Empty results too, so that a sentence's beginning and end always come in pairs. */
  filter_empty_result: 0,
  filter_dirty: 0,
  filter_modal: 0,
  filter_punc: 0,
  convert_num_mode: 1,
} as const;

/** `word_info`: words with times, without punctuation. */
const WORDS_WITHOUT_PUNCTUATION = 1;

/** Weight 100 (replace homophones) is documented for these only; elsewhere the heaviest ordinary weight is sent. */
const HOMOPHONE_ENGINES: ReadonlySet<string> = new Set(['16k_zh', '8k_zh']);
const HOMOPHONE_WEIGHT = 100;
const HEAVIEST_WEIGHT = 11;

/** How long a signature is valid. The official clients sign for a day; the limit is 90 days. */
const SIGNED_FOR_S = 86_400;
/** `nonce`: at most 10 digits are allowed; kept within 31 bits as well. */
const MAX_NONCE = 2 ** 31 - 1;

/** The host in the signed text, whatever host the socket connects to, as in the official JS client. */
const SIGNED_HOST = 'asr.cloud.tencent.com';

const weightOf = (engine: string, weight: number): number =>
  weight === HOMOPHONE_WEIGHT && !HOMOPHONE_ENGINES.has(engine) ? HEAVIEST_WEIGHT : weight;

const hotwordList = (engine: string, hotwords: readonly Hotword[]): string =>
  hotwords.map(({ word, weight }) => `${word}|${weightOf(engine, weight)}`).join(',');

/**
 * What to recognise and how: the query parameters that come from the session.
 * @throws VoiceError UNKNOWN_ENGINE, BAD_SAMPLE_RATE
 */
export function recognitionParams(asked: AsrParams): QueryParams {
  const engine = engineOf(asked.engine);
  if (!engine?.realtime) throw new VoiceError('UNKNOWN_ENGINE');
  if (engine.sampleRateHz !== asked.sampleRate) throw new VoiceError('BAD_SAMPLE_RATE');
  return {
    engine_model_type: asked.engine,
    ...FIXED_PARAMS,
    ...(engine.wordTimes && { word_info: WORDS_WITHOUT_PUNCTUATION }),
    ...(engine.silence && { vad_silence_time: asked.silenceMs }),
    ...(engine.maxSpeak && asked.maxSpeakMs !== undefined && { max_speak_time: asked.maxSpeakMs }),
    ...(asked.hotwords.length > 0 && { hotword_list: hotwordList(asked.engine, asked.hotwords) }),
  };
}

/**
 * Who asks, and when: the query parameters that are new on every connection.
 * @param nowMs the service's time, epoch ms
 * @param random in [0, 1)
 */
export function identityParams(
  secretId: string,
  voiceId: string,
  nowMs: number,
  random: () => number,
): QueryParams {
  const timestamp = Math.floor(nowMs / 1000);
  return {
    secretid: secretId,
    timestamp,
    expired: timestamp + SIGNED_FOR_S,
    nonce: 1 + Math.floor(random() * MAX_NONCE),
    voice_id: voiceId,
  };
}

/**
 * The query of a real-time recognition address: parameters sorted by name, `signature` last. Values are signed raw
 * and sent percent-encoded.
 * Source: Tencent Cloud 1093/48982, "签名生成" (Base64 of HMAC-SHA1 over `host/path?query`, without scheme or method).
 */
export function signedQuery(appId: string, secretKey: string, params: QueryParams): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  const raw = sorted.map(([name, value]) => `${name}=${value}`).join('&');
  const signature = createHmac('sha1', secretKey)
    .update(`${SIGNED_HOST}/asr/v2/${appId}?${raw}`, 'utf8')
    .digest('base64');
  return [...sorted, ['signature', signature] as const]
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}
