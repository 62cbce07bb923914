import { describe, expect, test, vi } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { MAX_SESSIONS_AT_ONCE } from '../../../contract/limits.ts';
import { filled, NOW, session } from './testing/history-rig.ts';

describe('a tag', () => {
  test('that is chosen is what the list is asked for, page by page, and can always be taken back', async () => {
    const it = await filled(2, null, { tags: ['周会'] });
    expect(it.view().tags).toEqual(['周会']);
    const filtered = it.model.filter('周会');
    expect(it.next().request).toMatchObject({ tag: '周会', cursor: null });
    it.next().answer({ items: [session(1, { tags: ['周会'] })], cursor: 'next', tags: [] });
    await filtered;
    expect(it.view()).toMatchObject({ tag: '周会', tags: ['周会'] });
    void it.model.more();
    expect(it.next().request).toMatchObject({ tag: '周会', cursor: 'next' });
  });

  test('that is new is offered first, and a session without the chosen one leaves its list', async () => {
    const it = await filled(2, null, { tags: ['周会', '客户'] });
    const set = it.model.setTags('session-1', ['新的']);
    expect(it.next()).toMatchObject({ action: 'tags', request: { sessionId: 'session-1', tags: ['新的'] } });
    it.next().answer({ sessionId: 'session-1', tags: ['新的'] });
    await set;
    expect(it.view().tags).toEqual(['新的', '周会', '客户']);
    expect(it.sessionRows()[0]?.tags).toEqual(['新的']);
    const filtered = it.model.filter('新的');
    it.next().answer({ items: [session(1, { tags: ['新的'] })], cursor: null });
    await filtered;
    const emptied = it.model.setTags('session-1', []);
    it.next().answer({ sessionId: 'session-1', tags: [] });
    await emptied;
    expect(it.view().empty).toBe(true);
  });
});

describe('pinning', () => {
  test('moves a session to the top, and back to its place', async () => {
    const it = await filled(3);
    const pinned = it.model.pin('session-3', true);
    expect(it.next()).toMatchObject({ action: 'pin', request: { sessionId: 'session-3', pinned: true } });
    it.next().answer({ sessionId: 'session-3', pinnedAt: NOW });
    await pinned;
    expect(it.titles()).toEqual(['第 3 次', '第 1 次', '第 2 次']);
    const unpinned = it.model.pin('session-3', false);
    it.next().answer({ sessionId: 'session-3', pinnedAt: null });
    await unpinned;
    expect(it.titles()).toEqual(['第 1 次', '第 2 次', '第 3 次']);
    expect(it.sessionRows()[2]?.badges).toEqual([]);
  });

  test('that is refused changes nothing and says why', async () => {
    const it = await filled(2);
    const pinned = it.model.pin('session-2', true);
    it.next().refuse(new VoiceError('TOO_MANY_PINNED'));
    await pinned;
    expect(it.titles()).toEqual(['第 1 次', '第 2 次']);
    expect(it.view().problem?.title).toBe('置顶已满');
  });

  test('outlives deletion and undo', async () => {
    const it = await filled(2, null, { pinned: [session(9, { pinnedAt: NOW })] });
    const removed = it.model.remove(['session-9']);
    it.next().answer({ sessionId: 'session-9', restorableUntil: 9 });
    await removed;
    expect(it.titles()).toEqual(['第 1 次', '第 2 次']);
    const undone = it.model.undo();
    await vi.waitFor(() => expect(it.next().action).toBe('restore'));
    it.next().answer({ sessionId: 'session-9' });
    await undone;
    expect(it.titles()).toEqual(['第 9 次', '第 1 次', '第 2 次']);
  });
});

describe('several', () => {
  test('are selected in the order of the list, up to as many as one call takes', async () => {
    const it = await filled(60);
    it.model.select('session-5');
    it.model.toggle('session-2');
    expect(it.view()).toMatchObject({ selecting: true, selected: 2 });
    expect(it.model.selected).toEqual(['session-2', 'session-5']);
    expect(it.sessionRows()[1]?.selected).toBe(true);
    it.model.toggle('session-2');
    expect(it.model.selected).toEqual(['session-5']);
    for (let n = 6; n < 60 && it.view().selected < MAX_SESSIONS_AT_ONCE; n += 1)
      it.model.toggle(`session-${n}`);
    expect(it.model.toggle('session-1')).toBe(false);
    expect(it.view().selected).toBe(MAX_SESSIONS_AT_ONCE);
    it.model.endSelecting();
    expect(it.view()).toMatchObject({ selecting: false, selected: 0 });
  });

  test('are deleted in one call and restored in one, to their places', async () => {
    const it = await filled(4);
    it.model.select('session-1');
    it.model.toggle('session-3');
    const removed = it.model.remove(it.model.selected);
    const ids = ['session-1', 'session-3'];
    expect(it.next()).toMatchObject({ action: 'deleteMany', request: { sessionIds: ids } });
    expect(it.view()).toMatchObject({ selecting: false, undo: ' 2 条记录' });
    it.next().answer({
      deleted: [{ sessionId: 'session-1', restorableUntil: 7 }],
      missing: ['session-3'],
    });
    await expect(removed).resolves.toMatchObject([{ restorableUntil: 7 }, { restorableUntil: 0 }]);
    expect(it.titles()).toEqual(['第 2 次', '第 4 次']);
    const undone = it.model.undo();
    await vi.waitFor(() =>
      expect(it.next()).toMatchObject({ action: 'restoreMany', request: { sessionIds: ids } }),
    );
    it.next().answer({ restored: ['session-1'], missing: ['session-3'] });
    await expect(undone).resolves.toEqual(['session-1']);
    expect(it.titles()).toEqual(['第 1 次', '第 2 次', '第 4 次']);
  });
});

test('what was deleted from one list is not put back into another', async () => {
  const it = await filled(2);
  const removed = it.model.remove(['session-1']);
  it.next().answer({ sessionId: 'session-1', restorableUntil: 9 });
  await removed;
  void it.model.search('别的');
  expect(it.view().undo).toBe('');
});
