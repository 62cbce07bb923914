import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { systemRandom } from '../../../lib/random.ts';
import { clientOf, serviceForTests, WAIT } from '../../testing/asr/client.ts';
import { KEYS, sendFinal, sendHandshake, upgradeWithoutAnswer } from '../../testing/asr/service.ts';
import { CONNECTION_TABLE, type ConnectionState } from './connection.ts';
import { createTencentAsr } from './tencent.ts';

const service = await serviceForTests();

const result = (index: number, slice_type: number, text: string) => ({
  code: 0,
  message: 'success',
  result: { slice_type, index, start_time: 0, end_time: 1_240, voice_text_str: text, word_list: null },
});

describe('a connection', () => {
  it('opens on code 0, sends audio and end, and finishes on final 1', async () => {
    const { connect, clock } = clientOf(service);
    const { asr, until, events, server } = connect();
    await until('open');
    asr.send(new Uint8Array([1, 2, 3, 4]));
    asr.send(Buffer.from([5, 6]));
    asr.end();
    asr.end();
    await until('finished');
    expect(events).toEqual(['open', 'finished']);
    const { audio, texts } = await server();
    expect(Buffer.concat(audio)).toEqual(Buffer.from([1, 2, 3, 4, 5, 6]));
    expect(texts).toEqual(['{"type":"end"}']);
    expect(clock.pending).toBe(0);
  });

  it('has a voice_id of its own each time', async () => {
    const { connect } = clientOf(service);
    const connections = [connect(), connect()];
    await Promise.all(connections.map(({ until }) => until('open')));
    expect(connections[0]?.asr.voiceId).not.toBe(connections[1]?.asr.voiceId);
    for (const { asr } of connections) asr.close();
  });

  it('signs Chinese hot words raw and sends them encoded', async () => {
    const { asr, until, server } = clientOf(service).connect({ hotwords: [{ word: '腾讯云', weight: 10 }] });
    await until('open');
    const { url, query } = await server();
    expect(url).toContain('hotword_list=%E8%85%BE%E8%AE%AF%E4%BA%91%7C10&');
    expect(query.get('hotword_list')).toBe('腾讯云|10');
    asr.close();
  });

  it('carries the token of temporary credentials in a header, and none otherwise', async () => {
    const withToken = clientOf(service, { token: 'a-token' }).connect();
    const without = clientOf(service).connect();
    await Promise.all([withToken.until('open'), without.until('open')]);
    expect((await withToken.server()).headers['x-tc-token']).toBe('a-token');
    expect((await without.server()).headers).not.toHaveProperty('x-tc-token');
    withToken.asr.close();
    without.asr.close();
  });

  it('passes sentences on, also one that begins with its final, and those after end', async () => {
    service.script = (connection) => {
      sendHandshake(connection);
      connection.sendJson(result(0, 2, '你好'));
      connection.sendJson(result(1, 0, '实'));
      connection.socket.on('message', () => {
        connection.sendJson(result(1, 2, '实时'));
        sendFinal(connection);
      });
    };
    const { asr, until, sentences, events } = clientOf(service).connect({}, { open: () => asr.end() });
    await until('finished');
    expect(events).toEqual(['open', 'sentence', 'sentence', 'sentence', 'finished']);
    expect(sentences.map(({ index, text, final }) => [index, text, final])).toEqual([
      [0, '你好', true],
      [1, '实', false],
      [1, '实时', true],
    ]);
  });

  it('keeps an end that is asked for before open', async () => {
    const { asr, until, events } = clientOf(service).connect();
    asr.end();
    await until('finished');
    expect(events).toEqual(['open', 'finished']);
  });

  it('takes no audio before open and after end, and ignores it once it is over', async () => {
    const { asr, until, server } = clientOf(service).connect();
    expect(() => asr.send(new Uint8Array(2))).toThrow('dialing');
    await until('open');
    asr.end();
    expect(() => asr.send(new Uint8Array(2))).toThrow('ending');
    await until('finished');
    asr.send(new Uint8Array(2));
    expect(asr.bufferedBytes).toBe(0);
    expect((await server()).audio).toEqual([]);
  });
});

