import { once } from 'node:events';
import { WebSocket } from 'ws';
import { silence } from '../audio.ts';
import { recommended, required } from '../case.ts';
import { absent, equal, like, Mismatch, that, within } from '../check.ts';
import type { Data } from '../driver/connection.ts';
import { connectNative, dial, NativeConnection } from '../driver/native.ts';
import { connectSocketIo } from '../driver/socketio.ts';
import { errorOf, type ServerCase, type ServerContext } from '../server-context.ts';
import {
  begin,
  CLIENT_ID,
  fence,
  granted,
  isText,
  nextPosOf,
  refused,
  send,
  stop,
  textOf,
} from '../steps.ts';

const FRAME_WITHIN_MS = 15_000;

/** Engine.IO as it is on the wire: packets one by one. */
async function engineIo(
  { server, ticket, user }: ServerContext,
  version: 3 | 4,
): Promise<{
  ws: WebSocket;
  next(matches: (packet: string) => boolean): Promise<string>;
}> {
  const address = new URL(server.path ?? '/socket.io/', server.url.replace(/^http/, 'ws'));
  for (const [name, value] of Object.entries({
    EIO: `${version}`,
    transport: 'websocket',
    ticket: await ticket(user),
  }))
    address.searchParams.set(name, value);
  const ws = new WebSocket(address);
  const packets: string[] = [];
  ws.on('message', (data) => packets.push(String(data)));
  ws.on('error', () => {});
  const next = async (matches: (packet: string) => boolean): Promise<string> => {
    for (;;) {
      const found = packets.find(matches);
      if (found !== undefined) return found;
      await within(once(ws, 'message'), FRAME_WITHIN_MS, `a packet behind ${packets.join(' ')}`);
    }
  };
  return { ws, next };
}

/** Of the JSON behind a packet's digits and namespace. */
const jsonOf = (packet: string): Data =>
  JSON.parse(packet.slice(packet.indexOf('{'), packet.lastIndexOf('}') + 1)) as Data;

