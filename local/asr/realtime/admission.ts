import type { Clock } from '../../../lib/clock.ts';
import type { AsrLimits } from '../options.ts';
import type { Refusal } from './codes.ts';
import { parseParams, type StreamParams } from './params.ts';
import { sign, stringToSign, timingSafeEqualText } from './signature.ts';

/** Limit for `expired - timestamp`. Source: Tencent Cloud 1093/48982. */
const MAX_VALIDITY_S = 90 * 86_400;
/** How many used voice ids are remembered. */
const MAX_REMEMBERED_VOICE_IDS = 100_000;
const USED_VOICE_ID: Refusal = { code: 4001, detail: 'voice_id 已使用过' };

export interface AdmissionOptions {
  secrets: Readonly<Record<string, string>>;
  appId: string;
  limits: Pick<AsrLimits, 'skewMs' | 'refuseUsedVoiceIds'>;
  clock: Clock;
}

/** The decision about a connection's query. A refusal, too, repeats the voice id. */
export type AdmissionDecision = { voiceId: string } & ({ params: StreamParams } | { refusal: Refusal });

/** Decides whether a connection may open a stream: by its signature, its parameters, and that its voice_id is new. */
export class AdmissionControl {
  readonly #options: AdmissionOptions;
  readonly #usedVoiceIds = new Set<string>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** @param rawQuery what follows `?` in the request's target */
  admit(appId: string, rawQuery: string): AdmissionDecision {
    const pairs = [...new URLSearchParams(rawQuery)];
    const values = new Map(pairs);
    const voiceId = values.get('voice_id') ?? '';
    const refusal = this.#authenticate(appId, pairs, values);
    if (refusal) return { voiceId, refusal };
    const params = parseParams(values);
    if ('code' in params) return { voiceId, refusal: params };
    return this.#mayUse(params.voiceId) ? { voiceId, params } : { voiceId, refusal: USED_VOICE_ID };
  }

  #authenticate(appId: string, pairs: [string, string][], values: Map<string, string>): Refusal | null {
    const { secrets, limits, clock } = this.#options;
    const secretId = values.get('secretid') ?? '';
    const secretKey = Object.hasOwn(secrets, secretId) ? secrets[secretId] : undefined;
    if (secretKey === undefined || appId !== this.#options.appId) return { code: 4002 };
    if (!timingSafeEqualText(sign(stringToSign(appId, pairs), secretKey), values.get('signature') ?? '')) {
      return { code: 4002 };
    }
    const [timestamp, expired] = [values.get('timestamp') ?? '', values.get('expired') ?? ''];
    if (!/^\d{1,12}$/.test(timestamp) || !/^\d{1,12}$/.test(expired)) {
      return { code: 4001, detail: 'timestamp, expired' };
    }
    const [signedAt, expires, nowS] = [Number(timestamp), Number(expired), clock.now() / 1000];
    const valid = expires > signedAt && expires - signedAt < MAX_VALIDITY_S && nowS < expires;
    const fresh = Math.abs(nowS - signedAt) * 1000 <= limits.skewMs;
    return valid && fresh ? null : { code: 4002, detail: '签名已过期' };
  }

  /** Remembers the id. @returns false: it was used before */
  #mayUse(voiceId: string): boolean {
    if (this.#usedVoiceIds.has(voiceId)) return !this.#options.limits.refuseUsedVoiceIds;
    this.#usedVoiceIds.add(voiceId);
    if (this.#usedVoiceIds.size > MAX_REMEMBERED_VOICE_IDS) {
      const [oldest] = this.#usedVoiceIds;
      if (oldest !== undefined) this.#usedVoiceIds.delete(oldest);
    }
    return true;
  }
}
