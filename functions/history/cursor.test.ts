import { expect, test } from 'vitest';
import { positionSchema, readCursor, writeCursor } from './cursor.ts';

const GOOD = { t: 1_760_000_000_000, id: 'session-1' };

test('a cursor is read as it was written, and nothing stands for the beginning', () => {
  expect(readCursor(writeCursor(GOOD), positionSchema)).toEqual(GOOD);
  expect([null, undefined, ''].map((text) => readCursor(text, positionSchema))).toEqual([null, null, null]);
});

test.each([
  ['a time that no Date can hold', { ...GOOD, t: 9e15 }],
  ['one in the past', { ...GOOD, t: -9e15 }],
  ['a fraction', { ...GOOD, t: 1.5 }],
  ['an id that no session can have', { ...GOOD, id: '\ud800' }],
  ['a field that is not ours', { ...GOOD, $where: '1' }],
])('a cursor with %s is refused', (_, position) => {
  expect(() => readCursor(writeCursor(position), positionSchema)).toThrowError(
    expect.objectContaining({ code: 'BAD_REQUEST', detail: 'cursor' }),
  );
});
