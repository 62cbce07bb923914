import { describe, expect, test, vi } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { SessionSummary } from '../../../contract/functions.ts';
import { HistoryModel, type HistoryView } from './model.ts';

const NOW = new Date(2026, 2, 10, 12, 0).getTime();
const session = (n: number, over: Partial<SessionSummary> = {}): SessionSummary => ({
  sessionId: `session-${n}`,
  source: 'stream',
  state: 'completed',
  engine: '16k_zh',
  title: '',
  preview: `第 ${n} 次`,
  startedAt: NOW - n * 60_000,
  endedAt: NOW,
  durationMs: 5_000,
  sentenceCount: 2,
  charCount: 8,
  losses: [],
  ...over,
});

/** The history function, answered by the test: each call waits for `answer` or `refuse`. */
function fakeCloud() {
  const calls: {
    action: string;
    request: object;
    answer: (value: unknown) => void;
    refuse: (e: unknown) => void;
  }[] = [];
  const history = (action: string, request: object): Promise<never> =>
    new Promise((resolve, reject) => {
      calls.push({ action, request, answer: resolve as (value: unknown) => void, refuse: reject });
    });
  return { cloud: { history } as never, calls };
}

function rig() {
  const { cloud, calls } = fakeCloud();
  let view: HistoryView | undefined;
  const model = new HistoryModel(
    cloud,
    () => NOW,
    (next) => (view = next),
  );
  const titles = (): string[] => view?.rows.map((row) => row.title) ?? [];
  const next = () => calls[calls.length - 1] as (typeof calls)[number];
  return { model, calls, next, titles, view: () => view as HistoryView };
}

async function filled(count: number, cursor: string | null = null) {
  const it = rig();
  const loaded = it.model.refresh();
  it.next().answer({ items: Array.from({ length: count }, (_, i) => session(i + 1)), cursor });
  await loaded;
  return it;
}

describe('the list', () => {
  test('pages by cursor and ends when there is none', async () => {
    const it = await filled(2, 'next');
    expect(it.view().complete).toBe(false);
    const more = it.model.more();
    expect(it.next()).toMatchObject({ action: 'list', request: { cursor: 'next' } });
    it.next().answer({ items: [session(2), session(3)], cursor: null });
    await more;
    expect(it.titles()).toEqual(['第 1 次', '第 2 次', '第 3 次']);
    await it.model.more();
    expect(it.calls).toHaveLength(2);
  });

  test('reaching the bottom twice asks once', async () => {
    const it = await filled(1, 'next');
    void it.model.more();
    void it.model.more();
    expect(it.calls).toHaveLength(2);
  });

  test('pulling down keeps what is shown until the new list is there, and after a failure', async () => {
    const it = await filled(1);
    const again = it.model.refresh();
    expect(it.titles()).toEqual(['第 1 次']);
    it.next().refuse(new VoiceError('STORE_UNAVAILABLE'));
    await again;
    expect(it.titles()).toEqual(['第 1 次']);
    expect(it.view().problem?.title).toBeTruthy();
  });
});

test('coming back to the page puts new sessions on top and keeps the pages already read', async () => {
  const it = await filled(20, 'p2');
  const more = it.model.more();
  it.next().answer({ items: [session(21), session(22)], cursor: 'p3' });
  await more;
  const renewed = it.model.renew();
  expect(it.next().request).toMatchObject({ cursor: null });
  it.next().answer({ items: Array.from({ length: 20 }, (_, i) => session(i)), cursor: 'p2b' });
  await renewed;
  expect(it.titles()).toHaveLength(23);
  expect(it.titles().slice(0, 2)).toEqual(['第 0 次', '第 1 次']);
  expect(it.titles().slice(-2)).toEqual(['第 21 次', '第 22 次']);
  void it.model.more();
  expect(it.next().request).toMatchObject({ cursor: 'p3' });
});

describe('search', () => {
  test('shows hits marked, and a late answer to the earlier question changes nothing', async () => {
    const it = await filled(1);
    const stale = it.model.search('云');
    const late = it.next();
    const search = it.model.search('云开发');
    it.next().answer({
      items: [
        { session: session(7), matches: [{ index: 0, text: '用云开发写', startMs: 0, ranges: [[1, 4]] }] },
      ],
      cursor: null,
      searchedUntil: null,
    });
    await search;
    late.answer({ items: [{ session: session(9), matches: [] }], cursor: null, searchedUntil: null });
    await stale;
    expect(it.titles()).toEqual(['第 7 次']);
    expect(it.view().rows[0]?.matches[0]?.segments).toEqual([
      { from: 0, text: '用', hit: false },
      { from: 1, text: '云开发', hit: true },
      { from: 4, text: '写', hit: false },
    ]);
  });

  test('an empty query goes back to the list', async () => {
    const it = await filled(1);
    void it.model.search('云');
    void it.model.search('  ');
    expect(it.next().action).toBe('list');
  });
});

describe('delete and undo', () => {
  test('is gone at once, and undo brings it back to its place', async () => {
    const it = await filled(3);
    const removed = it.model.remove('session-2');
    expect(it.titles()).toEqual(['第 1 次', '第 3 次']);
    expect(it.view().undo).toBe('第 2 次');
    it.next().answer({ sessionId: 'session-2', restorableUntil: 9 });
    await expect(removed).resolves.toEqual({ sessionId: 'session-2', title: '第 2 次', restorableUntil: 9 });
    const undone = it.model.undo();
    await vi.waitFor(() =>
      expect(it.next()).toMatchObject({ action: 'restore', request: { sessionId: 'session-2' } }),
    );
    it.next().answer({ sessionId: 'session-2' });
    await undone;
    expect(it.titles()).toEqual(['第 1 次', '第 2 次', '第 3 次']);
    expect(it.view().undo).toBe('');
  });

  test('undo waits for its delete: a restore that came first would be in vain', async () => {
    const it = await filled(1);
    const removed = it.model.remove('session-1');
    const undone = it.model.undo();
    expect(it.next().action).toBe('delete');
    it.next().answer({ sessionId: 'session-1', restorableUntil: 0 });
    await removed;
    await vi.waitFor(() => expect(it.next().action).toBe('restore'));
    it.next().answer({ sessionId: 'session-1' });
    await undone;
    expect(it.titles()).toEqual(['第 1 次']);
  });

  test('a refused delete puts it back and says why', async () => {
    const it = await filled(2);
    const removed = it.model.remove('session-2');
    it.next().refuse(new VoiceError('CONFLICT'));
    await removed;
    expect(it.titles()).toEqual(['第 1 次', '第 2 次']);
    expect(it.view().undo).toBe('');
    expect(it.view().problem).not.toBeNull();
  });
});

test('what was deleted earlier can be restored, and stands in the list again', async () => {
  const it = await filled(1);
  const restored = it.model.restore('session-7');
  expect(it.next()).toMatchObject({ action: 'restore', request: { sessionId: 'session-7' } });
  it.next().answer({ sessionId: 'session-7' });
  await vi.waitFor(() => expect(it.next().action).toBe('list'));
  it.next().answer({ items: [session(1), session(7)], cursor: null });
  await expect(restored).resolves.toBe(true);
  expect(it.titles()).toEqual(['第 1 次', '第 7 次']);
});

test('after a session was edited, its row is read again', async () => {
  const it = await filled(2);
  const read = it.model.reread('session-1');
  it.next().answer({ session: session(1, { title: '新标题' }), sentences: [], cursor: null });
  await read;
  expect(it.titles()).toEqual(['新标题', '第 2 次']);
  expect(it.view().rows[0]?.preview).toBe('第 1 次');
});
