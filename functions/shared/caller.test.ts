import { expect, test } from 'vitest';
import { type Caller, ownedBy } from './caller.ts';

test('ownedBy refuses an empty openid', () => {
  for (const openid of ['', undefined, null, 0, {}, ['x']]) {
    expect(() => ownedBy({ openid, via: 'wechat' } as unknown as Caller)).toThrow(/身份/);
  }
  expect(() => ownedBy(undefined as unknown as Caller)).toThrow(/身份/);
  expect(ownedBy({ openid: 'oUserA', via: 'http' })).toEqual({ _openid: 'oUserA' });
});
