import type { SampleRate } from './limits.ts';

/** A language and model of the recogniser, and what it can do. */
export interface Engine {
  /** Shown to people. */
  readonly label: string;
  /** Samples per second of the audio that it takes, Hz. */
  readonly sampleRateHz: SampleRate;
  /** It recognises streams. */
  readonly realtime: boolean;
  /** It recognises whole files of up to 60 seconds. */
  readonly oneshot: boolean;
  /** Real-time: `word_info` is documented for it. */
  readonly wordTimes: boolean;
  /** Real-time: `vad_silence_time` is documented for it. */
  readonly silence: boolean;
  /** Real-time: `max_speak_time` is documented for it. */
  readonly maxSpeak: boolean;
  /** Billed as the large-model tier, which has no free quota. */
  readonly large?: true;
}

const full = { realtime: true, oneshot: true, wordTimes: true, silence: true, maxSpeak: true } as const;
const fullLarge = { ...full, oneshot: false, large: true } as const;
const plain = { realtime: true, oneshot: true, wordTimes: false, silence: false, maxSpeak: false } as const;
const plainLarge = { ...plain, oneshot: false, large: true } as const;

/**
 * Engines that may be asked for, each an {@link Engine}, by name. An allow-list, because an unknown engine reaches a paid service.
 * Source: Tencent Cloud 1093/48982 (real-time), 1093/35646 (one-sentence).
 */
export const ENGINES = {
  '16k_zh': { label: '普通话', sampleRateHz: 16_000, ...full },
  '16k_zh_en': { label: '中英粤＋方言（大模型）', sampleRateHz: 16_000, ...fullLarge },
  '16k_zh_large': { label: '普通话＋27 种方言（大模型）', sampleRateHz: 16_000, ...fullLarge },
  '16k_en': { label: '英语', sampleRateHz: 16_000, ...full, maxSpeak: false },
  '16k_en_large': { label: '英语（大模型）', sampleRateHz: 16_000, ...plainLarge, silence: true },
  '16k_yue': { label: '粤语', sampleRateHz: 16_000, ...plain },
  '16k_zh-TW': { label: '繁体中文', sampleRateHz: 16_000, ...plain, oneshot: false, wordTimes: true },
  '16k_zh_medical': { label: '普通话（医疗）', sampleRateHz: 16_000, ...plain },
  '16k_multi_lang': { label: '多语种（大模型）', sampleRateHz: 16_000, ...plainLarge },
  '16k_ja': { label: '日语', sampleRateHz: 16_000, ...plain, wordTimes: true },
  '16k_ko': { label: '韩语', sampleRateHz: 16_000, ...plain },
  '16k_th': { label: '泰语', sampleRateHz: 16_000, ...plain },
  '16k_vi': { label: '越南语', sampleRateHz: 16_000, ...plain },
  '16k_id': { label: '印尼语', sampleRateHz: 16_000, ...plain },
  '16k_ms': { label: '马来语', sampleRateHz: 16_000, ...plain },
  '16k_fil': { label: '菲律宾语', sampleRateHz: 16_000, ...plain },
  '16k_pt': { label: '葡萄牙语', sampleRateHz: 16_000, ...plain },
  '16k_tr': { label: '土耳其语', sampleRateHz: 16_000, ...plain },
  '16k_ar': { label: '阿拉伯语', sampleRateHz: 16_000, ...plain },
  '16k_es': { label: '西班牙语', sampleRateHz: 16_000, ...plain },
  '16k_hi': { label: '印地语', sampleRateHz: 16_000, ...plain },
  '16k_fr': { label: '法语', sampleRateHz: 16_000, ...plain },
  '16k_de': { label: '德语', sampleRateHz: 16_000, ...plain },
  '8k_zh': { label: '普通话（8 kHz 电话）', sampleRateHz: 8_000, ...full },
  '8k_en': { label: '英语（8 kHz 电话）', sampleRateHz: 8_000, ...plain, wordTimes: true },
  '8k_zh_large': { label: '普通话（8 kHz，大模型）', sampleRateHz: 8_000, ...fullLarge },
} as const satisfies Record<string, Engine>;

/** Name of one of the {@link ENGINES}. */
export type EngineName = keyof typeof ENGINES;
export const DEFAULT_ENGINE: EngineName = '16k_zh';

/** The engine's entry; undefined for a name that is not on the list, also `__proto__` and other inherited names. */
export const engineOf = (name: string): Engine | undefined =>
  Object.keys(ENGINES).includes(name) ? ENGINES[name as EngineName] : undefined;
