import { validateHeaderValue } from 'node:http';
import type { Clock } from '../../../lib/clock.ts';
import { ClockSkew, fetchServerTime } from './clock-skew.ts';
import { ASR_LIMITS, type AsrLimits, TencentConnection } from './connection.ts';
import { identityParams, recognitionParams, signedQuery } from './request.ts';
import type { AsrLog, ConnectAsr } from './types.ts';

/** Temporary credentials travel in a header, as in the official Java client. */
const TOKEN_HEADER = 'X-TC-Token';

export interface TencentAsrOptions {
  /** `wss://host[:port]` or `ws://…`. */
  endpoint?: string;
  appId: string;
  secretId: string;
  secretKey: string;
  /** The session token of temporary credentials. */
  token?: string;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Makes a voice_id: at most 128 characters, another at every call. */
  newId: () => string;
  log?: AsrLog;
  limits?: Partial<AsrLimits>;
}

function endpointOf(endpoint: string): URL {
  const url = new URL(endpoint);
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:')
    throw new TypeError('endpoint must be ws:// or wss://');
  return url;
}

/**
 * Tencent Cloud's real-time recognition (1093/48982). Connects nothing by itself: each call of the answer opens one
 * connection with a voice_id of its own.
 * @throws TypeError an endpoint or token that cannot work
 * @example
 * const connect = createTencentAsr({
 *   appId, secretId, secretKey, clock: systemClock, random: systemRandom, newId: randomUUID,
 * });
 * const asr = connect(
 *   { engine: '16k_zh', sampleRate: 16_000, hotwords: [], silenceMs: 1_000, wordTimes: true },
 *   { open: () => asr.send(pcm), sentence: show, finished: done, failed: retryIfRetriable },
 * );
 */
export function createTencentAsr(options: TencentAsrOptions): ConnectAsr {
  const { appId, secretId, secretKey, token, clock, random, newId, log } = options;
  const endpoint = endpointOf(options.endpoint ?? 'wss://asr.cloud.tencent.com');
  const limits: AsrLimits = { ...ASR_LIMITS, ...options.limits };
  if (token !== undefined) validateHeaderValue(TOKEN_HEADER, token);
  const skew = new ClockSkew(clock, (signal) =>
    fetchServerTime(endpoint, clock, limits.SERVER_TIME_TIMEOUT_MS, signal),
  );

  return (asked, handlers, sessionLog = log) => {
    const voiceId = newId();
    const time = skew.signingTime();
    const params = {
      ...recognitionParams(asked),
      ...identityParams(secretId, voiceId, time.nowMs, random),
    };
    const query = signedQuery(appId, secretKey, params);
    return new TencentConnection(
      {
        voiceId,
        url: `${endpoint.protocol}//${endpoint.host}/asr/v2/${encodeURIComponent(appId)}?${query}`,
        headers: token === undefined ? {} : { [TOKEN_HEADER]: token },
        paramNames: Object.keys(params),
        limits,
        clock,
        log: sessionLog,
        onSignatureAccepted: () => skew.accepted(time),
        checkClock: (signal) => skew.refused(time, signal),
      },
      handlers,
    );
  };
}
