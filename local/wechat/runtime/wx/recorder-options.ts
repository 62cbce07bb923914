/** Bit rates that each sample rate allows, as the documentation of `RecorderManager.start` lists them. */
const BIT_RATES_BPS: Record<number, readonly [min: number, max: number]> = {
  8000: [16_000, 48_000],
  11025: [16_000, 48_000],
  12000: [24_000, 64_000],
  16000: [24_000, 96_000],
  22050: [32_000, 128_000],
  24000: [32_000, 128_000],
  32000: [48_000, 192_000],
  44100: [64_000, 320_000],
  48000: [64_000, 320_000],
};

const DEFAULT_DURATION_MS = 60_000;
const MAX_DURATION_MS = 600_000;
/** Frame size in KB when the app asks for none; those frames are only collected for the file. */
const DEFAULT_FRAME_KB = 4;

export interface Recording {
  durationMs: number;
  rateHz: number;
  frameBytes: number;
  /** `onFrameRecorded` is called only when a frame size was given. */
  framed: boolean;
  extension: '.pcm' | '.wav';
}

/**
 * Applies WeChat's defaults and checks its limits.
 * @throws on what a phone refuses, and on formats that a browser cannot encode.
 */
export const readOptions = (options: WechatMiniprogram.RecorderManagerStartOption): Recording => {
  const {
    duration = DEFAULT_DURATION_MS,
    sampleRate = 8_000,
    encodeBitRate = 48_000,
    format = 'aac',
    frameSize,
  } = options;
  const range = BIT_RATES_BPS[sampleRate];
  if (range === undefined) throw new Error(`sampleRate ${sampleRate} is not supported`);
  if (encodeBitRate < range[0] || encodeBitRate > range[1])
    throw new Error(`encodeBitRate ${encodeBitRate} does not fit sampleRate ${sampleRate}`);
  if (duration <= 0 || duration > MAX_DURATION_MS) throw new Error('duration should be 1 to 600000');
  if (format !== 'PCM' && format !== 'wav') throw new Error(`浏览器宿主只能录 PCM 与 wav，不能录 ${format}`);
  return {
    durationMs: duration,
    rateHz: sampleRate,
    frameBytes: Math.max(2, Math.floor(((frameSize ?? DEFAULT_FRAME_KB) * 1024) / 2) * 2),
    framed: frameSize !== undefined,
    extension: format === 'wav' ? '.wav' : '.pcm',
  };
};
