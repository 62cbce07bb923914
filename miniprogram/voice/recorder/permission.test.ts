import { describe, expect, test } from 'vitest';
import { ensurePermission, openRecordSetting, type PermissionApi, recorderErrorOf } from './permission.ts';

interface Script {
  scope?: boolean;
  refusal?: string;
  opened?: boolean;
}
function api({ scope, refusal, opened }: Script) {
  const calls: string[] = [];
  const fake: PermissionApi = {
    async getSetting() {
      calls.push('getSetting');
      return { authSetting: scope === undefined ? {} : { 'scope.record': scope } };
    },
    async authorize() {
      calls.push('authorize');
      if (refusal !== undefined) throw { errMsg: refusal };
    },
    async openSetting() {
      calls.push('openSetting');
      if (opened === undefined) throw { errMsg: 'openSetting:fail' };
      return { authSetting: { 'scope.record': opened } };
    },
  };
  return { fake, calls };
}

describe('ensurePermission', () => {
  test('what was granted is not asked for again', async () => {
    const { fake, calls } = api({ scope: true });
    await ensurePermission(fake);
    expect(calls).toEqual(['getSetting']);
  });

  test('the first time it asks', async () => {
    const { fake, calls } = api({});
    await ensurePermission(fake);
    expect(calls).toEqual(['getSetting', 'authorize']);
  });

  test('after a refusal it does not ask again and reports that only the settings help', async () => {
    const { fake, calls } = api({ scope: false });
    await expect(ensurePermission(fake)).rejects.toMatchObject({ code: 'denied' });
    expect(calls).toEqual(['getSetting']);
  });

  test('a privacy guide that does not declare the microphone is not taken for a refusal', async () => {
    const { fake } = api({ refusal: 'authorize:fail api scope is not declared in the privacy agreement' });
    await expect(ensurePermission(fake)).rejects.toMatchObject({ code: 'privacy' });
  });
});

test.each([
  ['authorize:fail auth deny', 'denied'],
  ['operateRecorder:fail:system permission denied', 'denied-system'],
  ['operateRecorder:fail NotAllowedError', 'denied-system'],
  ['authorize:fail privacy permission is not authorized', 'privacy'],
  ['start:fail is recording or paused', 'busy'],
  ['operateRecorder:fail start record fail', 'failed'],
])('"%s" means %s', (errMsg, code) => {
  expect(recorderErrorOf(errMsg).code).toBe(code);
});

test('the settings page answers whether the microphone is allowed now; not shown counts as no', async () => {
  await expect(openRecordSetting(api({ opened: true }).fake)).resolves.toBe(true);
  await expect(openRecordSetting(api({ opened: false }).fake)).resolves.toBe(false);
  await expect(openRecordSetting(api({}).fake)).resolves.toBe(false);
});
