import { randomInt } from 'node:crypto';
import { engineOf } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import type { Hotword } from '../../../contract/stream.ts';
import type { AsrParams } from './types.ts';

/** The service's own defaults, except where noted. Source for all of this file: Tencent Cloud 1093/48982, "请求参数". */
const FIXED = {
  /** PCM; the default is speex. */
  voice_format: 1,
  /** Sentence by sentence; without it nothing becomes final before the end. */
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

/** Weight 100 (replace homophones) is documented for these only; elsewhere the heaviest ordinary weight stands in. */
const HOMOPHONE_ENGINES: ReadonlySet<string> = new Set(['16k_zh', '8k_zh']);
const HOMOPHONE_WEIGHT = 100;
const HEAVIEST_WEIGHT = 11;

/** Every official client signs for a day; the limit is 90. */
const SIGNED_FOR_S = 86_400;
/** At most 10 digits are allowed; kept within 31 bits as well. */
const MAX_NONCE = 2 ** 31;

const weightOf = (engine: string, weight: number): number =>
  weight === HOMOPHONE_WEIGHT && !HOMOPHONE_ENGINES.has(engine) ? HEAVIEST_WEIGHT : weight;

const hotwordList = (engine: string, hotwords: readonly Hotword[]): string =>
  hotwords.map(({ word, weight }) => `${word}|${weightOf(engine, weight)}`).join(',');

/**
 * What to recognise and how: the query parameters that come from the session.
 * @throws VoiceError UNKNOWN_ENGINE, BAD_SAMPLE_RATE
 */
export function recognitionParams(asked: AsrParams): Record<string, string | number> {
  const engine = engineOf(asked.engine);
  if (!engine?.realtime) throw new VoiceError('UNKNOWN_ENGINE');
  if (engine.sampleRateHz !== asked.sampleRate) throw new VoiceError('BAD_SAMPLE_RATE');
  return {
    engine_model_type: asked.engine,
    ...FIXED,
    ...(engine.wordTimes && { word_info: WORDS_WITHOUT_PUNCTUATION }),
    ...(engine.silence && { vad_silence_time: asked.silenceMs }),
    ...(engine.maxSpeak && asked.maxSpeakMs !== undefined && { max_speak_time: asked.maxSpeakMs }),
    ...(asked.hotwords.length > 0 && { hotword_list: hotwordList(asked.engine, asked.hotwords) }),
  };
}

/**
 * Who asks, and when: the query parameters that are new on every connection.
 * @param nowMs the service's time, epoch ms
 */
export function identityParams(
  secretId: string,
  voiceId: string,
  nowMs: number,
): Record<string, string | number> {
  const timestamp = Math.floor(nowMs / 1000);
  return {
    secretid: secretId,
    timestamp,
    expired: timestamp + SIGNED_FOR_S,
    nonce: randomInt(1, MAX_NONCE),
    voice_id: voiceId,
  };
}
