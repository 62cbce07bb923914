import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../realtime/messages.ts';

export const ACCOUNT = { appId: '1250000000', secretId: 'AKIDEXAMPLE', secretKey: 'SKEXAMPLE' };

export type Query = Record<string, string | number>;

/** The parameters that a client sends by default: PCM at 16 kHz, sentences end at pauses. */
export const baseQuery = (nowS = Math.floor(Date.now() / 1000)): Query => ({
  secretid: ACCOUNT.secretId,
  timestamp: nowS,
  expired: nowS + 86_400,
  nonce: 1 + Math.floor(Math.random() * 1e9),
  engine_model_type: '16k_zh',
  voice_id: randomUUID(),
  voice_format: 1,
  needvad: 1,
});

/** Signs a query. Written from the documentation without the server's code, so that a mistake in either is noticed. */
export function signedPath(query: Query, secretKey = ACCOUNT.secretKey, appId = ACCOUNT.appId): string {
  const keys = Object.keys(query).sort();
  const text = `asr.cloud.tencent.com/asr/v2/${appId}?${keys.map((key) => `${key}=${query[key]}`).join('&')}`;
  const signature = createHmac('sha1', secretKey).update(text).digest('base64');
  const encoded = keys.map((key) => `${key}=${encodeURIComponent(String(query[key]))}`).join('&');
  return `/asr/v2/${appId}?${encoded}&signature=${encodeURIComponent(signature)}`;
}

/** A minimal client of the real-time service that keeps all received messages. */
export class AsrClient {
  readonly messages: ServerMessage[] = [];
  readonly socket: WebSocket;
  /** Resolves with the close code when the connection is closed (1006: without a close frame). */
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.messages.push(JSON.parse(data.toString()) as ServerMessage));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
  }

  /** @throws when the upgrade is refused */
  static async connect(url: string, path: string, headers: Record<string, string> = {}): Promise<AsrClient> {
    const client = new AsrClient(new WebSocket(url.replace('http', 'ws') + path, { headers }));
    // rejects with the socket's error
    await once(client.socket, 'open');
    return client;
  }

  static open(url: string, query: Query = {}): Promise<AsrClient> {
    return AsrClient.connect(url, signedPath({ ...baseQuery(), ...query }));
  }

  send(audio: Int16Array | Uint8Array): void {
    this.socket.send(Buffer.from(audio.buffer, audio.byteOffset, audio.byteLength));
  }

  end(): void {
    this.socket.send('{"type":"end"}');
  }

  /** Sends frames of 40 ms at `speed` times real time, then `end`, and waits for the close. */
  async stream(samples: Int16Array, speed: number, rateHz = 16_000): Promise<void> {
    const frame = (40 * rateHz) / 1000;
    const startedAt = performance.now();
    for (let at = 0; at < samples.length; at += frame) {
      const dueMs = (at * 1000) / rateHz / speed;
      const waitMs = dueMs - (performance.now() - startedAt);
      if (waitMs > 1) await sleep(waitMs);
      if (this.socket.readyState !== WebSocket.OPEN) break;
      this.send(samples.subarray(at, at + frame));
    }
    if (this.socket.readyState === WebSocket.OPEN) this.end();
    await this.closed;
  }

  /** Texts of the final results. */
  get sentences(): string[] {
    return this.messages.flatMap(({ result }) => (result?.slice_type === 2 ? [result.voice_text_str] : []));
  }

  get lastCode(): number | undefined {
    return this.messages.at(-1)?.code;
  }
}
