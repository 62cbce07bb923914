import { expect, test } from 'vitest';
import { absenceOf, holeText } from './texts.ts';

test.each([
  ['evicted', 'on', /腾出了空间/, false],
  ['full', 'on', /没有空间/, false],
  [null, 'unasked', /不会留在/, true],
  [null, 'off', /不会留在/, true],
  [null, 'on', /不是在这台手机上录的/, false],
] as const)('without audio (%s, %s) the reason is told', (note, keepAudio, text, offer) => {
  const absence = absenceOf(note, keepAudio, 0);
  expect(absence.text).toMatch(text);
  expect(absence.offer).toBe(offer);
});

test('a hole is told with its length, at least a second', () => {
  expect([holeText(300, false), holeText(3_400, false), holeText(260_000, true)]).toEqual([
    '这里 1 秒没有录音',
    '这里 3 秒没有录音',
    '这里 4 分 20 秒没有录音，跳到后面',
  ]);
});

test('audio that another phone has uploaded is no absence to explain', () => {
  expect(absenceOf('evicted', 'off', 1)).toEqual({
    text: '录音不在这台手机上，在你的云端文件夹里',
    offer: false,
  });
});
