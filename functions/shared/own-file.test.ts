import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uploadFolder } from '../../contract/functions.ts';
import { checkOwnFile } from './own-file.ts';

const HOST = 'cloud://env-1.656e-env-1-1250000000';
const allowed = (fileID: string, openid = 'oUserA', envId = 'env-1'): boolean => {
  try {
    checkOwnFile(fileID, openid, envId);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'FORBIDDEN', detail: 'fileID' });
    return false;
  }
};

test("a file below the caller's own folder is allowed, with any ordinary name", () => {
  for (const name of ['a.mp3', '录音 1.wav', 'sub/folder/a.mp3', '..a', 'a..b.m4a', '.hidden']) {
    expect([name, allowed(`${HOST}/${uploadFolder('oUserA')}${name}`)]).toEqual([name, true]);
  }
  expect(allowed(`cloud://env-1/${uploadFolder('oUserA')}a.mp3`)).toBe(true);
});

test('no other folder, environment or scheme is', () => {
  const own = uploadFolder('oUserA');
  const wrong = [
    `${HOST}/${uploadFolder('oUserAB')}a.mp3`,
    `${HOST}/${uploadFolder('oUserB')}a.mp3`,
    `${HOST}/voice/a.mp3`,
    `${HOST}/x/${own}a.mp3`,
    `${HOST}/${own}`,
    `${HOST}/${own}a/../../oUserB/a.mp3`,
    `${HOST}/${own}./a.mp3`,
    `${HOST}/${own}/a.mp3`,
    `${HOST}/${own}a%2f..%2f..%2foUserB/a.mp3`,
    `${HOST}/${own}..\\oUserB\\a.mp3`,
    `${HOST}/${own}a.mp3?x=/../`,
    `${HOST}/${own}a.mp3#x`,
    `${HOST}/${own}a\u0000.mp3`,
    `cloud://env-10.656e/${own}a.mp3`,
    `cloud:///${own}a.mp3`,
    `http://env-1/${own}a.mp3`,
    '',
  ];
  for (const fileID of wrong) expect([fileID, allowed(fileID)]).toEqual([fileID, false]);
  expect(allowed(`${HOST}/${uploadFolder('')}a.mp3`, '')).toBe(false);
});

test('whatever is allowed, resolving the path does not leave the folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '\\', '%', '2', 'e') }), (rest) => {
      const path = `${uploadFolder('oUserA')}${rest}`;
      if (!allowed(`${HOST}/${path}`)) return;
      expect(decodeURIComponent(new URL(path, 'http://h/').pathname)).toBe(`/${path}`);
    }),
  );
});
