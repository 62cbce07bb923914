import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PAGES, SESSIONS } from '../../../contract/records.ts';
import { functionsForTests } from '../../../functions/shared/testing/functions-gateway.ts';
import { A, aLongSession } from '../../../functions/shared/testing/records.ts';
import { type FakePage, openFakePage } from '../../testing/fake-page.ts';

/** The page with the real cloud functions, on a session of eight hours. */
const SENTENCES = 5_000;
const textOf = (index: number): string =>
  index % 90 === 0 ? `第${index}句，讲预算` : `第${index}句，讲别的`;

const gateway = await functionsForTests(['history'], { keepRecords: true });
beforeAll(async () => {
  const { session, pages } = aLongSession('long-session', SENTENCES, {}, textOf);
  await gateway.seed(SESSIONS, [session]);
  await gateway.seed(PAGES, pages);
});

let actions: string[];
let page: FakePage | undefined;
beforeEach(() => {
  actions = [];
  vi.stubGlobal('wx', {
    cloud: {
      init: () => {},
      callFunction: async ({ name, data }: { name: string; data: { action: string } }) => {
        actions.push(data.action);
        return { result: await gateway.as(A)(name, data) };
      },
    },
    getStorageSync: () => '',
    nextTick: (fn: () => void) => fn(),
    pageScrollTo: async () => {},
  });
});
afterEach(() => page?.call('onUnload'));

const open = async (query: Record<string, string>): Promise<FakePage> => {
  page = await openFakePage('session', () => import('./session.ts'), { id: 'long-session', ...query });
  return page;
};
const shows = (opened: FakePage, key: string, value: object): Promise<void> =>
  vi.waitFor(() => expect(opened.data[key]).toMatchObject(value), { timeout: 20_000, interval: 20 });
const indexes = (opened: FakePage): number[] =>
  (opened.data.rows as { index: number }[]).map(({ index }) => index);

test('a hit at sentence 1,800 opens there, highlighted and counted, with three calls at most', async () => {
  const opened = await open({ index: '1800', q: encodeURIComponent('预算') });
  await shows(opened, 'find', { open: true, query: '预算', total: 56, current: 21, busy: false });
  await vi.waitFor(() => expect(opened.data.marked).toBe(1_800));
  await vi.waitFor(() => expect(indexes(opened)).toContain(1_800));
  expect(actions.length).toBeLessThanOrEqual(3);
  const rows = opened.data.rows as { index: number; segments: { text: string; hit: boolean }[] }[];
  expect(rows.find(({ index }) => index === 1_800)?.segments).toContainEqual(
    expect.objectContaining({ text: '预算', hit: true }),
  );
  // the next hit stands among the sentences that were read, and costs nothing
  const before = actions.length;
  opened.call('nextHit');
  await vi.waitFor(() => expect(opened.data.marked).toBe(1_890));
  expect(actions).toHaveLength(before);
  // one far away costs one call
  opened.call('closeFind');
  opened.call('tapFind');
  opened.call('typeFind', { detail: { value: '第4770句' } });
  opened.call('submitFind');
  await vi.waitFor(() => expect(opened.data.marked).toBe(4_770), { timeout: 20_000 });
  expect(actions.slice(before)).toEqual(['find', 'get']);
});

test('replacing in the whole session is previewed, done and undone; an edit made meanwhile stays', async () => {
  const opened = await open({});
  await vi.waitFor(() => expect(indexes(opened)).toContain(90), { timeout: 20_000 });
  opened.call('tapFind');
  opened.call('typeFind', { detail: { value: '预算' } });
  opened.call('submitFind');
  await shows(opened, 'find', { total: 56, busy: false });
  opened.call('tapReplace');
  opened.call('typeReplace', { detail: { value: '经费' } });
  opened.call('previewReplace');
  await shows(opened, 'replace', { phase: 'ready', chosen: 56 });
  opened.call('toggleReplace', { detail: { index: 90 } });
  await gateway.as(A)('history', {
    action: 'edit',
    sessionId: 'long-session',
    index: 1_800,
    text: '别处改的预算',
  });
  opened.call('runReplace');
  await shows(opened, 'replace', { phase: 'done', done: 54, conflicts: 1, undoable: 54 });
  await shows(opened, 'find', { query: '预算', total: 2 });
  expect((opened.data.rows as { text: string }[])[0]?.text).toBe('第0句，讲经费');

  opened.call('undoReplace');
  await shows(opened, 'replace', { phase: 'done', undoing: true, done: 54, conflicts: 0 });
  await shows(opened, 'find', { total: 56 });
  expect(JSON.stringify(gateway.dump(PAGES).map(({ sentences }) => sentences))).not.toContain('经费');
  const { sentences } = await gateway.as(A)('history', {
    action: 'get',
    sessionId: 'long-session',
    from: 1_800,
    limit: 1,
  });
  expect(sentences[0].text).toBe('别处改的预算');
});
