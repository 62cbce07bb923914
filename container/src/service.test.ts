import { io, type Socket } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseTicketKeys, signTicket } from '../../contract/ticket.ts';
import { silence, tone } from '../testing/audio.ts';
import { SECRET, startContainer, stopProcess } from '../testing/local-service.ts';
import { useService } from '../testing/service-suite.ts';
import { connectVoice, refusalOf, said, sendFile, startOf, uniqueId } from '../testing/voice-client.ts';

const suite = useService({ DRAIN_MS: '500' });
const { open, connected } = suite;

describe('the service', () => {
  it('answers /health and /ready, and nothing else', async () => {
    const status = async (path: string) => (await fetch(suite.service.url + path)).status;
    expect([await status('/health'), await status('/ready'), await status('/x')]).toEqual([200, 200, 404]);
  });

  it('lists every problem of its configuration at once and ends with 1', async () => {
    const log: string[] = [];
    await expect(
      startContainer({ TICKET_SECRET: 'short', PORT: 'x', DB_WRITES_PER_SECOND: '0' }, log),
    ).rejects.toThrow(/ended with 1/);
    const text = log.join('');
    for (const name of ['TICKET_SECRET', 'PORT', 'DB_WRITES_PER_SECOND', 'CLOUDBASE_APIKEY'])
      expect(text).toContain(name);
    expect(text).not.toContain('short"');
  });

  it('says which port is taken', async () => {
    const log: string[] = [];
    const port = new URL(suite.service.url).port;
    await expect(
      startContainer({ ...suite.service.gateway.containerEnv(), PORT: port }, log),
    ).rejects.toThrow(/ended with 1/);
    expect(log.join('')).toContain('EADDRINUSE');
  });

  it('never logs tickets, keys, audio or text', async () => {
    const socket = await connected();
    await sendFile(socket, 'samples/phrases/coffee.wav');
    const log = suite.service.log.join('\n');
    expect(log).toContain('session opened');
    for (const secret of [SECRET, 'SKLOCAL', await suite.service.ticket(), '今天'])
      expect(log).not.toContain(secret);
  });
});

describe('who is calling', () => {
  const connectError = async (ticket: string | undefined): Promise<unknown> => {
    const socket = io(`${suite.service.url}/realtime-voice`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { ticket },
    });
    open(socket);
    return new Promise((resolve) => {
      socket.once('connect_error', (error) => resolve((error as { data?: { code?: string } }).data?.code));
      socket.once('connect', () => resolve('connected'));
    });
  };

  it.each([
    ['a ticket of another key', 'another-secret-that-is-long-enough-012345', 'TICKET_INVALID', 0],
    ['an expired ticket', SECRET, 'TICKET_EXPIRED', -3_600_000],
  ])('refuses %s', async (_name, secret, code, shiftMs) => {
    const { ticket } = await signTicket('oTester', parseTicketKeys(secret), { nowMs: Date.now() + shiftMs });
    expect(await connectError(ticket)).toBe(code);
  });

  it('refuses a ticket that is none', async () => {
    expect(await connectError('abc.def.ghi')).toBe('TICKET_INVALID');
  });

  it('takes no client’s word for a user id: without ticket or token, start is refused', async () => {
    const socket = await connectVoice(suite.service.url, {});
    open(socket);
    expect(await refusalOf(socket, 'start', { userId: 'oVictim' })).toBe('UNAUTHENTICATED');
  });

  it('takes the token of a published start instead', async () => {
    const socket = await connectVoice(suite.service.url, {});
    open(socket);
    const ready = said(socket, 'ready');
    socket.emit('start', { token: await suite.service.ticket() });
    expect(await ready).toMatchObject({ nextPos: 0 });
  });

  it('gives nobody another’s session', async () => {
    const mine = await connected('oOne');
    const sessionId = uniqueId();
    await startOf(mine, { sessionId });
    const theirs = await connected('oTwo');
    expect(await refusalOf(theirs, 'start', { sessionId, clientId: 'client-0001' })).toBe('FORBIDDEN');
  });
});

