import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { describeFailure, ToolError } from '../cli.ts';

/** An instance that has to be started first may take longer to answer. */
const PROBE_TIMEOUT_MS = 5_000;

/**
 * Asks a service for anything, so that an address at which nothing listens is told at once. What answers late is left to the
 * session, which waits longer. Not `fetch`: that refuses some ports itself.
 * @throws ToolError
 */
export function ensureReachable(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getHttps : getHttp;
    const asked = get(new URL('/health', url), (response) => {
      response.resume();
      resolve();
    });
    asked.setTimeout(PROBE_TIMEOUT_MS, () => {
      resolve();
      asked.destroy();
    });
    asked.on('error', (error) => reject(new ToolError(`连不上 ${url}：${describeFailure(error)}`)));
  });
}
