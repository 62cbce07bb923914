import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, isDay, shanghaiDay } from './day.ts';
import { ENGINES, engineOf } from './engines.ts';
import { asVoiceError, ERRORS, VoiceError } from './errors.ts';
import { MAX_FRAME_BYTES } from './limits.ts';
import { countChars } from './records.ts';
import { parseAudio, parseSkip, parseStart, parseStop } from './stream.ts';
import { parseTicketKeys, signTicket, verifyTicket } from './ticket.ts';

const codeOf = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    return (error as VoiceError).code;
  }
  return 'taken';
};

describe('start', () => {
  it('fills every default from nothing', () => {
    expect(parseStart(undefined)).toEqual({
      sessionId: undefined,
      clientId: undefined,
      engine: '16k_zh',
      sampleRate: 16_000,
      hotwords: [],
      wordTimes: false,
      silenceMs: 1_000,
      title: '',
      token: undefined,
      encodings: [],
      resume: undefined,
    });
  });

  it.each([
    [{ engine: 'constructor' }, 'UNKNOWN_ENGINE'],
    [{ engine: '8k_zh', sampleRate: 16_000 }, 'BAD_SAMPLE_RATE'],
    [{ sampleRate: 44_100 }, 'BAD_SAMPLE_RATE'],
    [{ sessionId: '../../etc' }, 'BAD_REQUEST'],
    [{ silenceMs: 100 }, 'BAD_REQUEST'],
    [{ hotwords: [{ word: '一二三四五六七八九十一' }] }, 'BAD_HOTWORDS'],
    [{ hotwords: [{ word: 'a b' }] }, 'BAD_HOTWORDS'],
    [{ hotwords: [{ word: 'a', weight: 12 }] }, 'BAD_HOTWORDS'],
    [{ hotwords: Array(129).fill({ word: 'a' }) }, 'BAD_HOTWORDS'],
    [{ resume: { haveIndex: -2 } }, 'BAD_REQUEST'],
    [{ encodings: 'adpcm' }, 'BAD_REQUEST'],
    [{ encodings: [1] }, 'BAD_REQUEST'],
    [{ encodings: Array(17).fill('adpcm') }, 'BAD_REQUEST'],
    [[], 'BAD_REQUEST'],
  ])('%j → %s', (payload, code) => {
    expect(codeOf(() => parseStart(payload))).toBe(code);
  });

  it('bounds all hot words together, since they are part of an address', () => {
    const words = (count: number) => ({ hotwords: Array(count).fill({ word: '一二三四五六七八九十' }) });
    expect(parseStart(words(60)).hotwords).toHaveLength(60);
    expect(() => parseStart(words(70))).toThrow(
      expect.objectContaining({ code: 'BAD_HOTWORDS', detail: 'hotwords' }),
    );
  });

  it('takes of the offered encodings what it knows', () => {
    expect(parseStart({ encodings: ['opus', 'adpcm', 'adpcm'] }).encodings).toEqual(['adpcm']);
  });

  it('lets a hot word of ten Chinese characters or thirty letters through', () => {
    const hotwords = [{ word: '一二三四五六七八九十', weight: 100 }, { word: 'a'.repeat(30) }];
    expect(parseStart({ hotwords }).hotwords).toEqual([hotwords[0], { word: 'a'.repeat(30), weight: 10 }]);
  });
});

describe('audio', () => {
  const bytes = Uint8Array.from([1, 2, 3, 4]);

  it.each([
    ['positioned', [7, bytes], 7],
    ['a bare buffer', [bytes.buffer], undefined],
    ['base64', ['AQIDBA=='], undefined],
    ['base64 in an object', [{ audio: 'AQIDBA==' }], undefined],
    ['what a published client says more', [{ audio: 'AQIDBA==', encoding: 'LINEAR16' }, {}], undefined],
    ['a view into something larger', [0, Uint8Array.from([9, 1, 2, 3, 4, 9]).subarray(1, 5)], 0],
  ])('is taken as %s', (_name, args, pos) => {
    expect(parseAudio(args)).toEqual({ pos, encoding: 'pcm', bytes });
  });

  it.each([
    ['adpcm', [0, bytes, 'adpcm'], 'adpcm'],
    ['adpcm in base64', [0, 'AQIDBA==', 'adpcm'], 'adpcm'],
    ['pcm', [0, bytes, 'pcm'], 'pcm'],
    ['pcm where nothing is said', [0, bytes, null], 'pcm'],
  ])('says its encoding: %s', (_name, args, encoding) => {
    expect(parseAudio(args)).toEqual({ pos: 0, encoding, bytes });
  });

  it('counts samples by its encoding: only PCM has two bytes each', () => {
    expect(parseAudio([0, bytes.subarray(0, 3), 'adpcm']).bytes).toHaveLength(3);
  });

  it.each([
    [[], 'BAD_AUDIO'],
    [[null], 'BAD_AUDIO'],
    [[0], 'BAD_AUDIO'],
    [[new Uint8Array(0)], 'BAD_AUDIO'],
    [[0, new Uint8Array(3)], 'BAD_AUDIO'],
    [[0, bytes, 'opus'], 'BAD_AUDIO'],
    [[0, bytes, 1], 'BAD_AUDIO'],
    [[bytes, 'adpcm'], 'BAD_AUDIO'],
    [[{ audio: 'AQIDBA==', encoding: 'adpcm' }], 'BAD_AUDIO'],
    [[0, new Uint8Array(0), 'adpcm'], 'BAD_AUDIO'],
    [['A'], 'BAD_AUDIO'],
    [[{ audio: 5 }], 'BAD_AUDIO'],
    [[1.5, bytes], 'BAD_REQUEST'],
    [[Number.NaN, bytes], 'BAD_REQUEST'],
    [[new Uint8Array(MAX_FRAME_BYTES + 2)], 'TOO_LARGE'],
    [['A'.repeat(100_000)], 'TOO_LARGE'],
  ])('%# is refused with %s', (args, code) => {
    expect(codeOf(() => parseAudio(args))).toBe(code);
  });
});

