import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { zipEntries } from '../../local/deploy-cloud/zip-entries.ts';
import { codeOfRecord, formatRecord } from './record.ts';
import { redactor } from './redaction.ts';
import { SECRETS, VALUES } from './testing/recorded.ts';
import { zip } from './zip.ts';

test('a package has the names and the content of its files, and is the same each time', () => {
  const files = [
    { name: 'index.js', data: Buffer.from('x'.repeat(10_000)) },
    { name: '名字.json', data: Buffer.from('{}') },
  ];
  const packed = zip(files);
  expect(zipEntries(packed)).toEqual(['index.js', '名字.json']);
  expect(packed.equals(zip(files))).toBe(true);
  // local header: 30 bytes, the name, the data (APPNOTE §4.3.7)
  const size = packed.readUInt32LE(18);
  const at = 30 + 'index.js'.length;
  expect(inflateRawSync(packed.subarray(at, at + size)).toString()).toBe('x'.repeat(10_000));
});

test('a record names its code, in letters that a function’s description may hold', () => {
  const text = formatRecord({
    code: '0123456789abcdef',
    build: 'v1.2-3-gabc1234-dirty',
    at: Date.UTC(2026, 0, 2),
  });
  expect(text).toBe(
    'realtime voice, code 0123456789abcdef, build v1.2 3 gabc1234 dirty, at 20260102T000000Z',
  );
  expect(text).toMatch(/^[A-Za-z0-9 ,.]+$/);
  expect(codeOfRecord(text)).toBe('0123456789abcdef');
  for (const other of [undefined, '', '我的函数', 'code 0123']) expect(codeOfRecord(other)).toBeUndefined();
});

test('no deployed secret passes, also one of several in a value; what everybody may see does', () => {
  const two = `k2:${'1f'.repeat(32)},k1:${'2e'.repeat(32)}`;
  const redact = redactor(Object.keys(VALUES), { ...VALUES, TICKET_SECRET: two });
  const said = redact(
    [...SECRETS.filter((one) => one !== VALUES.TICKET_SECRET), two, '2e'.repeat(32), VALUES.TCB_ENV].join(
      ' ',
    ),
  );
  for (const secret of [...SECRETS, '1f1f', '2e2e']) expect(said).not.toContain(secret);
  expect(said).toContain('〔TICKET_SECRET〕');
  expect(said).toContain('voice-1a2b3c');
});
