import { io } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { silence } from '../testing/audio.ts';
import { startContainer, stopProcess } from '../testing/local-service.ts';
import { useService } from '../testing/service-suite.ts';
import { connectVoice, refusalOf, said, sendFile, startOf, uniqueId } from '../testing/voice-client.ts';

const suite = useService({ DRAIN_MS: '500' });
const { open, connected } = suite;

describe('bad input gets a stable code and disturbs nobody', () => {
  it.each([
    ['audio before start', 'audio', [0, Buffer.alloc(320)], 'NOT_STARTED'],
    ['audio that is no audio', 'audio', [0, 'not base64!'], 'BAD_AUDIO'],
    ['an odd number of bytes', 'audio', [0, Buffer.alloc(321)], 'BAD_AUDIO'],
    ['a negative position', 'audio', [-1, Buffer.alloc(320)], 'BAD_REQUEST'],
    ['stop before start', 'stop', [{ endPos: 0 }], 'NOT_STARTED'],
    ['an unknown event', 'dance', [], 'UNKNOWN_EVENT'],
    ['an unknown engine', 'start', [{ engine: '__proto__' }], 'UNKNOWN_ENGINE'],
    ['a session id that is an operator', 'start', [{ sessionId: { $gt: '' } }], 'BAD_REQUEST'],
    ['a hot word that would break the query', 'start', [{ hotwords: [{ word: 'a|b,c' }] }], 'BAD_HOTWORDS'],
    [
      'a sample rate of another engine',
      'start',
      [{ engine: '16k_zh', sampleRate: 8_000 }],
      'BAD_SAMPLE_RATE',
    ],
    ['a start that is a number', 'start', [7], 'BAD_REQUEST'],
  ])('%s: %s', async (_name, event, args, code) => {
    const socket = await connected();
    const error = said(socket, 'error');
    socket.emit(event, ...args);
    expect(await error).toMatchObject({ code });
    expect(socket.connected).toBe(true);
  });

  it('a frame of 1 MB: TOO_LARGE in a session, and the socket is closed before there is one', async () => {
    const socket = await connected();
    await startOf(socket);
    const error = said(socket, 'error');
    socket.emit('audio', 0, Buffer.alloc(1_000_000));
    expect(await error).toMatchObject({ code: 'TOO_LARGE' });
    expect(socket.connected).toBe(true);
    const other = await connected();
    const closed = said(other, 'disconnect');
    other.emit('audio', 0, Buffer.alloc(1_000_000));
    await closed;
    expect(socket.connected).toBe(true);
  });

  it('far too much audio at once: TOO_FAST with the position to go on from, and it can go on', async () => {
    const socket = await connected();
    const { limitPos } = await startOf(socket);
    const error = said(socket, 'error');
    for (let i = 0; i < 50; i++) socket.emit('audio', i * 16_000, Buffer.from(silence(1_000)));
    expect(await error).toMatchObject({ code: 'TOO_FAST', nextPos: limitPos, retriable: true });
    expect(await socket.emitWithAck('cancel')).toEqual({ ok: true });
  });

  it('a malformed packet closes that socket and no other', async () => {
    const other = await connected();
    const bad = new WebSocket(
      `${suite.service.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`,
    );
    open(bad);
    await new Promise((resolve) => bad.once('open', resolve));
    const closed = new Promise((resolve) => bad.once('close', resolve));
    bad.send('4{{{not a packet');
    await closed;
    expect((await startOf(other)).state).toBe('live');
  });

  it('any event on the default namespace is answered USE_NAMESPACE', async () => {
    const socket = io(suite.service.url, { transports: ['websocket'], forceNew: true });
    open(socket);
    expect(await socket.emitWithAck('start', {})).toMatchObject({ error: { code: 'USE_NAMESPACE' } });
  });

  it('stop twice gives the same answer, also on an empty session', async () => {
    const socket = await connected();
    const { sessionId } = await startOf(socket);
    const answers = await Promise.all([
      socket.emitWithAck('stop', { endPos: 0 }),
      socket.emitWithAck('stop'),
    ]);
    const again = await socket.emitWithAck('stop', { endPos: 0 });
    expect([...answers, again]).toEqual(Array(3).fill({ id: sessionId, sentences: 0, durationMs: 0 }));
  });

  it('a database that is down: start is refused with a retriable code, and works when it is back', async () => {
    const socket = await connected();
    suite.service.gateway.faults.set({ rules: [{ effect: 'refuse' }] });
    expect(await refusalOf(socket, 'start', { sessionId: uniqueId(), clientId: 'client-0001' })).toBe(
      'STORE_UNAVAILABLE',
    );
    suite.service.gateway.faults.clear();
    expect((await startOf(socket)).state).toBe('live');
  });
});

describe('a recogniser that refuses', () => {
  it.each([
    [4001, 'ASR_BAD_PARAMS'],
    [4002, 'ASR_AUTH'],
    [4003, 'ASR_NOT_ENABLED'],
    [4004, 'ASR_NO_QUOTA'],
    [4005, 'ASR_ARREARS'],
    [4007, 'ASR_BAD_AUDIO'],
    [6001, 'ASR_REGION'],
  ])('with %i ends the session with %s', async (code, expected) => {
    suite.service.asr.faults.set({ kind: 'code', code });
    const socket = await connected();
    const error = said(socket, 'error');
    await startOf(socket);
    expect(await error).toMatchObject({ code: expected, retriable: false });
  });

  it.each([4000, 4006, 4008, 4009, 4010, 5000, 5001, 5002])(
    'with %i is tried again until it recognises, and nothing is lost',
    async (code) => {
      suite.service.asr.faults.set({ kind: 'code', code, times: 1, afterAudioMs: 1_000 });
      const socket = await connected();
      expect(await sendFile(socket, 'samples/phrases/coffee.wav')).toMatchObject({ exact: true });
    },
  );

  it('because of a wrong key says ASR_AUTH', async () => {
    const log: string[] = [];
    const env = {
      ...suite.service.gateway.containerEnv(),
      ASR_ENDPOINT: suite.service.asr.url.replace('http', 'ws'),
    };
    const { container, url } = await startContainer({ ...env, TENCENT_SECRET_KEY: 'wrong' }, log);
    try {
      const socket = await connectVoice(url, { ticket: await suite.service.ticket() });
      open(socket);
      const error = said(socket, 'error');
      await startOf(socket);
      expect(await error).toMatchObject({ code: 'ASR_AUTH' });
    } finally {
      await stopProcess(container);
    }
  });
});
