import http from 'node:http';
import https from 'node:https';
import type { Clock } from '../../../lib/clock.ts';

/** The time that a request was signed with. */
export interface SigningTime {
  /** The service's time as it was known, epoch ms. */
  readonly nowMs: number;
  /** How many times the offset had been corrected by then. */
  readonly corrections: number;
}

/**
 * The difference between this machine's clock and the service's, for signing. It is zero until a signature was
 * refused; then the service's clock is asked once. It may be asked again only after a signature was accepted, so
 * wrong keys are not retried for ever, and a clock that is corrected later does not leave a wrong offset behind.
 */
export class ClockSkew {
  readonly #clock: Clock;
  readonly #serverTime: (signal: AbortSignal) => Promise<number | undefined>;
  #offsetMs = 0;
  #corrections = 0;
  /** The offset was corrected, and no signature has been accepted since. */
  #unproven = false;

  /** @param serverTime the service's clock in epoch ms, undefined where it gives none; never rejects */
  constructor(clock: Clock, serverTime: (signal: AbortSignal) => Promise<number | undefined>) {
    this.#clock = clock;
    this.#serverTime = serverTime;
  }

  signingTime(): SigningTime {
    return { nowMs: this.#clock.now() + this.#offsetMs, corrections: this.#corrections };
  }

  /** The service accepted what was signed. */
  accepted({ corrections }: SigningTime): void {
    if (corrections === this.#corrections) this.#unproven = false;
  }

  /**
   * The service refused what was signed. Never rejects.
   * @returns whether signing again can help
   */
  async refused({ corrections }: SigningTime, signal: AbortSignal): Promise<boolean> {
    if (corrections !== this.#corrections) return true;
    if (this.#unproven) return false;
    const serverMs = await this.#serverTime(signal);
    if (serverMs === undefined) return false;
    if (corrections === this.#corrections) {
      this.#offsetMs = serverMs - this.#clock.now();
      this.#corrections += 1;
      this.#unproven = true;
    }
    return true;
  }
}

/** The answer is a number of ten digits. */
const MAX_BODY_BYTES = 64;
const EPOCH_SECONDS = /^\s*(\d{9,11})\s*$/;

/**
 * Asks `GET /server_time` for the service's clock, as the official JS client does before it signs.
 * @param endpoint the recogniser's address, `ws:` or `wss:`
 * @returns epoch ms, or undefined where there was no usable answer in time; never rejects
 */
export function fetchServerTime(
  endpoint: URL,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const secure = endpoint.protocol === 'wss:';
  const url = `${secure ? 'https' : 'http'}://${endpoint.host}/server_time`;
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    const request = (secure ? https : http).get(url, { agent: false });
    const settle = (answer: number | undefined) => {
      cancelTimeout();
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
      request.destroy();
    };
    const giveUp = () => settle(undefined);
    const cancelTimeout = clock.after(timeoutMs, giveUp);
    signal.addEventListener('abort', giveUp);
    request.on('error', giveUp);
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('error', giveUp);
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length > MAX_BODY_BYTES) giveUp();
      });
      response.on('end', () => {
        const seconds = response.statusCode === 200 ? EPOCH_SECONDS.exec(body)?.[1] : undefined;
        settle(seconds === undefined ? undefined : Number(seconds) * 1000);
      });
    });
  });
}
