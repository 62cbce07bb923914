import { describe, expect, test, vi } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { jsonBytes } from '../../voice/recording/page-data.ts';
import { filled, NOW, rig, session } from './testing/history-rig.ts';
import { WINDOW_ITEMS } from './window.ts';

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
  const it = await filled(50, 'p2');
  const more = it.model.more();
  it.next().answer({ items: [session(51), session(52)], cursor: 'p3' });
  await more;
  const renewed = it.model.renew();
  expect(it.next().request).toMatchObject({ cursor: null });
  it.next().answer({ items: Array.from({ length: 50 }, (_, i) => session(i)), cursor: 'p2b' });
  await renewed;
  expect(it.titles().slice(0, 2)).toEqual(['第 0 次', '第 1 次']);
  it.model.scrolled(100_000);
  expect(it.titles().slice(-2)).toEqual(['第 51 次', '第 52 次']);
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
    expect(it.sessionRows()[0]?.matches[0]?.segments).toEqual([
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
    const removed = it.model.remove(['session-2']);
    expect(it.titles()).toEqual(['第 1 次', '第 3 次']);
    expect(it.view().undo).toBe('「第 2 次」');
    it.next().answer({ sessionId: 'session-2', restorableUntil: 9 });
    await expect(removed).resolves.toEqual([
      { sessionId: 'session-2', title: '第 2 次', restorableUntil: 9 },
    ]);
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
    const removed = it.model.remove(['session-1']);
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
    const removed = it.model.remove(['session-2']);
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
  expect(it.sessionRows()[0]?.meta).toBe('11:59 · 00:05 · 2 句');
});

describe('the lines', () => {
  test('stand under the days on which the sessions began; those pinned stand first, and only there', async () => {
    const pinned = session(3, { pinnedAt: NOW });
    const it = await filled(2, 'next', { pinned: [pinned] });
    const more = it.model.more();
    const yesterday = new Date(2026, 2, 9, 23, 0).getTime();
    const items = [
      pinned,
      session(4, { startedAt: yesterday }),
      session(5, { startedAt: yesterday - 86_400_000 }),
    ];
    it.next().answer({ items, cursor: null });
    await more;
    expect(it.lines()).toEqual([
      '[置顶]',
      '第 3 次',
      '[今天]',
      '第 1 次',
      '第 2 次',
      '[昨天]',
      '第 4 次',
      '[3月8日 周日]',
      '第 5 次',
    ]);
    // under no heading that says the day, a line says it
    expect(it.sessionRows()[0]?.meta).toMatch(/^今天 11:57/);
    expect(it.sessionRows()[1]?.meta).toMatch(/^11:59/);
  });

  test('say in badges and in words what is special about a session', async () => {
    const it = rig();
    const loaded = it.model.refresh();
    const losses = Array.from({ length: 50 }, () => ({ startMs: 0, endMs: 1, reason: 'asr' }));
    const over = { pinnedAt: 1, tags: ['甲', '乙', '丙', '丁'], state: 'interrupted', losses } as never;
    it.next().answer({ items: [session(1, over)], cursor: null });
    await loaded;
    const [row] = it.sessionRows();
    expect(row?.badges.map(({ text }) => text)).toEqual(['已置顶', '中断', '有缺失']);
    expect(row?.tags).toEqual(['甲', '乙', '丙', '+1']);
    expect(row?.spoken).toBe('已置顶，中断，有缺失，标签 甲，标签 乙，标签 丙，标签 丁，');
    expect(it.model.session('session-1')?.losses).toHaveLength(1);
  });

  test('without text say why there is none', async () => {
    const it = rig();
    const loaded = it.model.refresh();
    it.next().answer({
      items: [session(1, { title: '', state: 'live' }), session(2, { title: '' })],
      cursor: null,
    });
    await loaded;
    expect(it.sessionRows().map(({ title, preview }) => [title, preview])).toEqual([
      ['周二中午 · 没有文字', '还没有文字'],
      ['周二中午 · 没有文字', '可能没有人说话，或声音太小'],
    ]);
  });

  test('of sessions that the page shows otherwise are left out', async () => {
    const it = await filled(3);
    it.model.hide(['session-2']);
    expect(it.titles()).toEqual(['第 1 次', '第 3 次']);
    it.model.hide([]);
    expect(it.titles()).toHaveLength(3);
  });
});

describe('10,000 sessions', () => {
  async function longList() {
    const it = rig();
    const preview = '很长的开头'.repeat(16);
    const over = { title: '', preview, tags: ['客户', '周会', '项目'], state: 'interrupted' as const };
    for (let at = 0; at < 10_000; at += 50) {
      const loaded = it.model.more();
      const items = Array.from({ length: 50 }, (_, i) => session(at + i, over));
      it.next().answer({ items, cursor: at + 50 < 10_000 ? `p${at}` : null });
      await loaded;
    }
    return it;
  }

  test('give the view a bounded number of lines and of bytes, wherever it is scrolled', async () => {
    const it = await longList();
    let first = '';
    for (let top = 0; top < 1_500_000; top += 25_000) {
      it.model.scrolled(top);
      expect(it.view().rows.length).toBeLessThanOrEqual(WINDOW_ITEMS);
      expect(jsonBytes(it.view())).toBeLessThanOrEqual(64 * 1024);
      expect(it.view().rows[0]?.key).not.toBe(first);
      first = it.view().rows[0]?.key ?? '';
    }
    it.model.scrolled(0);
    expect(it.sessionRows()[0]?.sessionId).toBe('session-0');
  });

  test('scrolling within what the view has changes nothing', async () => {
    const it = await longList();
    const before = it.view();
    it.model.scrolled(300);
    expect(it.view()).toBe(before);
  });
});

test('near the end of what is loaded, the next page is asked for', async () => {
  const it = await filled(50, 'next');
  it.model.scrolled(0);
  expect(it.calls).toHaveLength(1);
  it.model.scrolled(4_500);
  expect(it.next().request).toMatchObject({ cursor: 'next' });
});

test('a session that a search found in its title only has no sentence to open at', async () => {
  const it = await filled(1);
  const search = it.model.search('会');
  const found = (n: number, ...indexes: number[]) => ({
    session: session(n),
    matches: indexes.map((index) => ({ index, text: '周会', startMs: 0, ranges: [[1, 2]] })),
  });
  it.next().answer({
    items: [found(1, -1, -2), found(2, -1, 1_800, 1_900)],
    cursor: null,
    searchedUntil: null,
  });
  await search;
  expect(it.model.firstMatch('session-1')).toBe(-1);
  expect(it.model.firstMatch('session-2')).toBe(1_800);
});
