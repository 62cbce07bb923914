import { createServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeWs } from '../client/dialers/node-ws.ts';
import type { Connection, Outcome } from './transport.ts';
import { socketIODial } from './transport-socketio.ts';

/** Against a real Socket.IO server, over a real socket. */
describe('the Socket.IO transport', () => {
  let server: Server;
  let base = '';
  const told: unknown[][] = [];

  beforeEach(async () => {
    told.length = 0;
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
    await server.close();
  });

  const dial = (ticket = 'good', to = base): Connection =>
    socketIODial(() => ({ service: 'test', dial: nodeWs(to), platform: null }))(ticket, {
      opened: () => told.push(['opened']),
      refused: (error, reason) => told.push(['refused', error?.code ?? null, reason]),
      closed: (reason) => told.push(['closed', reason]),
      event: (name, payload) => told.push(['event', name, payload]),
    });
  const accepted = () =>
    new Promise<Socket>((resolve) => server.of('/realtime-voice').once('connection', resolve));
  const toldOf = (what: string) => vi.waitFor(() => expect(told.map(([first]) => first)).toContain(what));

  it('opens with the ticket, and carries events and binary audio', async () => {
    const arrived = accepted();
    const connection = dial();
    expect(told).toEqual([]);
    const socket = await arrived;
    await toldOf('opened');
    const audio = new Promise<unknown[]>((resolve) => socket.once('audio', (...args) => resolve(args)));
    connection.emit('audio', 320, Int16Array.of(1, -2, 3).buffer);
    expect(await audio).toEqual([320, Buffer.from(Int16Array.of(1, -2, 3).buffer)]);
    socket.emit('progress', { nextPos: 3 });
    await toldOf('event');
    expect(told.at(-1)).toEqual(['event', 'progress', { nextPos: 3 }]);
    connection.close();
  });

  it('tells a refusal with its code, and does not try again by itself', async () => {
    dial('bad');
    await toldOf('refused');
    expect(told).toEqual([['refused', 'TICKET_EXPIRED', 'refused']]);
  });

  it('tells a server that cannot be reached', async () => {
    // The discard port, where nobody listens.
    dial('good', 'ws://127.0.0.1:9');
    await toldOf('refused');
    expect(told[0]?.slice(0, 2)).toEqual(['refused', null]);
  });

  it('hears an answer before what was sent behind it', async () => {
    const arrived = accepted();
    const connection = dial();
    const socket = await arrived;
    await toldOf('opened');
    socket.once('start', (_request, ack: (answer: object) => void) => {
      ack({ nextPos: 0 });
      socket.emit('result', { index: 0 });
    });
    connection.request('start', [{}], 5_000, (outcome) => told.push(['answer', outcome]));
    await toldOf('event');
    expect(told.slice(-2)).toEqual([
      ['answer', { answered: true, answer: { nextPos: 0 } }],
      ['event', 'result', { index: 0 }],
    ]);
    connection.close();
  });

  it('tells a request that is not answered from one whose connection ended', async () => {
    const arrived = accepted();
    const connection = dial();
    const socket = await arrived;
    await toldOf('opened');
    const outcomes: Outcome[] = [];
    connection.request('stop', [{}], 50, (outcome) => outcomes.push(outcome));
    await vi.waitFor(() => expect(outcomes).toEqual([{ answered: false, why: 'timeout' }]));
    connection.request('stop', [{}], 60_000, (outcome) => outcomes.push(outcome));
    socket.conn.close();
    await toldOf('closed');
    await vi.waitFor(() => expect(outcomes[1]).toEqual({ answered: false, why: 'closed' }));
  });

  it('says nothing after it was closed', async () => {
    const arrived = accepted();
    const connection = dial();
    const socket = await arrived;
    await toldOf('opened');
    const left = new Promise((resolve) => socket.once('disconnect', resolve));
    connection.close();
    connection.emit('audio', 0, new ArrayBuffer(2));
    connection.request('stop', [], 50, () => told.push(['answer']));
    socket.emit('progress', {});
    await left;
    expect(told).toEqual([['opened']]);
  });
});
