import { expect, test } from 'vitest';
import { openMenu } from './action-menu.ts';

const actions = (done: string[]) =>
  ['复制', '修改'].map((label) => ({ label, run: () => void done.push(label) }));

test('what is chosen is done', async () => {
  const done: string[] = [];
  const shown: object[] = [];
  const api = {
    showActionSheet: async (option: object) => {
      shown.push(option);
      return { tapIndex: 1 };
    },
  };
  await openMenu('00:07 你好', actions(done), api);
  await openMenu('', actions(done), api);
  expect(done).toEqual(['修改', '修改']);
  expect(shown).toEqual([
    { alertText: '00:07 你好', itemList: ['复制', '修改'] },
    { itemList: ['复制', '修改'] },
  ]);
});

test('a menu that is closed does nothing', async () => {
  const done: string[] = [];
  const api = { showActionSheet: () => Promise.reject({ errMsg: 'showActionSheet:fail cancel' }) };
  await openMenu('', actions(done), api);
  expect(done).toEqual([]);
});
