import { describe, expect, it } from 'vitest';
import { withoutOverlap } from './dedupe.ts';

const overlap = { text: '现在开', endPos: 1_000 };
const word = (text: string, startPos: number, endPos: number) => ({ text, startPos, endPos });

describe('text that is stored already', () => {
  it.each([
    ['is taken off the front', '现在开始。', '始。', null],
    ['is taken off whatever the punctuation', '现在，开始', '始', null],
    ['hides a sentence that is nothing else yet', '现在', '', '开'],
    ['is gone when the sentence is just it', '现在开。', '', null],
    ['differs in the case of letters only', 'OK', '', null],
  ])('%s', (_name, text, rest, left) => {
    const known = text === 'OK' ? { text: 'ok', endPos: 1_000 } : overlap;
    const result = withoutOverlap(text, [], known);
    expect(result.text).toBe(rest);
    expect(result.left?.text ?? null).toBe(left);
  });

  it('is told by word times where it is now spelled otherwise', () => {
    const words = [word('像', 0, 300), word('在', 300, 600), word('开', 600, 990), word('始', 1_010, 1_400)];
    expect(withoutOverlap('像在开始', words, overlap)).toEqual({ text: '始', left: null });
  });

  it('stays expected while every word still lies in it', () => {
    expect(withoutOverlap('像', [word('像', 0, 300)], overlap)).toEqual({ text: '', left: overlap });
  });

  it('does not swallow what it cannot place', () => {
    expect(withoutOverlap('别的', [], overlap)).toEqual({ text: '别的', left: null });
  });
});
