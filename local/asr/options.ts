import type { Clock } from '../../lib/clock.ts';

/** Limits of the service, as documented unless a comment says that it is our choice. */
export interface AsrLimits {
  /** A stream without audio for longer ends with 4008, ms. */
  idleMs: number;
  /** More audio than `windowAudioMs` within `windowMs` of time ends a stream with 4000. The window slides. */
  windowMs: number;
  windowAudioMs: number;
  /** Streams at the same time; one more is refused with 4006. */
  maxSessions: number;
  /** How far a signature's timestamp may be off, ms. The service's own tolerance is not documented. */
  skewMs: number;
  /** A voice_id used before is refused with 4001. The service only forbids it; how it reacts is not documented. */
  refuseUsedVoiceIds: boolean;
  /** The default of `max_speak_time`, ms. */
  maxSpeakMs: number;
  /** Unrecognised audio of all streams together above which a new stream is refused with 5001, ms. Our choice. */
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
  /** The only AppID that these secrets are good for. */
  appId: string;
  /** `phrases`: the bank in `samplesDir`. Otherwise the folder of a sherpa-onnx streaming model. */
  engine: 'phrases' | { model: string };
  samplesDir: string;
  limits?: Partial<AsrLimits>;
  /** Where the audio of every stream is kept as received, `<voice_id>.pcm`. Default: nowhere. */
  recordDir?: string;
  clock?: Clock;
}
