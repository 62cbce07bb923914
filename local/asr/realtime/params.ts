import { engineOf } from '../../../contract/engines.ts';
import type { Refusal } from './codes.ts';

/** The parameters of a stream that influence its results. */
export interface StreamParams {
  voiceId: string;
  engine: string;
  /** Of the audio that the client sends. */
  sampleRateHz: 8_000 | 16_000;
  /** 1 PCM, 12 WAV; the other known formats are not decoded here. */
  voiceFormat: number;
  needVad: boolean;
  silenceMs: number;
  /** 0: the server's default. */
  maxSpeakMs: number;
  wordInfo: 0 | 1 | 2 | 100;
  filterEmptyResult: boolean;
  filterPunctuation: boolean;
}

export const VOICE_FORMAT = { pcm: 1, wav: 12 } as const;
/** pcm, speex, silk, mp3, opus, wav, m4a, aac. */
const VOICE_FORMATS = [1, 4, 6, 8, 10, 12, 14, 16];
const DEFAULT_VOICE_FORMAT = 4;
const DEFAULT_SILENCE_MS = 1_000;
const MAX_VOICE_ID_CHARS = 128;
const MAX_HOTWORDS = 128;
const MAX_HOTWORD_CHARS = 30;

type Values = ReadonlyMap<string, string>;

class InvalidParamError extends Error {}

/** A parameter whose value is one of `allowed`; the default when it is absent. */
function choice<T extends number>(values: Values, name: string, allowed: readonly T[], fallback: T): T {
  const text = values.get(name);
  if (text === undefined || text === '') return fallback;
  const value = allowed.find((one) => String(one) === text);
  if (value === undefined) throw new InvalidParamError(`${name}: ${text}`);
  return value;
}

/** A parameter whose value is in a range; the default when it is absent or 0, which several SDKs send. */
function range(
  values: Values,
  name: string,
  [min, max]: readonly [number, number],
  fallback: number,
): number {
  const text = values.get(name);
  if (text === undefined || text === '' || text === '0') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < min || value > max) throw new InvalidParamError(`${name}: ${text}`);
  return value;
}

function checkNonce(values: Values): void {
  const nonce = values.get('nonce') ?? '';
  if (!/^[1-9]\d{0,9}$/.test(nonce)) throw new InvalidParamError(`nonce: ${nonce}`);
}

/** `词|权重,词|权重`: at most 128, each at most 30 characters without spaces, weight 1 … 11 or 100. */
function checkHotwords(values: Values): void {
  const list = values.get('hotword_list');
  if (!list) return;
  const entries = list.split(',');
  if (entries.length > MAX_HOTWORDS) throw new InvalidParamError(`hotword_list: ${entries.length} words`);
  for (const entry of entries) {
    const [word = '', weight = '', ...rest] = entry.split('|');
    const valid =
      word.length >= 1 &&
      word.length <= MAX_HOTWORD_CHARS &&
      !/\s/.test(word) &&
      rest.length === 0 &&
      /^([1-9]|1[01]|100)$/.test(weight);
    if (!valid) throw new InvalidParamError(`hotword_list: ${entry}`);
  }
}

function voiceIdOf(values: Values): string {
  const voiceId = values.get('voice_id') ?? '';
  if (voiceId === '' || voiceId.length > MAX_VOICE_ID_CHARS) throw new InvalidParamError('voice_id');
  return voiceId;
}

function engineParams(values: Values, voiceFormat: number): Pick<StreamParams, 'engine' | 'sampleRateHz'> {
  const name = values.get('engine_model_type') ?? '';
  const engine = engineOf(name);
  if (!engine?.realtime) throw new InvalidParamError(`Not support [engine_model_type: ${name}]`);
  const narrow = choice(values, 'input_sample_rate', [0, 8_000], 0) === 8_000;
  if (narrow && voiceFormat !== VOICE_FORMAT.pcm) throw new InvalidParamError('input_sample_rate: pcm only');
  return { engine: name, sampleRateHz: narrow ? 8_000 : engine.sampleRateHz };
}

/**
 * Validates the query by the documented table of parameters. Unknown parameters are ignored, because newer SDKs send some.
 * Source: Tencent Cloud 1093/48982, "请求参数".
 */
export function parseParams(values: Values): StreamParams | Refusal {
  try {
    const voiceFormat = choice(values, 'voice_format', VOICE_FORMATS, DEFAULT_VOICE_FORMAT);
    const { engine, sampleRateHz } = engineParams(values, voiceFormat);
    const wordInfo = choice(values, 'word_info', [0, 1, 2, 100] as const, 0);
    if (wordInfo === 100 && engine !== '16k_zh_en') throw new InvalidParamError('word_info: 100');
    checkNonce(values);
    checkHotwords(values);
    choice(values, 'filter_dirty', [0, 1, 2], 0);
    choice(values, 'filter_modal', [0, 1, 2], 0);
    choice(values, 'convert_num_mode', [0, 1, 3], 1);
    choice(values, 'emotion_recognition', [0, 1, 2], 0);
    range(values, 'noise_threshold', [-2, 2], 0);
    return {
      voiceId: voiceIdOf(values),
      engine,
      sampleRateHz,
      voiceFormat,
      needVad: choice(values, 'needvad', [0, 1], 0) === 1,
      silenceMs: range(values, 'vad_silence_time', [500, 2_000], DEFAULT_SILENCE_MS),
      maxSpeakMs: range(values, 'max_speak_time', [5_000, 90_000], 0),
      wordInfo,
      filterEmptyResult: choice(values, 'filter_empty_result', [0, 1], 1) === 1,
      filterPunctuation: choice(values, 'filter_punc', [0, 1], 0) === 1,
    };
  } catch (error) {
    if (error instanceof InvalidParamError) return { code: 4001, detail: error.message };
    throw error;
  }
}