describe('every kind of client gets in', () => {
  it('Socket.IO v2 with its ticket in the query, sending bare and base64 frames', async () => {
    const { default: io2 } = (await import('socket.io-client-v2')) as unknown as { default: typeof io };
    const socket = io2(`${suite.service.url}/realtime-voice`, {
      transports: ['websocket'],
      query: { ticket: await suite.service.ticket() },
    });
    open(socket as unknown as Socket);
    const ready = said(socket as unknown as Socket, 'ready');
    const emit = (...args: unknown[]) =>
      (socket as unknown as { emit(...args: unknown[]): void }).emit(...args);
    emit('start', {});
    await ready;
    const completed = said(socket as unknown as Socket, 'completed');
    emit('audio', Buffer.from(tone(1_000)));
    emit('audio', { audio: Buffer.from(silence(1_000)).toString('base64') });
    emit('audio', Buffer.from(silence(500)).toString('base64'));
    emit('stop');
    expect(await completed).toMatchObject({ durationMs: 2_500 });
  });

  it('a plain WebSocket: text messages for events, binary ones for audio', async () => {
    const ws = new WebSocket(
      `${suite.service.url.replace('http', 'ws')}/ws?ticket=${await suite.service.ticket()}`,
    );
    open(ws);
    const messages: { event?: string; ack?: number; data?: unknown }[] = [];
    const heard = (match: (message: { event?: string; ack?: number }) => boolean) =>
      new Promise<{ data?: unknown }>((resolve) => {
        const found = messages.find(match);
        if (found) resolve(found);
        ws.on('message', (data) => {
          const message = JSON.parse(String(data));
          if (match(message)) resolve(message);
        });
      });
    ws.on('message', (data) => messages.push(JSON.parse(String(data))));
    await new Promise((resolve) => ws.once('open', resolve));
    ws.send(
      JSON.stringify({ event: 'start', id: 1, data: { sessionId: uniqueId(), clientId: 'client-0001' } }),
    );
    expect(await heard((m) => m.ack === 1)).toMatchObject({ data: { state: 'live', nextPos: 0 } });
    ws.send(JSON.stringify({ event: 'audio', pos: 0 }));
    ws.send(tone(1_000));
    ws.send('nonsense');
    expect(await heard((m) => m.event === 'error')).toMatchObject({ data: { code: 'BAD_REQUEST' } });
    ws.send(JSON.stringify({ event: 'stop', id: 2, data: { endPos: 16_000 } }));
    expect(await heard((m) => m.ack === 2)).toMatchObject({ data: { durationMs: 1_000 } });
  });

  it('a plain WebSocket with a bad ticket is told why and closed with 4401', async () => {
    const ws = new WebSocket(`${suite.service.url.replace('http', 'ws')}/ws?ticket=bad`);
    open(ws);
    const told = new Promise((resolve) => ws.once('message', (data) => resolve(JSON.parse(String(data)))));
    const closed = new Promise((resolve) => ws.once('close', resolve));
    expect(await told).toMatchObject({ event: 'error', data: { code: 'TICKET_INVALID' } });
    expect(await closed).toBe(4401);
  });
});

describe('SIGTERM', () => {
  it('drains: tells the client, keeps what was said, ends with 0; another instance continues', async () => {
    const env = {
      ...suite.service.gateway.containerEnv(),
      ASR_ENDPOINT: suite.service.asr.url.replace('http', 'ws'),
      DRAIN_MS: '3000',
    };
    const first = await startContainer(env, []);
    const socket = await connectVoice(first.url, { ticket: await suite.service.ticket() });
    open(socket);
    const sessionId = uniqueId();
    await startOf(socket, { sessionId });
    socket.emit('audio', 0, Buffer.from(tone(500)));
    const draining = said(socket, 'draining');
    const gone = said(socket, 'disconnect');
    const ended = stopProcess(first.container);
    expect(await draining).toMatchObject({ deadlineMs: 3_000 });
    expect(await gone).toBe('transport close');
    expect(await ended).toBe(0);
    const back = await connected();
    expect(await startOf(back, { sessionId, resume: { haveIndex: -1 } })).toMatchObject({
      nextPos: 0,
      state: 'live',
    });
  });
});
