import { expect, test } from 'vitest';
import { entriesOf } from './archive.ts';

test('a listing of a layer becomes its files and folders', () => {
  const listing = `drwxr-xr-x 0/0               0 2026-01-02 03:04 app/
-rw-r--r-- 1000/1000   5012345 2026-01-02 03:04 ./app/my file.js
`;
  expect(entriesOf(listing)).toEqual([
    { mode: 'drwxr-xr-x', bytes: 0, path: 'app' },
    { mode: '-rw-r--r--', bytes: 5_012_345, path: 'app/my file.js' },
  ]);
});

test('a line that is not understood is not left out', () => {
  expect(() => entriesOf('tar: something else')).toThrow('tar: something else');
});
