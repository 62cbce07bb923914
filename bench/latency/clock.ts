import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { nowUs } from '../processes/now-us.ts';

/** Answers every message with the time of the clock that all processes of this machine share, µs. */
export class TimeServer {
  readonly url: string;
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (ws) => {
      ws.on('message', () => ws.send(String(nowUs())));
      ws.on('error', () => ws.terminate());
    });
  }

  static async start(): Promise<TimeServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
    await once(server, 'listening');
    return new TimeServer(server);
  }

  async stop(): Promise<void> {
    for (const ws of this.#server.clients) ws.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
