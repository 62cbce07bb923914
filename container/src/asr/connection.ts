import { type ClientOptions, type RawData, WebSocket } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import { stateTable } from '../../../lib/state-table.ts';
import { keepNoReadMemory } from '../message-memory.ts';
import { codeMeaning, connectionLostFailure, failureOfCode, upgradeRefusedFailure } from './failures.ts';
import { type AsrMessage, parseMessage } from './messages.ts';
import type { AsrConnection, AsrFailure, AsrHandlers, AsrLog } from './types.ts';

/** Every bound of a connection to the recogniser. */
export const ASR_LIMITS = {
  /** Name lookup, TCP, TLS and the upgrade. */
  DIAL_TIMEOUT_MS: 5_000,
  /** From the upgrade to the service's first `code: 0`. */
  HANDSHAKE_TIMEOUT_MS: 10_000,
  /** From `end()` to `final: 1`, the audio still buffered included. */
  FINAL_TIMEOUT_MS: 10_000,
  /** How long the other side may take to close before the socket is destroyed. */
  CLOSE_WAIT_MS: 2_000,
  SERVER_TIME_TIMEOUT_MS: 3_000,
  /** A final with word times is a few tens of kilobytes. */
  MAX_MESSAGE_BYTES: 1_048_576,
  /** 20 s at 16 kHz: a network that far behind is not going to catch up. */
  MAX_BUFFERED_BYTES: 640_000,
  /** Unreadable messages that one connection may bring. */
  MAX_UNREADABLE_MESSAGES: 5,
} as const;

export type AsrLimits = { readonly [Name in keyof typeof ASR_LIMITS]: number };

/**
 * `dialing`: until the upgrade. `handshake`: until the service's first `code: 0`. `ending`: `end` was sent, until
 * `final: 1`. `checking-clock`: the signature was refused, and the service's time is being asked for.
 */
export type ConnectionState =
  | 'dialing'
  | 'handshake'
  | 'open'
  | 'ending'
  | 'checking-clock'
  | 'finished'
  | 'failed'
  | 'closed';
export type ConnectionEvent =
  | 'upgraded'
  | 'accepted'
  | 'final'
  | 'signatureRefused'
  | 'clockChecked'
  | 'failure'
  | 'end'
  | 'close';

/**
 * From the service: `upgraded`, `accepted` (a message with `code: 0`), `final` (one with `final: 1`; only after `end` is it
 * a success, since audio sent after it would be lost), `signatureRefused` (4002), `failure` (another code, the network, a
 * timeout). From this side: `clockChecked`, `end`, `close`.
 * `stay`: the event has its effect, and the state remains; `none`: it has no effect.
 */
// biome-ignore format: read as a table
export const CONNECTION_TABLE = stateTable<ConnectionState, ConnectionEvent, ConnectionState | 'stay' | 'none'>(
                   ['dialing',   'handshake',      'open',   'ending',   'checking-clock', 'finished', 'failed', 'closed'], {
  upgraded:         ['handshake', 'none',           'none',   'none',     'none',           'none',     'none',   'none'],
  accepted:         ['none',      'open',           'stay',   'stay',     'none',           'none',     'none',   'none'],
  final:            ['failed',    'failed',         'failed', 'finished', 'none',           'none',     'none',   'none'],
  signatureRefused: ['failed',    'checking-clock', 'failed', 'failed',   'none',           'none',     'none',   'none'],
  clockChecked:     ['none',      'none',           'none',   'none',     'failed',         'none',     'none',   'none'],
  failure:          ['failed',    'failed',         'failed', 'failed',   'none',           'none',     'none',   'none'],
  end:              ['stay',      'stay',           'ending', 'none',     'none',           'none',     'none',   'none'],
  close:            ['closed',    'closed',         'closed', 'closed',   'closed',         'none',     'none',   'none'],
});

/** States that last a bounded time, and what the failure is called when it is over. */
const TIMEOUTS: Partial<
  Record<ConnectionState, { limit: keyof AsrLimits; reason: 'handshake-timeout' | 'final-timeout' }>
> = {
  dialing: { limit: 'DIAL_TIMEOUT_MS', reason: 'handshake-timeout' },
  handshake: { limit: 'HANDSHAKE_TIMEOUT_MS', reason: 'handshake-timeout' },
  ending: { limit: 'FINAL_TIMEOUT_MS', reason: 'final-timeout' },
};

const SIGNATURE_REFUSED = 4002;
const END_MESSAGE = JSON.stringify({ type: 'end' });

/** An error of the system has a code of its own; what ws finds wrong in the stream has none, or one of its own. */
const isNetworkError = (error: NodeJS.ErrnoException): boolean =>
  error.code !== undefined && !error.code.startsWith('WS_ERR_');

export interface ConnectionOptions {
  voiceId: string;
  /** Signed; a secret. */
  url: string;
  headers: Record<string, string>;
  /** Names of the query parameters: those that the message of a code names are logged. */
  paramNames: readonly string[];
  limits: AsrLimits;
  clock: Clock;
  log: AsrLog | undefined;
  /** Called when the service has accepted the signature. */
  onSignatureAccepted(): void;
  /** Called when it refused the signature. @returns whether signing again can help; never rejects */
  checkClock(signal: AbortSignal): Promise<boolean>;
}

/** ws destroys the socket when the other side has not closed within `closeTimeout`, which its types do not know yet. */
const socketOptions = ({ headers, limits }: ConnectionOptions): ClientOptions & { closeTimeout: number } => ({
  headers,
  perMessageDeflate: false,
  maxPayload: limits.MAX_MESSAGE_BYTES,
  closeTimeout: limits.CLOSE_WAIT_MS,
});

