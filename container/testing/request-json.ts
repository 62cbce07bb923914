import { type IncomingMessage, request } from 'node:http';

/**
 * A request on a connection of its own, whose answer is JSON. `fetch` would use a connection again that the service closes at that
 * moment, when it was idle for as long as keep-alive allows.
 */
export async function requestJson(
  url: string,
  method = 'GET',
): Promise<{ status: number | undefined; body: unknown }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, body: JSON.parse(text) };
}
