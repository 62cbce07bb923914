import { describe, expect, test } from 'vitest';
import { parseStart } from '../../contract/stream.ts';
import { parseHotwords } from './hotwords.ts';

describe('parseHotwords', () => {
  test('takes lines, commas and spaces, and a weight behind a bar', () => {
    expect(parseHotwords('云开发\n小程序|11，Tencent 语音｜100')).toEqual({
      hotwords: [
        { word: '云开发', weight: 10 },
        { word: '小程序', weight: 11 },
        { word: 'Tencent', weight: 10 },
        { word: '语音', weight: 100 },
      ],
      problems: [],
    });
  });

  test('the last of two equal words counts', () => {
    expect(parseHotwords('云 云|3').hotwords).toEqual([{ word: '云', weight: 3 }]);
  });

  test.each(['|5', '云|0', '云|12', '云|x', '云|1|2', '一二三四五六七八九十一', 'a'.repeat(31), '云\ud800'])(
    '"%s" is left out and named',
    (text) => {
      const { hotwords, problems } = parseHotwords(text);
      expect(hotwords).toEqual([]);
      expect(problems).toHaveLength(1);
    },
  );

  test('whatever is typed, the service takes what comes out', () => {
    const typed = `${Array.from({ length: 130 }, (_, i) => `词${i}|${i % 13}`).join('\n')}\n云|云|\u3000|, 一二三四五六七八九十一`;
    const { hotwords, problems } = parseHotwords(typed);
    expect(parseStart({ hotwords }).hotwords).toHaveLength(hotwords.length);
    expect(problems.length).toBeGreaterThan(0);
    expect(parseHotwords(Array.from({ length: 130 }, (_, i) => `词${i}`).join(' ')).hotwords).toHaveLength(
      128,
    );
  });
});

test('words that together would make the address too long are left out and named', () => {
  const word = (i: number) => `一二三四五六七八${String.fromCharCode(0x4e00 + i)}`;
  const { hotwords, problems } = parseHotwords(Array.from({ length: 100 }, (_, i) => word(i)).join('\n'));
  expect(hotwords.length).toBeGreaterThan(50);
  expect(hotwords.length).toBeLessThan(80);
  expect(problems).toEqual([`合计过长：最多约 600 个汉字，后面的 ${100 - hotwords.length} 个不生效`]);
});
