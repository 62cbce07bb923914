import http from 'node:http';
import https from 'node:https';
import type { Clock } from '../../../lib/clock.ts';

/** The answer is a number of ten digits. */
const MAX_BODY_BYTES = 64;
const EPOCH_SECONDS = /^\s*(\d{9,11})\s*$/;

interface Options {
  /** The recogniser's address, `ws:` or `wss:`. */
  endpoint: URL;
  clock: Clock;
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Asks `GET /server_time` for the service's clock, as the official JS client does before it signs.
 * @returns epoch ms, or undefined where there was no usable answer in time; never rejects
 */
export function fetchServerTime({
  endpoint,
  clock,
  timeoutMs,
  signal,
}: Options): Promise<number | undefined> {
  const secure = endpoint.protocol === 'wss:';
  const url = `${secure ? 'https' : 'http'}://${endpoint.host}/server_time`;
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined);
    const request = (secure ? https : http).get(url, { agent: false });
    const settle = (answer: number | undefined) => {
      stopWaiting();
      signal.removeEventListener('abort', giveUp);
      resolve(answer);
      request.destroy();
    };
    const giveUp = () => settle(undefined);
    const stopWaiting = clock.after(timeoutMs, giveUp);
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