/** One socket, one voice_id, one of `finished()` and `failed()`. Protocol: Tencent Cloud 1093/48982. */
export class TencentConnection implements AsrConnection {
  readonly voiceId: string;
  readonly #options: ConnectionOptions;
  readonly #handlers: AsrHandlers;
  readonly #socket: WebSocket;
  /** Aborted when the connection is over. */
  readonly #over = new AbortController();
  #state: ConnectionState = 'dialing';
  #cancelTimeout: () => void = () => {};
  /** `end()` was called before the service had accepted the connection. */
  #endAsked = false;
  #unreadable = 0;

  constructor(options: ConnectionOptions, handlers: AsrHandlers) {
    this.voiceId = options.voiceId;
    this.#options = options;
    this.#handlers = handlers;
    this.#socket = new WebSocket(options.url, socketOptions(options));
    this.#startTimeout();
    this.#socket.on('open', () => {
      keepNoReadMemory(this.#socket);
      this.#on('upgraded');
    });
    this.#socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    this.#socket.on('unexpected-response', (_, { statusCode: status = 0, headers }) => {
      this.#on('failure', upgradeRefusedFailure(status, headers['retry-after']), { status });
    });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      const reason = isNetworkError(error) ? 'network' : 'protocol';
      this.#on('failure', connectionLostFailure(reason), { errno: error.code });
    });
    this.#socket.on('close', (closeCode) =>
      this.#on('failure', connectionLostFailure('closed'), { closeCode }),
    );
  }

  get bufferedBytes(): number {
    return this.#state === 'open' || this.#state === 'ending' ? this.#socket.bufferedAmount : 0;
  }

  send(pcm: Uint8Array): void {
    const state = this.#state;
    if (state === 'dialing' || state === 'handshake' || state === 'ending')
      throw new Error(`audio while ${state}: only between open and end()`);
    if (state !== 'open' || pcm.byteLength === 0) return;
    if (this.#socket.bufferedAmount + pcm.byteLength > this.#options.limits.MAX_BUFFERED_BYTES) {
      // reported later, so that no handler is called from inside send
      queueMicrotask(() =>
        this.#on('failure', connectionLostFailure('network'), { bufferedBytes: this.bufferedBytes }),
      );
      return;
    }
    this.#socket.send(pcm, { binary: true });
  }

  end(): void {
    this.#on('end');
  }

  close(): void {
    this.#on('close');
  }

  /** The only place where the state changes: as the table says for `event`, which is the reason. */
  #on(
    event: ConnectionEvent,
    failure = connectionLostFailure('closed'),
    fields: Record<string, unknown> = {},
  ): void {
    const from = this.#state;
    const next = CONNECTION_TABLE.next(from, event);
    if (next === 'stay' && event === 'end') this.#endAsked = true;
    if (next === 'stay' || next === 'none') return;
    this.#state = next;
    this.#cancelTimeout();
    this.#startTimeout();
    if (next === 'finished' || next === 'failed' || next === 'closed') this.#over.abort();
    this.#entered(from, failure, fields);
  }

  /** What is done on entering a state. */
  #entered(from: ConnectionState, failure: AsrFailure, fields: Record<string, unknown>): void {
    const { voiceId } = this;
    const { log } = this.#options;
    switch (this.#state) {
      case 'open':
        this.#options.onSignatureAccepted();
        log?.info({ voiceId }, 'asr open');
        this.#handlers.open();
        if (this.#endAsked) this.end();
        return;
      case 'ending':
        this.#socket.send(END_MESSAGE);
        return;
      case 'checking-clock':
        this.#socket.terminate();
        void this.#checkClock(failure, fields);
        return;
      case 'finished':
        this.#socket.close();
        log?.info({ voiceId }, 'asr finished');
        this.#handlers.finished();
        return;
      case 'failed':
        this.#socket.terminate();
        log?.warn({ voiceId, phase: from, ...failure, ...fields }, 'asr failed');
        this.#handlers.failed(failure);
        return;
      case 'closed':
        this.#socket.close();
    }
  }

  #startTimeout(): void {
    const timeout = TIMEOUTS[this.#state];
    const { clock, limits } = this.#options;
    this.#cancelTimeout = timeout
      ? clock.after(limits[timeout.limit], () => this.#on('failure', connectionLostFailure(timeout.reason)))
      : () => {};
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const message = isBinary ? undefined : parseMessage(data.toString());
    if (!message) this.#onUnreadable();
    else if (message.code !== 0) this.#onCode(message);
    else this.#onResult(message);
  }

  #onResult({ sentence, final }: AsrMessage): void {
    this.#on('accepted');
    if (sentence && (this.#state === 'open' || this.#state === 'ending')) this.#handlers.sentence(sentence);
    if (final) this.#on('final', connectionLostFailure('closed'), { unasked: 'final' });
  }

  #onUnreadable(): void {
    this.#unreadable += 1;
    if (this.#unreadable > this.#options.limits.MAX_UNREADABLE_MESSAGES)
      this.#on('failure', connectionLostFailure('protocol'));
  }

  #onCode({ code, message }: AsrMessage): void {
    const about = this.#options.paramNames.filter((name) => message.includes(name));
    const fields = { what: codeMeaning(code), ...(about.length > 0 && { about }) };
    this.#on(code === SIGNATURE_REFUSED ? 'signatureRefused' : 'failure', failureOfCode(code), fields);
  }

  async #checkClock(failure: AsrFailure, fields: Record<string, unknown>): Promise<void> {
    const helps = await this.#options.checkClock(this.#over.signal);
    this.#on('clockChecked', helps ? { ...failure, class: 'retriable' } : failure, fields);
  }
}