it('stop takes a number, an object or nothing', () => {
  expect([parseStop(5), parseStop({ endPos: 5 }), parseStop(undefined), parseStop(null)]).toEqual([
    { endPos: 5 },
    { endPos: 5 },
    { endPos: undefined },
    { endPos: undefined },
  ]);
  expect(codeOf(() => parseStop({ endPos: -1 }))).toBe('BAD_REQUEST');
});

it('skip takes a range that goes forward', () => {
  const range = { fromPos: 1, toPos: 2 };
  expect(parseSkip(range)).toEqual({ ...range, reason: 'client-overflow' });
  expect(parseSkip({ ...range, reason: 'client-gap' }).reason).toBe('client-gap');
  for (const bad of [
    undefined,
    {},
    { fromPos: 2, toPos: 2 },
    { fromPos: 0, toPos: Number.POSITIVE_INFINITY },
  ])
    expect(codeOf(() => parseSkip(bad))).toBe('BAD_REQUEST');
});

describe('a ticket', () => {
  const keys = parseTicketKeys('new:0123456789abcdef0123456789abcdef,old:fedcba9876543210fedcba9876543210');
  const nowMs = 1_760_000_000_000;

  it('tells who it was made for, also under a key that was rotated out of signing', async () => {
    const old = parseTicketKeys('old:fedcba9876543210fedcba9876543210');
    for (const signer of [keys, old])
      expect(await verifyTicket((await signTicket('oUser', signer, { nowMs })).ticket, keys, { nowMs })).toBe(
        'oUser',
      );
  });

  it('is valid one minute beyond its expiry, and then no more', async () => {
    const { ticket, expiresAt } = await signTicket('oUser', keys, { nowMs });
    await expect(verifyTicket(ticket, keys, { nowMs: expiresAt + 50_000 })).resolves.toBe('oUser');
    await expect(verifyTicket(ticket, keys, { nowMs: expiresAt + 70_000 })).rejects.toMatchObject({
      code: 'TICKET_EXPIRED',
    });
  });

  it.each([
    ['none', undefined, 'UNAUTHENTICATED'],
    ['an object', {}, 'TICKET_INVALID'],
    ['unsigned', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJvVXNlciJ9.', 'TICKET_INVALID'],
  ])('is refused when it is %s', async (_name, ticket, code) => {
    await expect(verifyTicket(ticket, keys)).rejects.toMatchObject({ code });
  });

  it('is not signed without an openid', async () => {
    await expect(signTicket('', keys)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('needs keys that cannot be guessed', () => {
    expect(() => parseTicketKeys('short')).toThrow('不足 32 字节');
    expect(() => parseTicketKeys(`a:${'x'.repeat(32)},a:${'y'.repeat(32)}`)).toThrow('出现了两次');
  });
});

it('days are days of Asia/Shanghai', () => {
  expect(shanghaiDay(Date.parse('2026-01-31T15:59:59Z'))).toBe('2026-01-31');
  expect(shanghaiDay(Date.parse('2026-01-31T16:00:00Z'))).toBe('2026-02-01');
  expect(['2026-02-28', '2026-02-30', '2026-2-1', ''].map(isDay)).toEqual([true, false, false, false]);
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  expect(daysBetween('2026-01-01', '2026-12-31')).toBe(365);
});

it('every error says what to do, and whether trying again helps', () => {
  for (const { message } of Object.values(ERRORS)) expect(message.length).toBeGreaterThan(4);
  expect(new VoiceError('DRAINING', { retryAfterMs: 5 }).toWire()).toMatchObject({
    retriable: true,
    retryAfterMs: 5,
  });
  expect(asVoiceError(new Error('secret detail')).toWire()).toEqual({
    code: 'INTERNAL',
    message: ERRORS.INTERNAL.message,
    retriable: true,
  });
});

it('an engine is found by its own name only', () => {
  expect(engineOf('16k_zh')).toBe(ENGINES['16k_zh']);
  expect([engineOf('toString'), engineOf('__proto__'), engineOf('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('characters are letters and digits of any script', () => {
  expect(countChars('今天 10 点，OK！')).toBe(7);
});
