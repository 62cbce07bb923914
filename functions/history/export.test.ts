import { expect, test } from 'vitest';
import { EXPORT_FORMATS } from '../../contract/functions.ts';
import { PAGES, SESSIONS } from '../../contract/records.ts';
import { functionsForTests } from '../shared/testing/functions-gateway.ts';
import { A, aLongSession, aSentence, aSession } from '../shared/testing/records.ts';

const gateway = await functionsForTests(['history']);

const exported = (sessionId: string, format: string, cursor: string | null = null) =>
  gateway.as(A)('history', { action: 'export', sessionId, format, cursor });

test('an export puts each loss at its place in time, edits in place, and tells name and type', async () => {
  await gateway.seed(SESSIONS, [
    aSession('session-1', {
      title: '周会/纪要',
      sentences: { 0: aSentence(0), 1: { ...aSentence(1), editedText: '改 --> 过' }, 5: aSentence(5) },
      losses: [
        { startMs: 9_000, endMs: 9_500, reason: 'asr' },
        { startMs: 1_900, endMs: 5_000, reason: 'client-gap' },
      ],
      nextIndex: 6,
    }),
  ]);
  expect(await exported('session-1', 'srt')).toEqual({
    content:
      '1\n00:00:00,000 --> 00:00:00,900\n第0句\n\n' +
      '2\n00:00:01,000 --> 00:00:01,900\n改 → 过\n\n' +
      '3\n00:00:01,900 --> 00:00:05,000\n〔此处约 3.1 秒音频未送达〕\n\n' +
      '4\n00:00:05,000 --> 00:00:05,900\n第5句\n\n' +
      '5\n00:00:09,000 --> 00:00:09,500\n〔此处约 0.5 秒音频未能识别〕\n\n',
    encoding: 'utf8',
    filename: '周会 纪要.srt',
    mimeType: 'application/x-subrip; charset=utf-8',
    cursor: null,
  });
});

test('every text format of a session without sentences is well formed', async () => {
  await gateway.seed(SESSIONS, [aSession('empty-001')]);
  for (const format of EXPORT_FORMATS.filter((one) => one !== 'docx')) {
    const { content, cursor } = await exported('empty-001', format);
    expect(cursor).toBeNull();
    if (format === 'json') expect(JSON.parse(content).pieces).toEqual([]);
  }
});

test('the parts of a JSON export make one document, also where the live session grows between them', async () => {
  const { session, pages } = aLongSession('long-live', 400, { state: 'live', updatedAt: new Date() }, (i) =>
    `${i} `.padEnd(1_500, '字'),
  );
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
  let content = '';
  let parts = 0;
  let cursor: string | null = null;
  do {
    const answer = await exported('long-live', 'json', cursor);
    content += answer.content;
    cursor = answer.cursor;
    parts += 1;
    await gateway.db
      .collection(SESSIONS)
      .where({ _id: 'long-live' })
      .update({ [`sentences.${399 + parts}`]: aSentence(399 + parts), nextIndex: 400 + parts });
  } while (cursor);
  expect(parts).toBeGreaterThan(1);
  const { pieces } = JSON.parse(content);
  expect(pieces.map(({ index }: { index: number }) => index)).toEqual(
    Array.from({ length: 400 }, (_, i) => i),
  );
});
