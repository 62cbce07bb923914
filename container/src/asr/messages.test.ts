import { describe, expect, it } from 'vitest';
import { parseMessage } from './messages.ts';

const result = {
  slice_type: 1,
  index: 3,
  start_time: 380,
  end_time: 2_840,
  voice_text_str: '实时',
  word_list: [],
};
const read = (fields: object) => parseMessage(JSON.stringify({ code: 0, message: 'success', ...fields }));
const readSentence = (changes: object) => read({ result: { ...result, ...changes } })?.sentence;

describe('a result', () => {
  it.each([
    [0, false],
    [1, false],
    [2, true],
  ])('of slice_type %i is final: %s', (slice_type, final) => {
    expect(readSentence({ slice_type })).toEqual({
      index: 3,
      text: '实时',
      final,
      startMs: 380,
      endMs: 2_840,
      words: [],
    });
  });

  it('has its words, stable or not', () => {
    const word_list = [
      { word: '我', start_time: 380, end_time: 680, stable_flag: 1 },
      { word: '们', start_time: 680, end_time: 900, stable_flag: 0 },
    ];
    expect(readSentence({ word_list })?.words).toEqual([
      { text: '我', startMs: 380, endMs: 680, stable: true },
      { text: '们', startMs: 680, endMs: 900, stable: false },
    ]);
  });

  it.each([null, undefined])('may have %s for word_list', (word_list) => {
    expect(readSentence({ word_list })?.words).toEqual([]);
  });

  it('may have unknown and null fields beside the known', () => {
    expect(readSentence({ emotion_type: null, speaker_info: [{}], word_size: 'many' })?.text).toBe('实时');
  });

  it('loses only the words of another shape', () => {
    const word_list = [null, { word: 1 }, { word: '我', start_time: 900, end_time: 680 }];
    expect(readSentence({ word_list })?.words).toEqual([
      { text: '我', startMs: 900, endMs: 900, stable: false },
    ]);
  });

  it('may have no text', () => {
    expect(readSentence({ voice_text_str: null })?.text).toBe('');
  });

  it('of an unknown slice_type is a message without a sentence', () => {
    expect(read({ result: { ...result, slice_type: 7 } })).toMatchObject({ code: 0, sentence: undefined });
  });
});

describe('a message', () => {
  it('needs no message_id and no message', () => {
    expect(parseMessage('{"code":0}')).toEqual({ code: 0, message: '', sentence: undefined, final: false });
  });

  it('with final 1 is the last', () => {
    expect(read({ final: 1 })?.final).toBe(true);
    expect(read({ final: 0 })?.final).toBe(false);
    expect(read({ final: null })?.final).toBe(false);
  });

  it.each([
    '',
    'not json',
    'null',
    '[]',
    '7',
    '{}',
    '{"code":"0"}',
    '{"code":0,"result":"text"}',
    '{"code":0,"result":{"slice_type":2}}',
    '{"code":0,"result":{"slice_type":2,"index":-1,"start_time":0,"end_time":1}}',
    '{"code":0,"result":{"slice_type":2,"index":0,"start_time":0,"end_time":"1"}}',
  ])('%j is none', (text) => {
    expect(parseMessage(text)).toBeUndefined();
  });
});
