import { expect, test } from 'vitest';
import { MAX_TAGS } from '../../../contract/limits.ts';
import { choicesOf, chosenTags, isTooMany, toggled, withTyped } from './tag-choices.ts';

test("the record's own tags come first and are chosen, those used elsewhere can be", () => {
  const choices = choicesOf(['周会'], ['客户', '周会']);
  expect(choices).toEqual([
    { name: '周会', on: true },
    { name: '客户', on: false },
  ]);
  expect(chosenTags(toggled(choices, '客户'))).toEqual(['周会', '客户']);
  expect(chosenTags(toggled(choices, '周会'))).toEqual([]);
});

test('what is typed is chosen, once, without spaces at its ends and halves of characters', () => {
  const choices = choicesOf([], ['客户']);
  expect(chosenTags(withTyped(choices, ' 客户 '))).toEqual(['客户']);
  expect(withTyped(choices, '客户')).toHaveLength(1);
  expect(chosenTags(withTyped(choices, '计划\ud83d'))).toEqual(['计划']);
  expect(withTyped(choices, '  ')).toEqual(choices);
});

test('as many as the service takes can be chosen', () => {
  const names = Array.from({ length: MAX_TAGS }, (_, at) => `标签${at}`);
  expect(isTooMany(choicesOf(names, []))).toBe(false);
  expect(isTooMany(withTyped(choicesOf(names, []), '又一个'))).toBe(true);
});