describe('close()', () => {
  it('silences everything that still arrives', async () => {
    service.script = (connection) => {
      sendHandshake(connection);
      for (let index = 0; index < 50; index += 1) connection.sendJson(result(index, 2, 'x'));
      connection.sendJson({ code: 5000, message: 'late' });
      connection.socket.close();
    };
    const { connect, clock } = clientOf(service);
    const { asr, until, events } = connect({}, { sentence: () => asr.close() });
    await until('sentence');
    await vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
    expect(events).toEqual(['open', 'sentence']);
    expect(clock.pending).toBe(0);
  });

  it('may come before the connection is there', async () => {
    const { connect, clock } = clientOf(service);
    const { asr, events } = connect();
    asr.close();
    asr.close();
    const later = connect();
    await later.until('open');
    later.asr.close();
    expect(events).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('destroys the socket when the other side never answers', async () => {
    const handshake = Buffer.from('{"code":0}');
    service.upgrade = upgradeWithoutAnswer(Buffer.concat([Buffer.from([0x81, handshake.length]), handshake]));
    const { asr, until, events } = clientOf(service).connect();
    await until('open');
    asr.close();
    await vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
    expect(events).toEqual(['open']);
  });
});

describe('the log', () => {
  it('never sees text, hot words, keys or the signed address', async () => {
    service.script = (connection) => {
      sendHandshake(connection);
      connection.sendJson(result(0, 2, '秘密文字'));
      connection.sendJson({ code: 4001, message: `参数不合法(hotword_list: 秘密热词) ${connection.url}` });
    };
    const { connect, log } = clientOf(service, { token: 'secret-token' });
    const { until, server } = connect({ hotwords: [{ word: '秘密热词', weight: 10 }] });
    await until('failed');
    const logged = JSON.stringify([...log.info.mock.calls, ...log.warn.mock.calls]);
    const { query } = await server();
    for (const secret of [
      '秘密',
      KEYS.secretId,
      KEYS.secretKey,
      'secret-token',
      query.get('signature') ?? '',
      'ws:',
    ])
      expect(logged).not.toContain(secret);
    expect(log.warn).toHaveBeenCalledWith(
      expect.objectContaining({ code: 4001, phase: 'open', about: expect.arrayContaining(['hotword_list']) }),
      'asr failed',
    );
  });
});

describe('createTencentAsr', () => {
  const options = { ...KEYS, clock: new FakeClock(), random: systemRandom, newId: () => 'voice-1' };
  it('refuses an endpoint or token that cannot work, before anything is connected', () => {
    expect(() => createTencentAsr({ ...options, endpoint: 'https://asr.cloud.tencent.com' })).toThrow(
      TypeError,
    );
    expect(() => createTencentAsr({ ...options, endpoint: 'asr' })).toThrow(TypeError);
    expect(() => createTencentAsr({ ...options, token: 'a\nb' })).toThrow(TypeError);
  });
});

describe('the states of a connection', () => {
  const TERMINAL: readonly ConnectionState[] = ['finished', 'failed', 'closed'];
  const alive = CONNECTION_TABLE.states.filter((state) => !TERMINAL.includes(state));
  const pairs = CONNECTION_TABLE.states.flatMap((state) =>
    CONNECTION_TABLE.events.map((event) => [state, event] as const),
  );

  it.each(pairs)('%s decides what %s does', (state, event) => {
    expect([...CONNECTION_TABLE.states, 'stay', 'none']).toContain(CONNECTION_TABLE.next(state, event));
  });

  it('nothing happens to a connection that is over', () => {
    for (const state of TERMINAL)
      expect(CONNECTION_TABLE.events.map((event) => CONNECTION_TABLE.next(state, event))).toEqual(
        CONNECTION_TABLE.events.map(() => 'none'),
      );
  });

  it('close() always closes, and a failure always fails, except while the clock is checked', () => {
    for (const state of alive) {
      expect(CONNECTION_TABLE.next(state, 'close')).toBe('closed');
      expect(CONNECTION_TABLE.next(state, 'failure')).toBe(state === 'checking-clock' ? 'none' : 'failed');
    }
  });

  it('only an end that was asked for finishes, and only from ending', () => {
    expect(pairs.filter(([state, event]) => CONNECTION_TABLE.next(state, event) === 'finished')).toEqual([
      ['ending', 'final'],
    ]);
    expect(pairs.filter(([state, event]) => CONNECTION_TABLE.next(state, event) === 'ending')).toEqual([
      ['open', 'end'],
    ]);
  });

  it('every state can be reached from dialing', () => {
    const reached = new Set<ConnectionState>(['dialing']);
    for (const state of reached)
      for (const event of CONNECTION_TABLE.events) {
        const next = CONNECTION_TABLE.next(state, event);
        if (next !== 'stay' && next !== 'none') reached.add(next);
      }
    expect([...reached].sort()).toEqual([...CONNECTION_TABLE.states].sort());
  });
});
