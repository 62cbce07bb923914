import { expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { Deferred } from '../../../lib/deferred.ts';
import { CLOSED_FIND, FindModel } from './find.ts';

type Part = { indexes: number[]; cursor: string | null };

/** @param find answers a search */
function rig(find: (query: string, cursor: string | null) => Promise<Part>) {
  let view = CLOSED_FIND;
  const shown: number[] = [];
  const highlights: string[] = [];
  const model = new FindModel(
    {
      find,
      show: async (index) => void shown.push(index),
      highlight: (query) => void highlights.push(query),
      firstShown: () => 10,
    },
    (next) => (view = next),
  );
  return { model, view: () => view, shown, highlights };
}
const hitsAt =
  (...indexes: number[]) =>
  async (): Promise<Part> => ({ indexes, cursor: null });

test('a search shows the first hit from where the page is, and steps through all, round and round', async () => {
  const { model, view, shown } = rig(hitsAt(3, 12, 40));
  model.open();
  model.type(' 预算 ');
  await model.submit();
  expect(view()).toMatchObject({ query: '预算', total: 3, current: 2, busy: false });
  await model.next();
  await model.next();
  await model.previous();
  await model.submit();
  expect(shown).toEqual([12, 40, 3, 40, 3]);
});

test('hits that come in parts are counted together', async () => {
  const { model, view } = rig(async (_, cursor) =>
    cursor === null ? { indexes: [1], cursor: 'more' } : { indexes: [20_000], cursor: null },
  );
  model.type('句');
  await model.submit();
  expect(view().total).toBe(2);
});

test('opened at a hit, it says which one it is', async () => {
  const { model, view, shown, highlights } = rig(hitsAt(3, 12, 40));
  await model.openAt('预算', 40);
  expect(view()).toMatchObject({ open: true, text: '预算', total: 3, current: 3 });
  expect([shown, highlights[0]]).toEqual([[40], '预算']);
});

test('nothing is highlighted while it is closed, and the hits are there when it is opened again', async () => {
  const { model, view, highlights } = rig(hitsAt(3));
  model.open();
  model.type('预算');
  await model.submit();
  model.close();
  model.open();
  expect(highlights.slice(-2)).toEqual(['', '预算']);
  expect(view().total).toBe(1);
});

test('an answer that comes after a newer search is dropped', async () => {
  const slow = new Deferred<Part>();
  const { model, view } = rig((query) => (query === '慢' ? slow.promise : hitsAt(5, 6)()));
  model.type('慢');
  const first = model.submit();
  model.type('快');
  await model.submit();
  slow.resolve({ indexes: [1, 2, 3], cursor: null });
  await first;
  expect(view()).toMatchObject({ query: '快', total: 2, busy: false });
});

test('a failure is said, and the search can be tried again', async () => {
  let failing = true;
  const { model, view } = rig(async () => {
    if (failing) throw new VoiceError('STORE_UNAVAILABLE');
    return { indexes: [1], cursor: null };
  });
  model.type('预算');
  await model.submit();
  expect(view()).toMatchObject({ busy: false, total: 0, problem: expect.stringMatching(/./) });
  failing = false;
  await model.submit();
  expect(view()).toMatchObject({ problem: '', total: 1 });
});

test('an edited sentence becomes a hit, or is none any more', async () => {
  const { model, view } = rig(hitsAt(3, 12));
  model.type('预算');
  await model.submit();
  const edited = (index: number, text: string) => model.update({ index, text, startMs: 0, endMs: 1 });
  edited(5, '新的预算');
  expect(view()).toMatchObject({ total: 3, current: 3 });
  edited(12, '没有了');
  expect(view()).toMatchObject({ total: 2, current: 0 });
});
