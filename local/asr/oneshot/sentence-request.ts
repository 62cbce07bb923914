import * as v from 'valibot';
import { ONESHOT_MAX_BASE64_BYTES, ONESHOT_MAX_MS } from '../../../contract/limits.ts';
import { Upsampler } from '../../../lib/resample.ts';
import { readMonoWav } from '../mono-wav.ts';
import { ENGINE_RATE_HZ } from '../recogniser.ts';
import { ApiError } from './tc3.ts';

/**
 * Engines of this action, which has no large models.
 * Source: Tencent Cloud 1093/35646, EngSerViceType.
 */
const ENGINES = new Set(
  '8k_zh 8k_en 16k_zh 16k_zh-PY 16k_zh_medical 16k_en 16k_yue 16k_ja 16k_ko 16k_vi 16k_ms 16k_id 16k_fil 16k_th 16k_pt 16k_tr 16k_ar 16k_es 16k_hi 16k_fr 16k_de 16k_zh_dialect'.split(
    ' ',
  ),
);
const FORMATS = new Set(['wav', 'pcm', 'ogg-opus', 'speex', 'silk', 'mp3', 'm4a', 'aac', 'amr']);

const requestSchema = v.object({
  EngSerViceType: v.string(),
  SourceType: v.number(),
  VoiceFormat: v.string(),
  Url: v.optional(v.string()),
  Data: v.optional(v.string()),
  DataLen: v.optional(v.number()),
  WordInfo: v.optional(v.picklist([0, 1, 2]), 0),
  FilterPunc: v.optional(v.picklist([0, 1, 2]), 0),
  InputSampleRate: v.optional(v.literal(8_000)),
});

/** A valid request of SentenceRecognition. */
export interface SentenceRequest {
  /** At the engines' rate. */
  samples: Int16Array;
  /** Length of the audio, ms. */
  durationMs: number;
  wordInfo: 0 | 1 | 2;
  /** 1: removes the full stop at the end; 2: removes all punctuation. */
  filterPunctuation: 0 | 1 | 2;
}

/**
 * Validates a request body and decodes its audio.
 * @throws {ApiError} with one of the action's documented codes
 */
export function parseSentenceRequest(body: unknown): SentenceRequest {
  const parsed = v.safeParse(requestSchema, body);
  if (!parsed.success) {
    const path = v.getDotPath(parsed.issues[0]) ?? '(root)';
    throw new ApiError('InvalidParameter.ErrorParamsMissing', `Parameter missing or invalid: ${path}`);
  }
  const request = parsed.output;
  if (!ENGINES.has(request.EngSerViceType)) {
    throw invalid('ErrorInvalidEngservice', `EngSerViceType is not supported: ${request.EngSerViceType}`);
  }
  if (!FORMATS.has(request.VoiceFormat)) {
    throw invalid('ErrorInvalidVoiceFormat', `VoiceFormat is not supported: ${request.VoiceFormat}`);
  }
  const { samples, rateHz } = decode(request.VoiceFormat, dataOf(request), engineRate(request));
  const durationMs = Math.round((samples.length * 1000) / rateHz);
  if (durationMs > ONESHOT_MAX_MS) {
    throw invalid('ErrorVoicedataTooLong', `The audio is longer than ${ONESHOT_MAX_MS / 1000} s.`);
  }
  return {
    samples: rateHz === ENGINE_RATE_HZ ? samples : new Upsampler().push(samples),
    durationMs,
    wordInfo: request.WordInfo,
    filterPunctuation: request.FilterPunc,
  };
}

type Request = v.InferOutput<typeof requestSchema>;

const invalid = (code: string, message: string): ApiError =>
  new ApiError(`InvalidParameterValue.${code}`, message);

const engineRate = (request: Request): number =>
  request.InputSampleRate ?? (request.EngSerViceType.startsWith('8k') ? 8_000 : ENGINE_RATE_HZ);

function dataOf(request: Request): Buffer {
  if (request.SourceType === 0) {
    throw new ApiError('InternalError.ErrorDownFile', '本地识别服务不下载 Url，请使用 SourceType 1');
  }
  if (request.SourceType !== 1) throw invalid('ErrorInvalidSourcetype', `SourceType: ${request.SourceType}`);
  const { Data: data = '' } = request;
  if (data === '') throw invalid('ErrorInvalidVoicedata', 'Data is empty.');
  if (data.length > ONESHOT_MAX_BASE64_BYTES) {
    throw invalid('ErrorVoicedataTooLong', 'Data is larger than 3 MB after Base64.');
  }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data)) {
    throw invalid('ErrorInvalidVoicedata', 'Data is not Base64 without line breaks.');
  }
  const bytes = Buffer.from(data, 'base64');
  if (request.DataLen !== bytes.length) {
    throw new ApiError(
      'InvalidParameter.ErrorContentlength',
      `DataLen ${request.DataLen} is not ${bytes.length}.`,
    );
  }
  return bytes;
}

function decode(format: string, bytes: Buffer, rateHz: number): { samples: Int16Array; rateHz: number } {
  if (format === 'pcm') {
    const samples = new Int16Array(bytes.length >> 1);
    for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(2 * i);
    return { samples, rateHz };
  }
  if (format !== 'wav') throw unrecognised(`本地识别服务只解码 wav 与 pcm，不解码 ${format}`);
  try {
    const wav = readMonoWav(bytes);
    if (wav.sampleRateHz !== 8_000 && wav.sampleRateHz !== ENGINE_RATE_HZ) {
      throw new Error(`采样率 ${wav.sampleRateHz}`);
    }
    return { samples: wav.samples, rateHz: wav.sampleRateHz };
  } catch (error) {
    throw unrecognised((error as Error).message);
  }
}

const unrecognised = (reason: string): ApiError =>
  new ApiError('FailedOperation.ErrorRecognize', `Failed to recognize audio! (${reason})`);
