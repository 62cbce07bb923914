import { configurationError, requiredSetting } from '../../shared/env.ts';

/** How to reach SentenceRecognition. */
export interface AsrConfig {
  secretId: string;
  secretKey: string;
  token: string | undefined;
  protocol: 'https:' | 'http:';
  /** Host, with the port where it is not the protocol's own. */
  host: string;
}

const DEFAULT_ENDPOINT = 'asr.tencentcloudapi.com';

/**
 * Reads `TENCENT_SECRET_ID`, `TENCENT_SECRET_KEY`, `TENCENT_TOKEN` (temporary credentials) and `ASR_ONESHOT_ENDPOINT`
 * (a host, or an address such as `http://host:port`).
 * @throws VoiceError INTERNAL naming the setting
 */
export function asrConfigFrom(env: NodeJS.ProcessEnv): AsrConfig {
  const endpoint = env.ASR_ONESHOT_ENDPOINT?.trim() || DEFAULT_ENDPOINT;
  const url = parse(endpoint.includes('://') ? endpoint : `https://${endpoint}`);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.pathname !== '/') {
    throw configurationError('ASR_ONESHOT_ENDPOINT is neither a host nor http(s)://host:port');
  }
  return {
    secretId: requiredSetting(env, 'TENCENT_SECRET_ID'),
    secretKey: requiredSetting(env, 'TENCENT_SECRET_KEY'),
    token: env.TENCENT_TOKEN?.trim() || undefined,
    protocol: url.protocol,
    host: url.host,
  };
}

const parse = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
