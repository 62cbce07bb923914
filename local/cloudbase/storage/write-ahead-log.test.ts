import { appendFileSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CommitRecord } from '../database/database.ts';
import { temporaryFolder } from '../testing/start.ts';
import { type DatabaseContent, WriteAheadLog } from './write-ahead-log.ts';

const change = (...ids: string[]): CommitRecord => ({
  changes: ids.map((id) => ({
    collection: 'notes',
    id,
    doc: { _id: id, at: new Date(5), text: '中文\n换行' },
  })),
});
const idsIn = (content: DatabaseContent): string[] => [...(content.get('notes')?.keys() ?? [])];
const fileIn = (folder: string, kind: string): string =>
  join(folder, readdirSync(folder).find((name) => name.startsWith(kind)) ?? 'none');

async function written(...records: CommitRecord[]): Promise<string> {
  const folder = await temporaryFolder();
  const { log } = WriteAheadLog.open(folder);
  log.append({ create: 'notes' });
  for (const record of records) log.append(record);
  log.close();
  return folder;
}
function reopened(folder: string): DatabaseContent {
  const { log, content } = WriteAheadLog.open(folder);
  log.close();
  return content;
}

it('what was appended is there again, with its types, also after it was folded into a snapshot', async () => {
  const folder = await written(change('a', 'b'), {
    changes: [{ collection: 'notes', id: 'a', doc: null }],
  });
  const expected = new Map([['notes', new Map([['b', { _id: 'b', at: new Date(5), text: '中文\n换行' }]])]]);
  expect(reopened(folder)).toEqual(expected);
  expect(readFileSync(fileIn(folder, 'wal'), 'utf8')).toBe('');
  expect(reopened(folder)).toEqual(expected);
  expect(readdirSync(folder)).toHaveLength(2);
});

it('a last line cut off anywhere is dropped whole: no half batch', async () => {
  const folder = await written(change('a'));
  const whole = readFileSync(fileIn(folder, 'wal')).length;
  const { length } = readFileSync(fileIn(await written(change('a'), change('b', 'c')), 'wal'));
  for (const cut of [1, 2, Math.floor((length - whole) / 2), length - whole - 1]) {
    const torn = await written(change('a'), change('b', 'c'));
    truncateSync(fileIn(torn, 'wal'), length - cut);
    expect(idsIn(reopened(torn))).toEqual(['a']);
  }
});

it('a last line of noise is dropped', async () => {
  const folder = await written(change('a'));
  appendFileSync(fileIn(folder, 'wal'), '00000000 5 {"a":\n');
  expect(idsIn(reopened(folder))).toEqual(['a']);
});

it('damage with batches after it is refused, not passed over', async () => {
  const folder = await written(change('a'), change('b'));
  const file = fileIn(folder, 'wal');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"a"', '"x"'));
  expect(() => WriteAheadLog.open(folder)).toThrow(/damaged at byte \d+/);
});

it('a snapshot that was not finished is ignored', async () => {
  const folder = await written(change('a'));
  writeFileSync(join(folder, 'snapshot-9.tmp'), 'half');
  expect(idsIn(reopened(folder))).toEqual(['a']);
});

it('batches appended after a compaction at run time are kept on top of it', async () => {
  const folder = await temporaryFolder();
  const { log } = WriteAheadLog.open(folder);
  log.append({ create: 'notes' });
  log.append(change('old'));
  log.compact([['notes', [['a', { _id: 'a' }]]]]);
  log.append(change('b'));
  log.close();
  expect(idsIn(reopened(folder))).toEqual(['a', 'b']);
});

it('a log under its earlier name is read', async () => {
  const folder = await written(change('a'));
  renameSync(fileIn(folder, 'wal'), fileIn(folder, 'wal').replace('wal-', 'journal-'));
  expect(idsIn(reopened(folder))).toEqual(['a']);
  expect(readdirSync(folder).filter((name) => name.startsWith('journal'))).toEqual([]);
});
