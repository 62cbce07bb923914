import type { ErrorCode } from '../../../contract/errors.ts';
import type { SampleRate } from '../../../contract/limits.ts';
import type { Hotword } from '../../../contract/stream.ts';

/** What a connection is asked for; already checked by `parseStart`. */
export interface AsrParams {
  engine: string;
  sampleRate: SampleRate;
  hotwords: Hotword[];
  silenceMs: number;
  /** Whether anybody wants to see them; the service is always asked where the engine documents it. */
  wordTimes: boolean;
  maxSpeakMs?: number;
}

export interface AsrWord {
  text: string;
  startMs: number;
  endMs: number;
  /** The service will not change it any more. */
  stable: boolean;
}

/**
 * slice_type 0 and 1 → `final: false`, 2 → `final: true`. Times are ms of this connection's audio; `index` is the
 * service's and begins at 0 on every connection. A sentence may come as a single final without interims.
 */
export interface AsrSentence {
  index: number;
  text: string;
  final: boolean;
  startMs: number;
  endMs: number;
  words: AsrWord[];
}

/** `retriable`: a new connection (with a new voice_id) may succeed; how often to try is the caller's rule. */
export type AsrFailureClass = 'retriable' | 'fatal';

export interface AsrFailure {
  /** Tencent's code where there was one. */
  code?: number;
  reason: 'code' | 'handshake-timeout' | 'refused' | 'network' | 'closed' | 'final-timeout' | 'protocol';
  class: AsrFailureClass;
  /** What to tell the client once trying again is over. */
  error: ErrorCode;
  /** 4000: audio arrived faster than the service takes it; send at 1× from now on. */
  tooFast?: boolean;
  /** Wait at least this long before the next connection, ms. */
  retryAfterMs?: number;
}

/** `finished` and `failed` end a connection: exactly one of them, once, and neither after `close()`. */
export interface AsrHandlers {
  /** The service accepted the connection: audio may be sent. */
  open(): void;
  sentence(sentence: AsrSentence): void;
  /** The service said all it had to say after `end()`. */
  finished(): void;
  failed(failure: AsrFailure): void;
}

export interface AsrConnection {
  readonly voiceId: string;
  /**
   * Hands PCM bytes to the network; never blocks, and takes a copy. Ignored once the connection has ended or failed.
   * @throws Error before `open` and after `end()`: a programming error
   */
  send(pcm: Uint8Array): void;
  /** Bytes accepted by `send` that the network has not taken yet. */
  readonly bufferedBytes: number;
  /**
   * No more audio. `finished()` or `failed('final-timeout')` follows within a bound. Before `open` it is kept until
   * the service has answered; a second call changes nothing.
   */
  end(): void;
  /** Abandon: no handler is called any more, whatever arrives. */
  close(): void;
}

/** Opens one connection. @throws VoiceError UNKNOWN_ENGINE, BAD_SAMPLE_RATE: parameters that nobody checked */
export type ConnectAsr = (params: AsrParams, handlers: AsrHandlers) => AsrConnection;

/** The part of a pino logger that is used here. It never sees audio, text, keys or the signed address. */
export interface AsrLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}
