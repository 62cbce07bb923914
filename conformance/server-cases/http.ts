import { once } from 'node:events';
import { WebSocket } from 'ws';
import { recommended } from '../case.ts';
import { equal, like, text, that, within } from '../check.ts';
import { httpAnswer } from '../driver/http.ts';
import type { ServerCase, ServerContext } from '../server-context.ts';

const ECHO = '/test-ws';
const ECHO_WITHIN_MS = 10_000;
const NOT_FOUND = {
  status: 404,
  body: {
    error: {
      code: 'NOT_FOUND',
      message: text,
      retriable: false,
      paths: (paths: unknown) => Array.isArray(paths),
    },
  },
};

async function echo({ server }: ServerContext): Promise<WebSocket> {
  const ws = new WebSocket(new URL(ECHO, server.url.replace(/^http/, 'ws')));
  ws.on('error', () => {});
  await within(once(ws, 'open'), ECHO_WITHIN_MS, 'an echo');
  return ws;
}

const closeCode = async (ws: WebSocket): Promise<number> => {
  const [code] = (await within(once(ws, 'close'), ECHO_WITHIN_MS, 'the end of the connection')) as [number];
  return code;
};

export const HTTP_CASES: ServerCase[] = recommended<ServerCase>([
  {
    name: 'an upgrade on a path that does not exist is 404, and says which do',
    ids: ['R-HTTP-1', 'R-TRANSPORT-2'],
    run: async ({ server }) => {
      for (const path of ['/', '/nowhere', '/ws/', '/health'])
        like(`the answer at ${path}`, await httpAnswer(server.url, path, { upgrade: true }), NOT_FOUND);
    },
  },
  {
    name: 'a plain request on a path that does not exist is 404',
    ids: ['R-HTTP-2'],
    run: async ({ server }) => {
      like('the answer', await httpAnswer(server.url, '/nowhere'), NOT_FOUND);
    },
  },
  {
    name: 'a plain request on a path for WebSockets is 426',
    ids: ['R-HTTP-3'],
    run: async ({ server }) => {
      for (const path of ['/api/realtime-voice/stream', '/ws', ECHO])
        like(`the answer at ${path}`, await httpAnswer(server.url, path), {
          status: 426,
          headers: { upgrade: 'websocket' },
          body: { error: { code: 'USE_WEBSOCKET', message: text, retriable: false } },
        });
    },
  },
  {
    name: 'Socket.IO’s polling is 400 USE_WEBSOCKET',
    ids: ['R-HTTP-4'],
    needs: ['socketio'],
    run: async ({ server }) => {
      for (const upgrade of [false, true])
        like('the answer', await httpAnswer(server.url, '/socket.io/?EIO=4&transport=polling', { upgrade }), {
          status: 400,
          body: { code: 'USE_WEBSOCKET' },
        });
    },
  },
  {
    name: 'an unknown version of Engine.IO, or none, is 400',
    ids: ['R-HTTP-4'],
    needs: ['socketio'],
    run: async ({ server }) => {
      for (const query of ['transport=websocket', 'EIO=5&transport=websocket'])
        like(
          `the answer to ${query}`,
          await httpAnswer(server.url, `/socket.io/?${query}`, { upgrade: true }),
          {
            status: 400,
            body: { code: 'BAD_REQUEST' },
          },
        );
    },
  },
  {
    name: 'the HTTP interfaces that are served elsewhere say so',
    ids: ['R-HTTP-5'],
    run: async ({ server }) => {
      for (const name of ['recognize', 'history', 'stats'])
        for (const method of ['GET', 'POST'])
          like(
            `${method} ${name}`,
            await httpAnswer(server.url, `/api/realtime-voice/${name}`, { method }),
            NOT_FOUND,
          );
    },
  },
  {
    name: 'the health pages answer',
    ids: ['R-HTTP-6'],
    run: async ({ server }) => {
      for (const path of ['/health', '/ready'])
        like(`the answer at ${path}`, await httpAnswer(server.url, path), {
          status: 200,
          body: { ok: true },
        });
    },
  },
  {
    name: 'the echo gives text and bytes back without a ticket',
    ids: ['R-ECHO-1'],
    run: async (context) => {
      const ws = await echo(context);
      for (const message of ['你好', Buffer.from([0, 1, 255]), 'x'.repeat(4_096)]) {
        ws.send(message);
        const [data, isBinary] = (await within(once(ws, 'message'), ECHO_WITHIN_MS, 'the echo')) as [
          Buffer,
          boolean,
        ];
        equal('its kind', isBinary, typeof message !== 'string');
        that(
          'what came back',
          data.equals(Buffer.from(message)),
          data.length,
          `${Buffer.from(message).length} bytes`,
        );
      }
      ws.close();
    },
  },
  {
    name: 'a message to the echo of more than 4,096 bytes closes it with 1009',
    ids: ['R-ECHO-2'],
    run: async (context) => {
      const ws = await echo(context);
      ws.send('x'.repeat(4_097));
      equal('the code', await closeCode(ws), 1_009);
    },
  },
  {
    name: 'more than five messages a second to the echo close it with 1008',
    ids: ['R-ECHO-2'],
    run: async (context) => {
      const ws = await echo(context);
      let answers = 0;
      ws.on('message', () => {
        answers += 1;
      });
      for (let i = 0; i < 20; i++) ws.send('x');
      equal('the code', await closeCode(ws), 1_008);
      that('answers', answers >= 5 && answers < 10, answers, '5 … 9');
    },
  },
  {
    name: 'a hundred echoes at once are enough',
    ids: ['R-ECHO-3'],
    alone: true,
    run: async (context) => {
      const { server } = context;
      const open: WebSocket[] = [];
      try {
        for (let i = 0; i < 100; i++) open.push(await echo(context));
        like('one more', await httpAnswer(server.url, ECHO, { upgrade: true }), {
          status: 429,
          body: { error: { code: 'RATE_LIMITED', retryAfterMs: (ms: unknown) => Number(ms) > 0 } },
        });
      } finally {
        for (const ws of open) ws.terminate();
      }
    },
  },
]);
