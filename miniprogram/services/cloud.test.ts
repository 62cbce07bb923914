import { ACTION_LABELS, type AnyErrorCode, errorTextFor, errorTextOf, LOCAL_ERRORS } from 'cloudbase-voice';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../contract/errors.ts';
import { FakeClock } from '../../lib/fake-clock.ts';
import { createCloud } from './cloud.ts';
import { FakeUploads } from './testing/fake-uploads.ts';

const answering = (answer: unknown, calls: unknown[] = []) =>
  createCloud({
    uploads: new FakeUploads(),
    clock: new FakeClock(),
    call: async (name, data) => {
      calls.push({ name, data });
      return answer;
    },
  });
const failing = (error: unknown) =>
  createCloud({ uploads: new FakeUploads(), clock: new FakeClock(), call: () => Promise.reject(error) });

describe('a cloud function', () => {
  it('gets its action and answers its data', async () => {
    const calls: unknown[] = [];
    const page = { items: [], cursor: null };
    expect(await answering(page, calls).history('list', { limit: 20 })).toBe(page);
    expect(calls).toEqual([{ name: 'history', data: { action: 'list', limit: 20 } }]);
  });

  it('that refuses is a VoiceError with its code', async () => {
    const refusal = { code: 'FORBIDDEN', message: 'x', retriable: false, detail: 'sessionId' };
    const asked = answering(refusal).history('get', { sessionId: 'session-0001' });
    await expect(asked).rejects.toMatchObject({ name: 'VoiceError', code: 'FORBIDDEN', detail: 'sessionId' });
  });

  it('whose code is not known yet is INTERNAL', async () => {
    const asked = answering({ code: 'FROM_THE_FUTURE', message: 'x' }).stats('today', {});
    await expect(asked).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it.each([
    [{ errCode: -501000, errMsg: 'cloud.callFunction:fail Error: errCode: -501000' }, 'FUNCTION_NOT_FOUND'],
    [{ errMsg: 'cloud.callFunction:fail -501001 resource system error. env not exists' }, 'CLOUD_NOT_READY'],
    [{ errMsg: 'cloud.callFunction:fail errCode: -504002 functions execute fail' }, 'FUNCTION_FAILED'],
    [{ errMsg: 'request:fail timeout' }, 'NETWORK'],
    [new Error('net::ERR_CONNECTION_REFUSED'), 'NETWORK'],
    ['something else', 'FUNCTION_FAILED'],
    [undefined, 'FUNCTION_FAILED'],
  ])('that cannot be reached (%j) is %s', async (error, code) => {
    await expect(failing(error).ticket()).rejects.toMatchObject({ name: 'LocalError', code });
  });

  it('that answers nothing has failed', async () => {
    await expect(answering(undefined).ticket()).rejects.toMatchObject({ code: 'FUNCTION_FAILED' });
  });

  it('is not waited for without end', async () => {
    const clock = new FakeClock();
    const asked = createCloud({
      uploads: new FakeUploads(),
      clock,
      call: () => new Promise(() => {}),
    }).ticket();
    const settled = expect(asked).rejects.toMatchObject({ code: 'NETWORK' });
    await clock.advance(20_001);
    await settled;
  });
});

describe('the words for errors', () => {
  const codes = [...Object.keys(ERRORS), ...Object.keys(LOCAL_ERRORS)] as AnyErrorCode[];
  it.each(codes)('%s has a title, a hint and a next step that people can read', (code) => {
    const { title, hint, action } = errorTextFor(code);
    expect(title).toMatch(/^[\u4e00-\u9fff\d\s]{3,14}$/);
    expect(hint).toMatch(/。$/);
    expect(hint).not.toMatch(/。。|undefined/);
    if (action !== 'none') expect(ACTION_LABELS[action]).toBeTruthy();
  });

  it('of anything that is not ours are those of INTERNAL', () => {
    expect(errorTextOf(new TypeError('x'))).toBe(errorTextFor('INTERNAL'));
  });
});
