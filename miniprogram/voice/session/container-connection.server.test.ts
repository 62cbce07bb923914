import { createServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { nodeWs } from '../../client/dialers/node-ws.ts';
import {
  type Channel,
  ContainerConnection,
  containerClient,
  type RequestOutcome,
} from './container-connection.ts';

/** Against a real Socket.IO server, over a real socket. */
describe('the connection to a real server', () => {
  let server: Server;
  let base = '';
  let connection: ContainerConnection;
  const received: unknown[][] = [];

  beforeEach(async () => {
    received.length = 0;
    const http = createServer();
    server = new Server(http, { transports: ['websocket'] });
    server.of('/realtime-voice').use((socket, next) => {
      if (socket.handshake.auth.ticket === 'good') next();
      else next(Object.assign(new Error('refused'), { data: { code: 'TICKET_EXPIRED', message: '过期' } }));
    });
    await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
    const address = http.address();
    base = `ws://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  });
  afterEach(async () => {
    connection.close();
    await server.close();
  });

  /** @param tickets one after the other; the last one stays */
  const open = (tickets: string[] = ['good'], to = base): void => {
    connection = new ContainerConnection(
      {
        createClient: containerClient(() => ({ service: 'test', dial: nodeWs(to), platform: null })),
        tickets: {
          get: async () => tickets[0] ?? '',
          invalidate: (ticket) => {
            received.push(['invalidate', ticket]);
            if (tickets.length > 1) tickets.shift();
          },
        },
        clock: systemClock,
        random: () => 0.5,
      },
      {
        connected: (channel) => received.push(['connected', channel]),
        disconnected: (reason) => received.push(['disconnected', reason]),
        event: (name, payload) => received.push(['event', name, payload]),
        failed: (error) => received.push(['failed', error.code]),
        attempting: () => received.push(['attempt', connection.attempt]),
        retrying: () => {},
      },
    );
    connection.open();
  };
  const accepted = () =>
    new Promise<Socket>((resolve) => server.of('/realtime-voice').once('connection', resolve));
  const until = (what: string) => vi.waitFor(() => expect(received.map(([first]) => first)).toContain(what));
  const up = async (): Promise<{ channel: Channel; socket: Socket }> => {
    const arrived = accepted();
    open();
    expect(received).toEqual([]);
    const socket = await arrived;
    await until('connected');
    return { channel: received.find(([what]) => what === 'connected')?.[1] as Channel, socket };
  };

  it('opens with the ticket, and carries events and binary audio', async () => {
    const { channel, socket } = await up();
    const audio = new Promise<unknown[]>((resolve) => socket.once('audio', (...args) => resolve(args)));
    channel.emit('audio', 320, Int16Array.of(1, -2, 3).buffer);
    expect(await audio).toEqual([320, Buffer.from(Int16Array.of(1, -2, 3).buffer)]);
    socket.emit('progress', { nextPos: 3 });
    await until('event');
    expect(received.at(-1)).toEqual(['event', 'progress', { nextPos: 3 }]);
  });

  it('gives a refused ticket back, and comes with a new one', async () => {
    open(['old', 'good']);
    await until('connected');
    expect(received.slice(0, 2)).toEqual([
      ['invalidate', 'old'],
      ['attempt', 1],
    ]);
  });

  it('tries again for a server that cannot be reached', async () => {
    // The discard port, where nobody listens.
    open(['good'], 'ws://127.0.0.1:9');
    await vi.waitFor(() => expect(received).toContainEqual(['attempt', 2]), 5_000);
    expect(received.some(([what]) => what === 'connected')).toBe(false);
  });

  it('delivers an answer before what was sent behind it', async () => {
    const { channel, socket } = await up();
    socket.once('start', (_request, ack: (answer: object) => void) => {
      ack({ nextPos: 0 });
      socket.emit('result', { index: 0 });
    });
    channel.request('start', [{}], 5_000, (outcome) => received.push(['answer', outcome]));
    await until('event');
    expect(received.slice(-2)).toEqual([
      ['answer', { answered: true, answer: { nextPos: 0 } }],
      ['event', 'result', { index: 0 }],
    ]);
  });

  it('says that a request is not answered, and nothing of one whose connection ended', async () => {
    const { channel, socket } = await up();
    const outcomes: RequestOutcome[] = [];
    channel.request('stop', [{}], 50, (outcome) => outcomes.push(outcome));
    await vi.waitFor(() => expect(outcomes).toEqual([{ answered: false }]));
    channel.request('stop', [{}], 60_000, (outcome) => outcomes.push(outcome));
    socket.conn.close();
    await until('disconnected');
    await vi.waitFor(() => expect(received.filter(([what]) => what === 'connected')).toHaveLength(2));
    expect(outcomes).toHaveLength(1);
  });

  it('sends and delivers nothing after it was closed', async () => {
    const { channel, socket } = await up();
    const left = new Promise((resolve) => socket.once('disconnect', resolve));
    connection.close();
    channel.emit('audio', 0, new ArrayBuffer(2));
    channel.request('stop', [], 50, () => received.push(['answer']));
    socket.emit('progress', {});
    await left;
    expect(received.map(([what]) => what)).toEqual(['connected']);
  });
});
