import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../../../lib/http-body.ts';

const MAX_BODY_BYTES = 20 * 1024 * 1024;
/** Longer than WeChat's client waits for a cloud function (60 s), so that the page's own limit applies. */
const TIMEOUT_MS = 65_000;

const refuse = (response: ServerResponse, status: number, errMsg: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { errCode: -1, errMsg } }));
};

/**
 * The local cloud's URL for `/_host/call/<name>?user=`, `/_host/upload?user=&path=` and `/_host/download?user=&fileID=`; undefined for
 * other paths.
 */
const target = (gatewayUrl: string, url: URL): URL | undefined => {
  const user = url.searchParams.get('user') ?? '';
  if (url.pathname.startsWith('/_host/call/'))
    return new URL(`/_local/call/${url.pathname.slice('/_host/call/'.length)}`, gatewayUrl);
  if (url.pathname === '/_host/download') {
    const query = new URLSearchParams({ user, fileID: url.searchParams.get('fileID') ?? '' });
    return new URL(`/_local/download?${query}`, gatewayUrl);
  }
  if (url.pathname !== '/_host/upload') return undefined;
  const query = new URLSearchParams({ user, path: url.searchParams.get('path') ?? '' });
  return new URL(`/_local/upload?${query}`, gatewayUrl);
};

/** Passes a cloud call of the page on to the local cloud, with the user whom WeChat would have verified. */
export const proxyToGateway = async (
  gatewayUrl: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const address = target(gatewayUrl, url);
  if (address === undefined || request.method !== 'POST') return refuse(response, 404, 'not found');
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const body = await readBody(request, MAX_BODY_BYTES);
    const answer = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': request.headers['content-type'] ?? 'application/octet-stream',
        'x-local-user': url.searchParams.get('user') ?? '',
      },
      body: new Uint8Array(body),
      signal: AbortSignal.any([gone.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/json',
    });
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch (error) {
    if (!response.headersSent)
      refuse(response, 502, `request:fail ${error instanceof Error ? error.message : ''}`);
    else response.destroy();
  }
};
