import fc from 'fast-check';
import * as v from 'valibot';
import { afterEach, expect, it, vi } from 'vitest';
import { HISTORY_ACTIONS, RECOGNIZE_ACTIONS } from './functions.ts';
import { parseStart } from './stream.ts';
import { cutText, isWellFormed, wellFormed } from './text.ts';

afterEach(() => vi.unstubAllGlobals());

const HALF = '\ud83d';
const FAMILY = '👨‍👩‍👧‍👦';

it('a text is well-formed where every surrogate has its partner', () => {
  expect(['', 'a', '😀', '\ud83d\ude00'].map(isWellFormed)).toEqual([true, true, true, true]);
  expect([HALF, `a${HALF}`, `${HALF}a`, '\ude00', '\ude00\ud83d'].map(isWellFormed)).toEqual(
    Array(5).fill(false),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '字', '\ud83d', '\ude00') }), (text) => {
      expect(isWellFormed(text)).toBe(Buffer.from(text, 'utf8').toString('utf8') === text);
    }),
  );
});

it.each([
  ['a hot word', 'BAD_HOTWORDS', { hotwords: [{ word: 'a' }, { word: `a${HALF}` }] }, 'hotwords.1.word'],
  ['a title', 'BAD_REQUEST', { title: HALF }, 'title'],
  ['a session id', 'BAD_REQUEST', { sessionId: `abcdefgh${HALF}` }, 'sessionId'],
  ['a client id', 'BAD_REQUEST', { clientId: `abcdefgh${HALF}` }, 'clientId'],
])('start refuses %s with half an emoji', (_, code, request, detail) => {
  let error: unknown;
  try {
    parseStart(request);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code, detail });
});

it.each([
  ['a title', HISTORY_ACTIONS.rename, { action: 'rename', sessionId: 'session-1', title: HALF }],
  ['an edit', HISTORY_ACTIONS.edit, { action: 'edit', sessionId: 'session-1', index: 0, text: HALF }],
  ['a search', HISTORY_ACTIONS.search, { action: 'search', query: HALF }],
  ['a cursor', HISTORY_ACTIONS.list, { action: 'list', cursor: HALF }],
  ['a one-shot title', RECOGNIZE_ACTIONS.recognize, { audio: 'AAAA', title: HALF }],
  ['a file', RECOGNIZE_ACTIONS.recognize, { fileID: HALF }],
])('functions refuse %s with half an emoji', (_, schema, request) => {
  expect(v.safeParse(schema, request).success).toBe(false);
  const sane = JSON.parse(JSON.stringify(request).replaceAll('\\ud83d', '😀'));
  expect(v.safeParse(schema, sane).success).toBe(true);
});

it('a text is cut between two characters as readers see them', () => {
  expect(cutText('你好', 5)).toBe('你好');
  expect(cutText('你好吗', 2)).toBe('你好');
  expect(cutText('a😀', 2)).toBe('a');
  expect(cutText(`ab${FAMILY}c`, 12)).toBe('ab');
  expect(cutText(`ab${FAMILY}c`, 13)).toBe(`ab${FAMILY}`);
  expect(cutText('e\u0301e\u0301', 3)).toBe('e\u0301');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, max) => {
      const cut = cutText(text, max);
      expect(text.startsWith(cut) && cut.length <= max && isWellFormed(cut)).toBe(true);
    }),
  );
});

it('halves of characters are taken out, and all else stays', () => {
  expect(wellFormed(`a${HALF}b😀\ude00`)).toBe('ab😀');
  expect(wellFormed('会议😀')).toBe('会议😀');
});

it('a runtime without Intl.Segmenter cuts between code points', () => {
  vi.stubGlobal('Intl', {});
  expect(cutText('a😀b', 2)).toBe('a');
  expect(cutText('a😀b', 3)).toBe('a😀');
});
