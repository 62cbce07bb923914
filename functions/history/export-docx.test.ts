import { expect, test } from 'vitest';
import type { HistoryAnswers } from '../../contract/functions.ts';
import { PAGES, SESSIONS } from '../../contract/records.ts';
import { docxParagraphs } from '../shared/testing/docx.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

// No word processor has opened the file: what is tested is what it contains.
const exported = (): Promise<HistoryAnswers['export'] & { code?: string; detail?: string }> =>
  gateway.as(A)('history', { action: 'export', sessionId: 'session-1', format: 'docx' });

test('a document has the title, sentences joined into paragraphs with their times, edits, losses and marks', async () => {
  await gateway.seed(SESSIONS, [
    aSession('session-1', {
      title: '周会 <一> & 二',
      startedAt: new Date('2026-03-06T01:30:00Z'),
      sentences: {
        0: aSentence(0, '今天开会。'),
        1: { ...aSentence(1, '玉蒜'), editedText: '先讲预算：\n"a" < b\u0000\uffff' },
        9: aSentence(9, '完。'),
      },
      losses: [{ startMs: 4_000, endMs: 6_500, reason: 'asr' }],
      marks: { 8500: true, 8600: false },
      nextIndex: 10,
    }),
  ]);
  const { content, ...rest } = await exported();
  expect(rest).toEqual({
    encoding: 'base64',
    filename: '周会 一 & 二.docx',
    mimeType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    cursor: null,
  });
  const [title, about, ...paragraphs] = docxParagraphs(content);
  expect(title).toBe('周会 <一> & 二');
  expect(about).toContain('2026-03-06 09:30');
  expect(paragraphs).toEqual([
    '00:00:00  今天开会。先讲预算：\n"a" < b',
    '00:00:04  〔此处约 2.5 秒音频未能识别〕',
    '00:00:08  〔标记〕',
    '00:00:09  完。',
  ]);
});

test('a session without text is a document all the same', async () => {
  await gateway.seed(SESSIONS, [aSession('session-1')]);
  expect(docxParagraphs((await exported()).content)).toHaveLength(2);
});

test('a session of eight hours fits one answer', async () => {
  const { session, pages } = aLongSession(
    'session-1',
    5_000,
    {},
    (index) => `第 ${index} 句，我们在这里讨论下一个季度的预算和人手。`,
  );
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  const { content } = await exported();
  expect(docxParagraphs(content).join('')).toContain('第 4999 句');
  expect(content.length).toBeLessThan(1_000_000);
});

test('a longer one is refused with what to do about it, not cut short', async () => {
  const { session, pages } = aLongSession('session-1', 400, {}, (index) => `${index} `.padEnd(1_500, '字'));
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  expect(await exported()).toMatchObject({ code: 'TOO_LARGE', detail: 'docx' });
});