export const SOCKET_IO_CASES: ServerCase[] = [
  ...required<ServerCase>([
    {
      name: 'the official client joins the namespace over WebSocket',
      ids: ['R-SIO-1', 'R-TRANSPORT-1'],
      needs: ['socketio'],
      run: async ({ connect }) => {
        like('the answer to start', await begin(await connect()), { state: 'live' });
      },
    },
    {
      name: 'binary audio passes as an attachment, and without an acknowledgement',
      ids: ['R-SIO-1', 'R-AUDIO-1'],
      needs: ['socketio'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        equal('received', await nextPosOf(one), 1_600);
      },
    },
    {
      name: 'connection state recovery is off',
      ids: ['R-SIO-4'],
      needs: ['socketio'],
      run: async (context) => {
        const { ws, next } = await engineIo(context, 4);
        await next((packet) => packet.startsWith('0'));
        ws.send('40/realtime-voice,{}');
        like(
          'the answer to CONNECT',
          jsonOf(await next((packet) => packet.startsWith('40/realtime-voice'))),
          {
            pid: absent,
          },
        );
        ws.close();
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'heartbeats come every ten seconds',
      ids: ['R-TRANSPORT-4'],
      needs: ['socketio'],
      run: async (context) => {
        const { ws, next } = await engineIo(context, 4);
        const open = jsonOf(await next((packet) => packet.startsWith('0')));
        like('the handshake', open, { pingInterval: 10_000, pingTimeout: (ms: number) => ms <= 10_000 });
        ws.send('40/realtime-voice,{}');
        await next((packet) => packet === '2');
        // no answer to it
        const [code] = (await within(once(ws, 'close'), 25_000, 'the end of the connection')) as [number];
        that('the end', code > 0, code);
      },
    },
    {
      name: 'the default namespace answers every event with USE_NAMESPACE',
      ids: ['R-SIO-2'],
      needs: ['socketio'],
      run: async ({ server, ticket, user }) => {
        const { url, path } = server;
        const root = await connectSocketIo({ url, path, ticket: await ticket(user) }, '/');
        like('with an answer', errorOf(await root.ask('start', {})), {
          code: 'USE_NAMESPACE',
          retriable: false,
        });
        root.say('audio', {});
        like('without', await root.next('error'), { code: 'USE_NAMESPACE' });
        root.close();
      },
    },
    {
      name: 'Engine.IO 3 is accepted',
      ids: ['R-SIO-3'],
      needs: ['socketio'],
      run: async (context) => {
        const { ws, next } = await engineIo(context, 3);
        await next((packet) => packet.startsWith('0'));
        ws.send('40/realtime-voice,');
        await next((packet) => packet.startsWith('40/realtime-voice'));
        ws.send(`42/realtime-voice,7${JSON.stringify(['start', { clientId: CLIENT_ID }])}`);
        const answer = await next((packet) => packet.startsWith('43/realtime-voice,7'));
        like('the answer', jsonOf(answer), { state: 'live', nextPos: 0 });
        ws.close();
      },
    },
  ]),
];

/** Messages of a connection as they are, for cases about how they are written. */
async function rawNative({ server, ticket, user }: ServerContext): Promise<{
  ws: WebSocket;
  next(matches: (message: Data) => boolean): Promise<Data>;
}> {
  const ws = dial({ url: server.url, path: server.path, ticket: await ticket(user) });
  const messages: Data[] = [];
  ws.on('message', (data) => messages.push(JSON.parse(String(data)) as Data));
  ws.on('error', () => {});
  await within(once(ws, 'open'), FRAME_WITHIN_MS, 'a connection');
  const next = async (matches: (message: Data) => boolean): Promise<Data> => {
    for (;;) {
      const found = messages.find(matches);
      if (found) return found;
      await within(once(ws, 'message'), FRAME_WITHIN_MS, `a message behind ${JSON.stringify(messages)}`);
    }
  };
  return { ws, next };
}

const native = (connection: unknown): NativeConnection => {
  if (connection instanceof NativeConnection) return connection;
  throw new Mismatch('the connection', 'a plain WebSocket', connection);
};

export const NATIVE_CASES: ServerCase[] = [
  ...required<ServerCase>([
    ...(['envelope', 'flat'] as const).map((shape) => ({
      name: `a session in the ${shape} way of writing`,
      ids: ['R-WS-1', 'R-TRANSPORT-1'],
      needs: ['native'] as const,
      run: async ({ connect }: ServerContext) => {
        const one = await connect({ shape });
        const { sessionId } = await begin(one);
        like('ready', await one.next('ready'), { sessionId, nextPos: 0 });
        one.audio(silence(300), { pos: 0 });
        like('progress', await one.next('progress', ({ nextPos }) => nextPos === 4_800), { sessionId });
        const ended = await stop(one, 4_800);
        like('completed', await one.next('completed'), { ...ended, sessionId });
      },
    })),
    {
      name: 'events and answers are written as the page says, with an envelope',
      ids: ['R-WS-1', 'R-WS-2'],
      needs: ['native'],
      run: async (context) => {
        const { ws, next } = await rawNative(context);
        ws.send('{"event":"start","id":41,"data":{"clientId":"client-0001"}}');
        like('the answer', await next(({ ack }) => ack !== undefined), { ack: 41, data: { state: 'live' } });
        like('ready', await next(({ event }) => event === 'ready'), { data: { nextPos: 0 }, type: absent });
        ws.close();
      },
    },
    {
      name: 'events and answers are written as the page says, flat',
      ids: ['R-WS-1', 'R-WS-2'],
      needs: ['native'],
      run: async (context) => {
        const { ws, next } = await rawNative(context);
        ws.send('{"type":"start","id":41,"clientId":"client-0001"}');
        like('the answer', await next(({ type }) => type === 'ack'), { id: 41, data: { state: 'live' } });
        like('ready', await next(({ type }) => type === 'ready'), {
          nextPos: 0,
          data: absent,
          event: absent,
        });
        ws.close();
      },
    },
    {
      name: 'a request without an id has no answer',
      ids: ['R-WS-2'],
      needs: ['native'],
      run: async ({ connect }) => {
        const one = await connect();
        one.say('start', { clientId: CLIENT_ID });
        await one.next('ready');
        await fence(one);
        equal('answers that nobody asked for', one.of('(ack)'), []);
      },
    },
    {
      name: 'what is no JSON, or written the other way, is BAD_REQUEST, and the connection stays',
      ids: ['R-WS-3'],
      needs: ['native'],
      run: async ({ connect }) => {
        const one = native(await connect());
        await begin(one);
        const messages = ['no json', '[]', '7', '{}', '{"type":"stop"}', '{"event":7}'];
        for (const message of messages) one.send(message);
        await fence(one);
        equal(
          'errors',
          one.of('error').map(({ code }) => code),
          messages.map(() => 'BAD_REQUEST'),
        );
        like('the end', await stop(one, 0), { durationMs: 0 });
      },
    },
    {
      name: 'a position belongs to the one binary message behind it',
      ids: ['R-WS-4'],
      needs: ['native'],
      run: async ({ connect }) => {
        const one = native(await connect());
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        one.ws.send(silence(100));
        like('the second', await one.next('error'), { code: 'MIXED_FRAMES' });
        one.audio(silence(100), { pos: 1_600 });
        equal('received', await nextPosOf(one), 3_200);
      },
    },
    {
      name: 'audio as base64 in a text message is taken, in both ways of writing',
      ids: ['R-WS-5'],
      needs: ['native'],
      run: async ({ connect }) => {
        for (const shape of ['envelope', 'flat'] as const) {
          const one = await connect({ shape });
          await begin(one);
          one.audio(silence(100), { pos: 0, form: 'base64' });
          one.audio(silence(100), { pos: 1_600 });
          equal('received', await nextPosOf(one), 3_200);
          const other = await connect({ shape });
          await begin(other);
          other.audio(silence(100), { form: 'base64' });
          like('the end', await stop(other), { durationMs: 100 });
        }
      },
    },
    {
      name: 'an error before the first message can be read either way',
      ids: ['R-WS-6'],
      needs: ['native'],
      run: async ({ server }) => {
        const ws = dial({ url: server.url, path: server.path, ticket: 'bad' });
        const [data] = (await within(once(ws, 'message'), FRAME_WITHIN_MS, 'an error')) as [Buffer];
        const code = 'TICKET_INVALID';
        like('the error', JSON.parse(String(data)), { type: 'error', code, event: 'error', data: { code } });
        ws.close();
      },
    },
    {
      name: 'published examples work: token and userId in start, binary without positions, stop',
      ids: ['R-WS-7', 'R-TICKET-7'],
      needs: ['native', 'speech'],
      run: async ({ connect, ticket, user, speech }) => {
        const one = await connect({ shape: 'flat', place: 'none' });
        one.say('start', { userId: 'somebody', token: await ticket(user) });
        await one.next('ready');
        for (let at = 0; at < speech.pcm.byteLength; at += 6_400)
          one.audio(speech.pcm.subarray(at, at + 6_400));
        one.say('stop', {});
        like('completed', await one.next('completed', undefined, 40_000), { state: 'completed' });
        isText(speech, textOf(one));
      },
    },
    {
      name: 'a recording becomes the same text in both ways of writing',
      ids: ['R-WS-1', 'R-RESULT-1'],
      needs: ['native', 'speech'],
      run: async ({ connect, speech }) => {
        for (const shape of ['envelope', 'flat'] as const) {
          const one = await connect({ shape });
          await begin(one);
          send(one, speech);
          await stop(one, speech.endPos);
          isText(speech, textOf(one));
        }
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'a plain WebSocket is pinged, and closed when it does not answer',
      ids: ['R-TRANSPORT-4'],
      needs: ['native'],
      run: async ({ server, ticket, user }) => {
        const { url, path } = server;
        const silent = dial({ url, path, ticket: await ticket(user) }, { autoPong: false });
        silent.on('error', () => {});
        await within(once(silent, 'ping'), 15_000, 'a ping');
        await within(once(silent, 'close'), 25_000, 'the end of the connection');
      },
    },
    {
      name: 'both paths of the plain WebSocket are the same',
      ids: ['R-TRANSPORT-2'],
      needs: ['native'],
      run: async ({ server, ticket, user }) => {
        for (const path of ['/api/realtime-voice/stream', '/ws']) {
          const one = await connectNative({ url: server.url, path, ticket: await ticket(user) }, 'envelope');
          like(`the answer at ${path}`, await begin(one), { state: 'live' });
          await granted(one, 'cancel');
          like('after it', await refused(one, 'stop', {}), { code: 'NOT_STARTED' });
          one.close();
        }
      },
    },
  ]),
];
