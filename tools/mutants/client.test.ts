import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { CLIENT_MUTANTS } from './client.ts';
import { CODEC_MUTANTS } from './codec.ts';
import { PACKAGE_MUTANTS } from './package.ts';

const read = (file: string): Promise<string> =>
  readFile(new URL(`../../miniprogram/client/${file}`, import.meta.url), 'utf8');

it('every fault still fits exactly one place of the source, and changes it', async () => {
  expect(CLIENT_MUTANTS.length).toBeGreaterThanOrEqual(30);
  for (const { name, file, find, replace } of [...CLIENT_MUTANTS, ...CODEC_MUTANTS, ...PACKAGE_MUTANTS]) {
    expect((await read(file)).split(find).length - 1, name).toBe(1);
    expect(replace, name).not.toBe(find);
  }
});
