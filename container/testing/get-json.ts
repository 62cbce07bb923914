import { get, type IncomingMessage } from 'node:http';

/**
 * A GET on a connection of its own. `fetch` would use one again that a service closes at that moment, when it was idle for as long
 * as its keep-alive allows.
 */
export async function getJson(url: string): Promise<{ status: number | undefined; body: unknown }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).on('error', reject);
  });
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, body: JSON.parse(text) };
}
