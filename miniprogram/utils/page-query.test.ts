import { expect, test } from 'vitest';
import { decodedQuery } from './page-query.ts';

test('a value is decoded, also where somebody has decoded it already', () => {
  expect(decodedQuery(encodeURIComponent('预算 50%'))).toBe('预算 50%');
  expect(decodedQuery('预算 50%')).toBe('预算 50%');
});
