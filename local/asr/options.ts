import type { Clock } from '../../lib/clock.ts';

/** Limits of the service: documented ones (Tencent Cloud 1093/48982), unless a comment says that one is our choice. */
export interface AsrLimits {
  /** A stream that receives no audio for this long ends with 4008, ms. */
  idleMs: number;
  /** More than `windowAudioMs` of audio within a sliding window of `windowMs` ends a stream with 4000. */
  windowMs: number;
  windowAudioMs: number;
  /** Concurrent streams; one more is refused with 4006. */
  maxSessions: number;
  /** Permitted difference between a signature's timestamp and the clock, ms. Our choice: the service's tolerance is not documented. */
  skewMs: number;
  /** A voice_id that was used before is refused with 4001. The service forbids it; its reaction is not documented. */
  refuseUsedVoiceIds: boolean;
  /** The default of `max_speak_time`, ms. */
  maxSpeakMs: number;
  /** While the engine lags behind by more than this over all streams, a new stream is refused with 5001, ms. Our choice. */
  maxLagMs: number;
}

export const DEFAULT_LIMITS: AsrLimits = {
  idleMs: 15_000,
  windowMs: 1_000,
  windowAudioMs: 3_000,
  maxSessions: 200,
  skewMs: 300_000,
  refuseUsedVoiceIds: true,
  maxSpeakMs: 60_000,
  maxLagMs: 10_000,
};

export interface AsrServerOptions {
  /** 0: any free port. Default 0. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Known accounts: SecretId → SecretKey. */
  secrets: Readonly<Record<string, string>>;
  /** The AppID that all these accounts belong to. */
  appId: string;
  /** `phrases`: the phrase bank of `samplesDir`; otherwise the folder of a sherpa-onnx streaming model. */
  engine: 'phrases' | { model: string };
  samplesDir: string;
  limits?: Partial<AsrLimits>;
  /** Folder to which the audio of every stream is written as received, as `<voice_id>.pcm`. Default: none is written. */
  recordDir?: string;
  clock?: Clock;
}
