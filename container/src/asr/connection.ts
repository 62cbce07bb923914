import { type ClientOptions, type RawData, WebSocket } from 'ws';
import type { Clock } from '../../../lib/clock.ts';
import { classify, lost, refused, whatOf } from './failures.ts';
import type { AsrLimits } from './limits.ts';
import { type AsrMessage, parseMessage } from './messages.ts';
import type { AsrConnection, AsrFailure, AsrHandlers, AsrLog } from './types.ts';

export interface ConnectionOptions {
  voiceId: string;
  /** Signed; a secret. */
  url: string;
  headers: Record<string, string>;
  /** Names of the query parameters: those that a refusal mentions are logged. */
  paramNames: readonly string[];
  limits: AsrLimits;
  clock: Clock;
  log: AsrLog | undefined;
  /** The signature was accepted. */
  accepted(): void;
  /** The signature was refused: can signing again help? Never rejects. */
  reviewSignature(signal: AbortSignal): Promise<boolean>;
}

/** dialing → greeting (waits for `code: 0`) → open → ending (waits for `final: 1`) → over; reviewing: after a 4002. */
type Phase = 'dialing' | 'greeting' | 'open' | 'ending' | 'reviewing' | 'over';

const AUTH_REFUSED = 4002;
const END = JSON.stringify({ type: 'end' });

/** An error of the system has a code of its own; what ws finds wrong in the stream has none, or one of its own. */
const isNetworkError = (error: NodeJS.ErrnoException): boolean =>
  error.code !== undefined && !error.code.startsWith('WS_ERR_');

/** ws destroys the socket when the other side has not closed within `closeTimeout`, which its types do not know yet. */
const socketOptions = ({ headers, limits }: ConnectionOptions): ClientOptions & { closeTimeout: number } => ({
  headers,
  perMessageDeflate: false,
  maxPayload: limits.MAX_MESSAGE_BYTES,
  closeTimeout: limits.CLOSE_WAIT_MS,
});

/** One socket, one voice_id, one terminal event. */
export class TencentConnection implements AsrConnection {
  readonly voiceId: string;
  readonly #options: ConnectionOptions;
  readonly #handlers: AsrHandlers;
  readonly #socket: WebSocket;
  readonly #abandoned = new AbortController();
  #phase: Phase = 'dialing';
  #stopWaiting: () => void;
  #endAsked = false;
  #garbage = 0;

  constructor(options: ConnectionOptions, handlers: AsrHandlers) {
    const { limits, clock } = options;
    this.voiceId = options.voiceId;
    this.#options = options;
    this.#handlers = handlers;
    this.#socket = new WebSocket(options.url, socketOptions(options));
    this.#stopWaiting = clock.after(limits.DIAL_TIMEOUT_MS, () => this.#fail(lost('handshake-timeout')));
    this.#socket.on('open', () => this.#upgraded());
    this.#socket.on('message', (data, isBinary) => this.#heard(data, isBinary));
    this.#socket.on('unexpected-response', (_, response) => {
      const { statusCode = 0, headers } = response;
      this.#fail(refused(statusCode, headers['retry-after']), { status: statusCode });
    });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#fail(lost(isNetworkError(error) ? 'network' : 'protocol'), { errno: error.code });
    });
    this.#socket.on('close', (closeCode) => this.#fail(lost('closed'), { closeCode }));
  }

  get bufferedBytes(): number {
    return this.#is('open', 'ending') ? this.#socket.bufferedAmount : 0;
  }

  send(pcm: Uint8Array): void {
    if (this.#is('over', 'reviewing')) return;
    if (!this.#is('open')) throw new Error(`audio while ${this.#phase}: only between open and end()`);
    if (pcm.byteLength === 0) return;
    if (this.#socket.bufferedAmount + pcm.byteLength > this.#options.limits.MAX_BUFFERED_BYTES) {
      // Told later, so that no handler is called from inside send.
      queueMicrotask(() => this.#fail(lost('network'), { bufferedBytes: this.bufferedBytes }));
      return;
    }
    this.#socket.send(pcm, { binary: true });
  }

  end(): void {
    this.#endAsked = true;
    if (!this.#is('open')) return;
    this.#phase = 'ending';
    this.#socket.send(END);
    this.#wait(this.#options.limits.FINAL_TIMEOUT_MS, 'final-timeout');
  }

  close(): void {
    if (this.#is('over')) return;
    this.#leave();
    this.#socket.close();
  }

  #is(...phases: Phase[]): boolean {
    return phases.includes(this.#phase);
  }

  #wait(ms: number, reason: 'handshake-timeout' | 'final-timeout'): void {
    this.#stopWaiting();
    this.#stopWaiting = this.#options.clock.after(ms, () => this.#fail(lost(reason)));
  }

  #leave(): void {
    this.#phase = 'over';
    this.#stopWaiting();
    this.#abandoned.abort();
  }

  #upgraded(): void {
    if (!this.#is('dialing')) return;
    this.#phase = 'greeting';
    this.#wait(this.#options.limits.HANDSHAKE_TIMEOUT_MS, 'handshake-timeout');
  }

  #heard(data: RawData, isBinary: boolean): void {
    if (this.#is('over', 'reviewing')) return;
    const message = isBinary ? undefined : parseMessage(data.toString());
    if (!message) this.#heardGarbage();
    else if (message.code !== 0) this.#heardCode(message);
    else this.#heardResult(message);
  }

  #heardResult({ sentence, final }: AsrMessage): void {
    if (this.#is('greeting')) this.#opened();
    if (sentence && this.#is('open', 'ending')) this.#handlers.sentence(sentence);
    if (!final) return;
    if (this.#is('ending')) this.#finish();
    // A last word that nobody asked for: audio sent after it would be lost, so this is no success.
    else this.#fail(lost('closed'), { unasked: 'final' });
  }

  #heardGarbage(): void {
    this.#garbage += 1;
    if (this.#garbage > this.#options.limits.MAX_GARBAGE_MESSAGES) this.#fail(lost('protocol'));
  }

  #opened(): void {
    this.#phase = 'open';
    this.#stopWaiting();
    this.#options.accepted();
    this.#options.log?.info({ voiceId: this.voiceId }, 'asr open');
    this.#handlers.open();
    if (this.#endAsked) this.end();
  }

  #heardCode({ code, message }: AsrMessage): void {
    const about = this.#options.paramNames.filter((name) => message.includes(name));
    const fields = { what: whatOf(code), ...(about.length > 0 && { about }) };
    const failure = classify(code);
    if (code === AUTH_REFUSED && this.#is('greeting')) void this.#review(failure, fields);
    else this.#fail(failure, fields);
  }

  async #review(failure: AsrFailure, fields: Record<string, unknown>): Promise<void> {
    this.#phase = 'reviewing';
    this.#stopWaiting();
    this.#socket.terminate();
    const helps = await this.#options.reviewSignature(this.#abandoned.signal);
    this.#fail(helps ? { ...failure, class: 'retriable' } : failure, fields, true);
  }

  #finish(): void {
    this.#leave();
    this.#socket.close();
    this.#options.log?.info({ voiceId: this.voiceId }, 'asr finished');
    this.#handlers.finished();
  }

  #fail(failure: AsrFailure, fields: Record<string, unknown> = {}, reviewed = false): void {
    if (this.#is('over') || (this.#is('reviewing') && !reviewed)) return;
    const phase = this.#phase;
    this.#leave();
    this.#socket.terminate();
    this.#options.log?.warn({ voiceId: this.voiceId, phase, ...failure, ...fields }, 'asr failed');
    this.#handlers.failed(failure);
  }
}
