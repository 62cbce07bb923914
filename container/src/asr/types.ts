import type { ErrorCode } from '../../../contract/errors.ts';
import type { SampleRate } from '../../../contract/limits.ts';
import type { Hotword } from '../../../contract/stream.ts';
import type { Log } from '../log.ts';

/** What to recognise and how; already checked by `parseStart`. */
export interface AsrParams {
  engine: string;
  sampleRate: SampleRate;
  hotwords: Hotword[];
  /** Silence that ends a sentence (`vad_silence_time`), ms. */
  silenceMs: number;
  /** Whether the client wants them; the service is asked for them wherever the engine documents them. */
  wordTimes: boolean;
  /** Speech after which a sentence is ended (`max_speak_time`), ms; default: the service's own. */
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
 * A sentence as recognised so far (`slice_type` 0 or 1: `final: false`; 2: `final: true`). Times are ms of this
 * connection's audio; `index` is the service's and begins at 0 on every connection. A final may come without interims.
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

/** Why a connection has failed. */
export interface AsrFailure {
  /** Tencent's code, if one came. */
  code?: number;
  reason: 'code' | 'handshake-timeout' | 'refused' | 'network' | 'closed' | 'final-timeout' | 'protocol';
  class: AsrFailureClass;
  /** What the client is told when no further attempt is made. */
  error: ErrorCode;
  /** 4000: audio arrived faster than the service takes it; send at 1× from now on. */
  tooFast?: boolean;
  /** Wait at least this long before the next connection, ms. */
  retryAfterMs?: number;
  /** What was thrown, for the log. */
  cause?: unknown;
}

/** `finished` and `failed` end a connection: exactly one of them, once, and neither after `close()`. */
export interface AsrHandlers {
  /** The service accepted the connection: audio may be sent. */
  open(): void;
  sentence(sentence: AsrSentence): void;
  /** After `end()`: the service has sent its last message. */
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
   * No more audio. `finished()` or `failed()` follows within a bound. Before `open` it takes effect once the service has
   * accepted the connection; a second call changes nothing.
   */
  end(): void;
  /** Gives the connection up: no handler is called any more, whatever arrives. */
  close(): void;
}

/** Opens one connection. @param log says what becomes of it; default: the service's own log. @throws VoiceError UNKNOWN_ENGINE, BAD_SAMPLE_RATE: parameters that nobody checked */
export type ConnectAsr = (params: AsrParams, handlers: AsrHandlers, log?: AsrLog) => AsrConnection;

/** It is never given audio, text, keys or the signed address. */
export type AsrLog = Pick<Log, 'info' | 'warn'>;
