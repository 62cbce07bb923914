import { expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { CloudApi } from '../../services/cloud.ts';
import { exportMany, MAX_EXPORT_CHARS, TooLongError } from './export-many.ts';

const asCloud = (history: unknown) => ({ history }) as Pick<CloudApi, 'history'>;
const NEVER_LEFT = { read: () => {}, wanted: () => true };

/** Each session has two parts. */
const inParts = asCloud(
  async (_: string, { sessionId, cursor }: { sessionId: string; cursor: string | null }) => ({
    content: cursor === null ? `${sessionId} 的开头\n` : '结尾\n\n',
    cursor: cursor === null ? 'next' : null,
  }),
);

test('the texts of several stand one after the other, each whole, in the order asked for', async () => {
  const counts: number[] = [];
  const text = await exportMany(inParts, ['乙', '甲'], {
    read: (count) => counts.push(count),
    wanted: () => true,
  });
  expect(text).toBe('乙 的开头\n结尾\n\n\n甲 的开头\n结尾\n');
  expect(counts).toEqual([1, 2]);
});

test('nothing more is read once the user has left', async () => {
  let calls = 0;
  const cloud = asCloud(async () => {
    calls += 1;
    return { content: 'x', cursor: 'more' };
  });
  expect(await exportMany(cloud, ['甲', '乙'], { read: () => {}, wanted: () => calls < 3 })).toBe('');
  expect(calls).toBe(3);
});

test('what does not fit a phone is refused before it is all read; a failure is passed on', async () => {
  let calls = 0;
  const long = asCloud(async () => {
    calls += 1;
    return { content: 'x'.repeat(MAX_EXPORT_CHARS / 4), cursor: 'more' };
  });
  await expect(exportMany(long, ['甲'], NEVER_LEFT)).rejects.toThrow(TooLongError);
  expect(calls).toBe(5);
  const failing = asCloud(() => Promise.reject(new VoiceError('NOT_FOUND')));
  await expect(exportMany(failing, ['甲'], NEVER_LEFT)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
