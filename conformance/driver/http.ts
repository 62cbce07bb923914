import { type IncomingHttpHeaders, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { Mismatch, within } from '../check.ts';

const ANSWER_WITHIN_MS = 20_000;

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as JSON; undefined: it is none. */
  body: unknown;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A plain request, or one for an upgrade, that is answered as HTTP. @throws Mismatch: it became a WebSocket */
export function httpAnswer(
  url: string,
  path: string,
  { upgrade = false, method = 'GET' }: { upgrade?: boolean; method?: string } = {},
): Promise<HttpAnswer> {
  const address = new URL(path, url.replace(/^ws/, 'http'));
  const headers = upgrade
    ? {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      }
    : {};
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    const send = address.protocol === 'https:' ? requestTls : request;
    const outgoing = send(address, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: jsonOf(text) }),
      );
    });
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Mismatch(`${path} is refused`, 'an HTTP status', '101 Switching Protocols'));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
  return within(answer, ANSWER_WITHIN_MS, `an answer from ${path}`);
}
