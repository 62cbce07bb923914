import { describe, expect, it } from 'vitest';
import { compareText, type SpokenWord } from './speech.ts';

const said = (...words: [text: string, startMs: number, endMs: number][]): SpokenWord[] =>
  words.map(([text, startMs, endMs]) => ({ spellings: [text], startMs, endMs }));

describe('words between two losses', () => {
  const words = said(
    ['周再', 1_000, 1_400],
    ['React', 1_400, 2_000],
    ['划和', 5_000, 5_400],
    ['every', 9_000, 9_600],
  );
  const losses = [
    { startMs: 0, endMs: 1_100 },
    { startMs: 2_050, endMs: 6_000 },
  ];

  it.each([
    ['all that a loss touches is missing', ['React', 'every']],
    ['the word at the edge of the first loss was heard', ['周再React', 'every']],
    ['everything was heard', ['周再React', '划和every']],
  ])('%s', (_, sentences) => {
    expect(compareText(sentences, words, losses)).toBeUndefined();
  });

  it('may not be missing', () => {
    expect(compareText(['周再', 'every'], words, losses)).toEqual({
      kind: 'lost',
      text: 'React',
      atMs: 1_400,
    });
  });

  it('may not be there twice', () => {
    expect(compareText(['周再React', 'React', 'every'], words, losses)).toMatchObject({ kind: 'lost' });
  });
});
