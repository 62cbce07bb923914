import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

/** What an upgrade is refused with. @param address `ws://…` */
export async function upgradeRefusal(
  address: string,
): Promise<{ status: number | undefined; body: unknown }> {
  const ws = new WebSocket(address);
  ws.on('error', () => {});
  try {
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
    let text = '';
    for await (const part of response) text += part;
    return { status: response.statusCode, body: JSON.parse(text) };
  } finally {
    ws.terminate();
  }
}
