import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { readBody } from '../../../lib/http-body.ts';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Parsed, where it is JSON; else the text. */
  body: unknown;
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  timeoutMs?: number;
}

/**
 * One HTTP request on a connection of its own. Not `fetch`: that refuses some ports itself, and hides why a connection failed.
 * @throws what the system says
 */
export async function ask(
  url: string,
  { method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS }: Asked = {},
): Promise<Answer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        readBody(response, MAX_ANSWER_BYTES).then(
          (bytes) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: parsed(bytes.toString('utf8')),
            }),
          reject,
        );
      },
    );
    // the reason of an abort says that the time was over
    asked.on('error', (error) => reject(error.name === 'AbortError' ? (error.cause ?? error) : error));
    asked.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
