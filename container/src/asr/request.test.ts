import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../../contract/engines.ts';
import { seededRandom } from '../../../lib/random.ts';
import { identityParams, recognitionParams, signedQuery } from './request.ts';
import type { AsrParams } from './types.ts';

const asked: AsrParams = {
  engine: '16k_zh',
  sampleRate: 16_000,
  hotwords: [],
  silenceMs: 800,
  wordTimes: true,
};

describe('recognition parameters', () => {
  it('say PCM, sentence by sentence, with empty results', () => {
    expect(recognitionParams({ ...asked, maxSpeakMs: 20_000 })).toEqual({
      engine_model_type: '16k_zh',
      voice_format: 1,
      needvad: 1,
      filter_empty_result: 0,
      filter_dirty: 0,
      filter_modal: 0,
      filter_punc: 0,
      convert_num_mode: 1,
      word_info: 1,
      vad_silence_time: 800,
      max_speak_time: 20_000,
    });
  });

  it.each(Object.entries(ENGINES))('ask %s only for what is documented for it', (name, engine) => {
    const params = recognitionParams({
      ...asked,
      engine: name,
      sampleRate: engine.sampleRateHz,
      maxSpeakMs: 9_000,
    });
    expect('word_info' in params).toBe(engine.wordTimes);
    expect('vad_silence_time' in params).toBe(engine.silence);
    expect('max_speak_time' in params).toBe(engine.maxSpeak);
  });

  it('ask for word times also where the client does not want them', () => {
    expect(recognitionParams({ ...asked, wordTimes: false })).toHaveProperty('word_info', 1);
  });

  it('leave max_speak_time to the service unless it was asked for', () => {
    expect(recognitionParams(asked)).not.toHaveProperty('max_speak_time');
  });

  it('list hot words as word|weight and leave an empty list out', () => {
    const hotwords = [
      { word: '腾讯云', weight: 10 },
      { word: 'ASR', weight: 100 },
    ];
    expect(recognitionParams({ ...asked, hotwords })).toHaveProperty('hotword_list', '腾讯云|10,ASR|100');
    expect(recognitionParams(asked)).not.toHaveProperty('hotword_list');
  });

  it('put the heaviest ordinary weight for 100 where 100 is not documented', () => {
    const params = recognitionParams({
      ...asked,
      engine: '16k_en',
      hotwords: [{ word: 'ASR', weight: 100 }],
    });
    expect(params).toHaveProperty('hotword_list', 'ASR|11');
  });

  it('never carry an engine or rate that is not on the list to the service', () => {
    expect(() => recognitionParams({ ...asked, engine: '__proto__' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_ENGINE' }),
    );
    expect(() => recognitionParams({ ...asked, sampleRate: 8_000 })).toThrow(
      expect.objectContaining({ code: 'BAD_SAMPLE_RATE' }),
    );
  });
});

describe('identity parameters', () => {
  it('are in seconds, valid for a day, with a nonce of at most 10 digits', () => {
    const params = identityParams('AKID', 'a-voice', 1_700_000_000_999, seededRandom(1));
    expect(params).toMatchObject({
      secretid: 'AKID',
      voice_id: 'a-voice',
      timestamp: 1_700_000_000,
      expired: 1_700_086_400,
    });
    expect(String(params.nonce)).toMatch(/^[1-9]\d{0,9}$/);
    for (const [random, nonce] of [
      [0, 1],
      [1 - Number.EPSILON, 2 ** 31 - 1],
    ] as const)
      expect(identityParams('AKID', 'a-voice', 0, () => random)).toMatchObject({ nonce });
  });
});

describe('the signed query', () => {
  const signed = (more: object = {}) =>
    signedQuery('1250000000', 'SKEXAMPLE', {
      // not in order: sorting is part of signing
      voice_id: 'c64385ee-3e5c-4fc5-bbfd-7c71addb35b0',
      voice_format: 1,
      engine_model_type: '16k_zh',
      timestamp: 1_700_000_000,
      expired: 1_700_086_400,
      nonce: 1_700_000_000,
      secretid: 'AKIDEXAMPLE',
      needvad: 1,
      ...more,
    });

  it('is sorted, with the signature last and its + / = encoded', () => {
    expect(signed()).toBe(
      'engine_model_type=16k_zh&expired=1700086400&needvad=1&nonce=1700000000&secretid=AKIDEXAMPLE' +
        '&timestamp=1700000000&voice_format=1&voice_id=c64385ee-3e5c-4fc5-bbfd-7c71addb35b0' +
        '&signature=2OBrcg%2BMkaq4XUnTlM%2F5ecuDagA%3D',
    );
  });

  it('signs Chinese hot words raw and sends them encoded', () => {
    const query = signed({ hotword_list: '腾讯云|10,ASR|5' });
    expect(query).toContain('&hotword_list=%E8%85%BE%E8%AE%AF%E4%BA%91%7C10%2CASR%7C5&needvad=1&');
    expect(query).toMatch(/&signature=%2F1TbneVek7Djgc%2FmylI7S513OrI%3D$/);
  });
});
