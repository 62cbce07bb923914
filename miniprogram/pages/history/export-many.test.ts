import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { CloudApi } from '../../services/cloud.ts';
import { exportMany, MAX_EXPORT_CHARS, TooLongError } from './export-many.ts';

const asCloud = (history: unknown) => ({ history }) as Pick<CloudApi, 'history'>;
const txt = (...sessionIds: string[]) => ({ sessionIds, format: 'txt' as const });
const NEVER_LEFT = { read: () => {}, wanted: () => true };

/** Each session has two parts. */
const inParts = asCloud(
  async (_: string, { sessionId, cursor }: { sessionId: string; cursor: string | null }) => ({
    content: cursor === null ? `${sessionId} 的开头\n` : '结尾\n\n',
    encoding: 'utf8',
    filename: `${sessionId}.srt`,
    cursor: cursor === null ? 'next' : null,
  }),
);

test('the texts of several stand one after the other, each whole, in the order asked for', async () => {
  const counts: number[] = [];
  const file = await exportMany(inParts, txt('乙', '甲'), {
    read: (count) => counts.push(count),
    wanted: () => true,
  });
  expect(file).toEqual({
    content: '乙 的开头\n结尾\n\n\n甲 的开头\n结尾\n',
    encoding: 'utf8',
    filename: '语音记录 2 条.txt',
  });
  expect(counts).toEqual([1, 2]);
});

test('in another format there is a file for each in one archive, text and documents as they are', async () => {
  const files = async (cloud: typeof inParts, format: 'srt' | 'docx') => {
    const file = await exportMany(cloud, { sessionIds: ['乙', '甲'], format }, NEVER_LEFT);
    expect(file).toMatchObject({
      encoding: 'base64',
      filename: `语音记录 2 条 ${format.toUpperCase()}.zip`,
    });
    const entries = Object.entries(unzipSync(Buffer.from(file?.content ?? '', 'base64')));
    return entries.map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
  };
  expect(await files(inParts, 'srt')).toEqual([
    ['乙.srt', '乙 的开头\n结尾\n\n'],
    ['甲.srt', '甲 的开头\n结尾\n\n'],
  ]);
  const asDocument = asCloud(async (_: string, { sessionId }: { sessionId: string }) => ({
    content: Buffer.from(`PK ${sessionId}`).toString('base64'),
    encoding: 'base64',
    filename: `${sessionId}.docx`,
    cursor: null,
  }));
  expect(await files(asDocument, 'docx')).toEqual([
    ['乙.docx', 'PK 乙'],
    ['甲.docx', 'PK 甲'],
  ]);
});

test('nothing more is read once the user has left', async () => {
  let calls = 0;
  const cloud = asCloud(async () => {
    calls += 1;
    return { content: 'x', cursor: 'more' };
  });
  expect(await exportMany(cloud, txt('甲', '乙'), { read: () => {}, wanted: () => calls < 3 })).toBeNull();
  expect(calls).toBe(3);
});

test('what does not fit a phone is refused before it is all read; a failure is passed on', async () => {
  let calls = 0;
  const long = asCloud(async () => {
    calls += 1;
    return { content: 'x'.repeat(MAX_EXPORT_CHARS / 4), cursor: 'more' };
  });
  await expect(exportMany(long, txt('甲'), NEVER_LEFT)).rejects.toThrow(TooLongError);
  expect(calls).toBe(5);
  const failing = asCloud(() => Promise.reject(new VoiceError('NOT_FOUND')));
  await expect(exportMany(failing, txt('甲'), NEVER_LEFT)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
