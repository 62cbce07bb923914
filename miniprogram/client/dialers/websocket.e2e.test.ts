import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { browserFile, launchBrowser } from '../../../local/wechat/testing/browser.ts';
import { startServer } from '../testing/server.ts';

const SCRIPT = `
import { io } from '../io.ts';
import { platform, webSocket } from './websocket.ts';
Object.assign(globalThis, { connect: (url) => io(url, { dial: webSocket(), platform, reconnectionDelay: 10 }) });`;

/** What the script puts into the page. */
interface Page {
  connect(url: string): Page['socket'];
  socket: {
    connected: boolean;
    timeout(ms: number): { emitWithAck(event: string, value: unknown): Promise<ArrayBuffer> };
    disconnect(): void;
  };
}

it.skipIf(browserFile === undefined)(
  'a browser connects, exchanges binary, and is back when the network is',
  async () => {
    const server = await startServer();
    server.io.of('/chat').on('connection', (socket) => {
      socket.on('echo', (value, answer) => answer(value));
    });
    const { outputFiles } = await build({
      stdin: { contents: SCRIPT, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      target: 'es2017',
    });
    const browser = await launchBrowser();
    try {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
      const echo = (): Promise<number[]> =>
        page.evaluate(async () => {
          const { socket } = globalThis as unknown as Page;
          const answer = await socket.timeout(5000).emitWithAck('echo', Uint8Array.of(1, 2, 3).subarray(1));
          return [...new Uint8Array(answer)];
        });
      const connected = (): Promise<boolean> =>
        page.evaluate(() => (globalThis as unknown as Page).socket.connected);
      await page.evaluate((url) => {
        const own = globalThis as unknown as Page;
        own.socket = own.connect(url);
      }, `${server.url}/chat`);
      expect(await echo()).toEqual([2, 3]);
      await context.setOffline(true);
      await expect.poll(connected).toBe(false);
      await context.setOffline(false);
      await expect.poll(connected).toBe(true);
      expect(await echo()).toEqual([2, 3]);
      await page.evaluate(() => (globalThis as unknown as Page).socket.disconnect());
      await expect.poll(() => server.io.engine.clientsCount).toBe(0);
    } finally {
      await browser.close();
      await server.close();
    }
  },
);
