import type { AsrLimits } from '../options.ts';
import type { Refusal } from './codes.ts';
import { parseParams, type StreamParams } from './params.ts';
import { queryPairs, sameText, sign, stringToSign } from './signature.ts';

const MAX_VALIDITY_S = 90 * 86_400;
/** Used voice ids that are remembered. */
const VOICE_ID_MEMORY = 100_000;

export interface GateOptions {
  secrets: Readonly<Record<string, string>>;
  appId: string;
  limits: Pick<AsrLimits, 'skewMs' | 'refuseUsedVoiceIds'>;
  /** Epoch ms. */
  now(): number;
}

/** What a connection's query came to; the voice id is echoed even to those who are refused. */
export type Admission = { voiceId: string } & ({ params: StreamParams } | { refusal: Refusal });

/** Decides who may open a stream: signature, parameters, and that a voice_id is used once. */
export class Gate {
  readonly #options: GateOptions;
  readonly #usedVoiceIds = new Set<string>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @param rawQuery what follows `?`, as it was sent */
  admit(appId: string, rawQuery: string): Admission {
    const pairs = queryPairs(rawQuery);
    const values = new Map(pairs);
    const voiceId = values.get('voice_id') ?? '';
    const refusal = this.#authenticate(appId, pairs, values);
    if (refusal) return { voiceId, refusal };
    const params = parseParams(values);
    if ('code' in params) return { voiceId, refusal: params };
    return this.#remember(params.voiceId) ? { voiceId, params } : { voiceId, refusal: USED };
  }

  #authenticate(appId: string, pairs: [string, string][], values: Map<string, string>): Refusal | null {
    const { secrets, limits, now } = this.#options;
    const secretId = values.get('secretid') ?? '';
    const secretKey = Object.hasOwn(secrets, secretId) ? secrets[secretId] : undefined;
    if (secretKey === undefined || appId !== this.#options.appId) return { code: 4002 };
    if (!sameText(sign(stringToSign(appId, pairs), secretKey), values.get('signature') ?? '')) {
      return { code: 4002 };
    }
    const [timestamp, expired] = [values.get('timestamp') ?? '', values.get('expired') ?? ''];
    if (!/^\d{1,12}$/.test(timestamp) || !/^\d{1,12}$/.test(expired)) {
      return { code: 4001, detail: 'timestamp, expired' };
    }
    const [signedAt, expires, nowS] = [Number(timestamp), Number(expired), now() / 1000];
    const valid = expires > signedAt && expires - signedAt < MAX_VALIDITY_S && nowS < expires;
    const fresh = Math.abs(nowS - signedAt) * 1000 <= limits.skewMs;
    return valid && fresh ? null : { code: 4002, detail: '签名已过期' };
  }

  /** False where the id was used before. */
  #remember(voiceId: string): boolean {
    if (this.#usedVoiceIds.has(voiceId)) return !this.#options.limits.refuseUsedVoiceIds;
    this.#usedVoiceIds.add(voiceId);
    if (this.#usedVoiceIds.size > VOICE_ID_MEMORY) {
      const [oldest] = this.#usedVoiceIds;
      if (oldest !== undefined) this.#usedVoiceIds.delete(oldest);
    }
    return true;
  }
}

const USED: Refusal = { code: 4001, detail: 'voice_id 已使用过' };
