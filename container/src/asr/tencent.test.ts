import { describe, expect, it, vi } from 'vitest';
import { createTencentAsr } from './tencent.ts';
import { clientOf, serviceForTests, WAIT } from './test-client.ts';
import { deafUpgrade, FakeClock, greet, KEYS, sayFinal } from './test-support.ts';

const service = await serviceForTests();

const result = (index: number, slice_type: number, text: string) => ({
  code: 0,
  message: 'success',
  result: { slice_type, index, start_time: 0, end_time: 1_240, voice_text_str: text, word_list: null },
});

describe('a connection', () => {
  it('opens on code 0, sends audio and end, and finishes on final 1', async () => {
    const { talk, clock } = clientOf(service);
    const { asr, until, events, peer } = talk();
    await until('open');
    asr.send(new Uint8Array([1, 2, 3, 4]));
    asr.send(Buffer.from([5, 6]));
    asr.end();
    asr.end();
    await until('finished');
    expect(events).toEqual(['open', 'finished']);
    const { audio, texts } = await peer();
    expect(Buffer.concat(audio)).toEqual(Buffer.from([1, 2, 3, 4, 5, 6]));
    expect(texts).toEqual(['{"type":"end"}']);
    expect(clock.waiting).toBe(0);
  });

  it('has a voice_id of its own each time', async () => {
    const { talk } = clientOf(service);
    const talks = [talk(), talk()];
    await Promise.all(talks.map(({ until }) => until('open')));
    expect(talks[0]?.asr.voiceId).not.toBe(talks[1]?.asr.voiceId);
    for (const { asr } of talks) asr.close();
  });

  it('signs Chinese hot words raw and sends them encoded', async () => {
    const { asr, until, peer } = clientOf(service).talk({ hotwords: [{ word: '腾讯云', weight: 10 }] });
    await until('open');
    const { url, query } = await peer();
    expect(url).toContain('hotword_list=%E8%85%BE%E8%AE%AF%E4%BA%91%7C10&');
    expect(query.get('hotword_list')).toBe('腾讯云|10');
    asr.close();
  });

  it('carries the token of temporary credentials in a header, and none otherwise', async () => {
    const withToken = clientOf(service, { token: 'a-token' }).talk();
    const without = clientOf(service).talk();
    await Promise.all([withToken.until('open'), without.until('open')]);
    expect((await withToken.peer()).headers['x-tc-token']).toBe('a-token');
    expect((await without.peer()).headers).not.toHaveProperty('x-tc-token');
    withToken.asr.close();
    without.asr.close();
  });

  it('passes sentences on, also one that begins with its final, and those after end', async () => {
    service.script = (peer) => {
      greet(peer);
      peer.say(result(0, 2, '你好'));
      peer.say(result(1, 0, '实'));
      peer.socket.on('message', () => {
        peer.say(result(1, 2, '实时'));
        sayFinal(peer);
      });
    };
    const { asr, until, sentences, events } = clientOf(service).talk({}, { open: () => asr.end() });
    await until('finished');
    expect(events).toEqual(['open', 'sentence', 'sentence', 'sentence', 'finished']);
    expect(sentences.map(({ index, text, final }) => [index, text, final])).toEqual([
      [0, '你好', true],
      [1, '实', false],
      [1, '实时', true],
    ]);
  });

  it('keeps an end that is asked for before open', async () => {
    const { asr, until, events } = clientOf(service).talk();
    asr.end();
    await until('finished');
    expect(events).toEqual(['open', 'finished']);
  });

  it('takes no audio before open and after end, and ignores it once it is over', async () => {
    const { asr, until, peer } = clientOf(service).talk();
    expect(() => asr.send(new Uint8Array(2))).toThrow('dialing');
    await until('open');
    asr.end();
    expect(() => asr.send(new Uint8Array(2))).toThrow('ending');
    await until('finished');
    asr.send(new Uint8Array(2));
    expect(asr.bufferedBytes).toBe(0);
    expect((await peer()).audio).toEqual([]);
  });
});

describe('close()', () => {
  it('silences everything that still arrives', async () => {
    service.script = (peer) => {
      greet(peer);
      for (let index = 0; index < 50; index += 1) peer.say(result(index, 2, 'x'));
      peer.say({ code: 5000, message: 'late' });
      peer.socket.close();
    };
    const { talk, clock } = clientOf(service);
    const { asr, until, events } = talk({}, { sentence: () => asr.close() });
    await until('sentence');
    await vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
    expect(events).toEqual(['open', 'sentence']);
    expect(clock.waiting).toBe(0);
  });

  it('may come before the connection is there', async () => {
    const { talk, clock } = clientOf(service);
    const { asr, events } = talk();
    asr.close();
    asr.close();
    const witness = talk();
    await witness.until('open');
    witness.asr.close();
    expect(events).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('destroys the socket when the other side never answers', async () => {
    const greeting = Buffer.from('{"code":0}');
    service.upgrade = deafUpgrade(Buffer.concat([Buffer.from([0x81, greeting.length]), greeting]));
    const { asr, until, events } = clientOf(service).talk();
    await until('open');
    asr.close();
    await vi.waitFor(() => expect(service.sockets()).toBe(0), WAIT);
    expect(events).toEqual(['open']);
  });
});

describe('the log', () => {
  it('never sees text, hot words, keys or the signed address', async () => {
    service.script = (peer) => {
      greet(peer);
      peer.say(result(0, 2, '秘密文字'));
      peer.say({ code: 4001, message: `参数不合法(hotword_list: 秘密热词) ${peer.url}` });
    };
    const { talk, log } = clientOf(service, { token: 'secret-token' });
    const { until, peer } = talk({ hotwords: [{ word: '秘密热词', weight: 10 }] });
    await until('failed');
    const logged = JSON.stringify([...log.info.mock.calls, ...log.warn.mock.calls]);
    const { query } = await peer();
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
  const options = { ...KEYS, clock: new FakeClock() };
  it('refuses an endpoint or token that cannot work, before anything is connected', () => {
    expect(() => createTencentAsr({ ...options, endpoint: 'https://asr.cloud.tencent.com' })).toThrow(
      TypeError,
    );
    expect(() => createTencentAsr({ ...options, endpoint: 'asr' })).toThrow(TypeError);
    expect(() => createTencentAsr({ ...options, token: 'a\nb' })).toThrow(TypeError);
  });
});
