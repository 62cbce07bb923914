import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openFakePage } from '../../testing/fake-page.ts';

const SENTENCES = 5_000;
const MAX_CALL_BYTES = 64 * 1024;
const UNDECLARED = {
  errMsg: 'setClipboardData:fail api scope is not declared in the privacy agreement',
  errno: 112,
};

const textOf = (index: number): string => `第 ${index} 句，我们在这里讨论下一个季度的预算和人手。`;
const edits = new Map<number, string>();
const sentence = (index: number) => {
  const edited = edits.get(index);
  return {
    index,
    text: edited ?? textOf(index),
    startMs: index * 5_760,
    endMs: index * 5_760 + 5_000,
    ...(edited !== undefined && { original: textOf(index) }),
  };
};
const session = () => ({
  sessionId: 'long',
  source: 'stream',
  state: 'completed',
  engine: '16k_zh',
  title: '',
  preview: sentence(0).text,
  startedAt: 0,
  endedAt: 1,
  durationMs: 28_800_000,
  sentenceCount: SENTENCES,
  charCount: 1,
  losses: [],
});

interface Request {
  action: string;
  cursor?: string | null;
  from?: number;
  limit?: number;
  index?: number;
  text?: string;
  query?: string;
}
/** The history function of a session of eight hours. */
function answer({
  action,
  cursor,
  from: start,
  limit = 50,
  index = 0,
  text = '',
  query = '',
}: Request): unknown {
  if (action === 'find') {
    const indexes = Array.from({ length: SENTENCES }, (_, i) => i);
    return { indexes: indexes.filter((i) => textOf(i).includes(query)), sentences: [], cursor: null };
  }
  if (refused) return { code: 'CONFLICT', message: '', retriable: true };
  if (action === 'edit') {
    edits.set(index, text);
    return { sessionId: 'long', sentence: sentence(index) };
  }
  const from = Number(cursor ?? start ?? 0);
  const until = Math.min(SENTENCES, from + limit);
  const sentences = Array.from({ length: until - from }, (_, i) => sentence(from + i));
  return { session: session(), sentences, cursor: until === SENTENCES ? null : String(until) };
}

let clipboard: string[];
let modals: { title: string; content: string }[];
let toasts: string[];
let clipboardError: object | undefined;
let menuChoice: string;
let stored: Record<string, unknown>;
/** The function answers that the record is being changed. */
let refused: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  edits.clear();
  stored = {};
  refused = false;
  [clipboard, modals, toasts, clipboardError] = [[], [], [], undefined];
  vi.stubGlobal('wx', {
    cloud: {
      init: () => {},
      callFunction: async ({ data }: { data: Request }) => ({ result: answer(data) }),
    },
    getStorageSync: (key: string) => stored[key] ?? '',
    setStorageSync: (key: string, value: unknown) => {
      stored[key] = value;
    },
    nextTick: (fn: () => void) => fn(),
    pageScrollTo: async () => {},
    setClipboardData: async ({ data }: { data: string }) => {
      if (clipboardError) throw clipboardError;
      clipboard.push(data);
    },
    showToast: ({ title }: { title: string }) => void toasts.push(title),
    showActionSheet: async ({ itemList }: { itemList: string[] }) => {
      if (!itemList.includes(menuChoice)) throw new Error(`no ${menuChoice} in ${itemList.join()}`);
      return { tapIndex: itemList.indexOf(menuChoice) };
    },
    showModal: async (modal: { title: string; content: string }) => void modals.push(modal),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

async function opened(query: Record<string, string> = {}) {
  const page = await openFakePage('session', () => import('./session.ts'), { id: 'long', ...query });
  await vi.advanceTimersByTimeAsync(2_000);
  const bytes = () => page.calls.map((patch) => Buffer.byteLength(JSON.stringify(patch)));
  return {
    page,
    rows: () => page.data.rows as { index: number; text: string }[],
    sum: () => bytes().reduce((sum, size) => sum + size, 0),
    largest: () => Math.max(0, ...bytes()),
  };
}

describe('a session of 5,000 sentences', () => {
  test('the menu of a sentence copies it alone', async () => {
    const { page } = await opened();
    menuChoice = '复制这一句';
    page.call('tapLineMenu', { currentTarget: { dataset: { index: 7 } } });
    await vi.advanceTimersByTimeAsync(0);
    expect(clipboard).toEqual([textOf(7)]);
  });

  test('an edit sends the one row that has changed', async () => {
    const { page, rows, sum } = await opened();
    page.calls.length = 0;
    menuChoice = '修改这一句';
    page.call('tapLine', { currentTarget: { dataset: { index: 120 } } });
    await vi.advanceTimersByTimeAsync(0);
    page.call('typeEdit', { detail: { value: '改过的一句' } });
    page.call('saveEdit');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(rows()[120]?.text).toBe('改过的一句');
    expect(page.data.edit).toMatchObject({ open: false });
    expect(page.calls.flatMap((patch) => Object.keys(patch)).filter((key) => key.startsWith('rows'))).toEqual(
      ['rows[120]'],
    );
    expect(sum()).toBeLessThan(2_000);
  });

  test('copying the whole text carries none of it through the page', async () => {
    const { page, sum } = await opened();
    page.calls.length = 0;
    menuChoice = '复制全文';
    page.call('tapCopy');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(clipboard[0]?.split('\n')).toHaveLength(SENTENCES);
    expect(sum()).toBeLessThan(20_000);
  });

  test('as paragraphs it is sent once more, and the choice is kept', async () => {
    const { page, sum, largest } = await opened();
    page.calls.length = 0;
    page.call('tapJoined');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(page.data.rows).toEqual([]);
    expect((page.data.paragraphs as unknown[]).length).toBeGreaterThan(10);
    expect(stored.settings).toEqual({ paragraphs: true });
    expect(largest()).toBeLessThanOrEqual(MAX_CALL_BYTES);
    expect(sum()).toBeLessThan(2 * MAX_CALL_BYTES);
    const again = await opened();
    expect(again.page.data).toMatchObject({ joined: true, rows: [] });
  });

  test('scrolling to the end of the window keeps every call below 64 KB, and sends each row once', async () => {
    const { page, rows, sum, largest } = await opened();
    for (let i = 0; i < 20; i++) {
      page.call('onReachBottom');
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(rows()).toHaveLength(1_000);
    expect(largest()).toBeLessThanOrEqual(MAX_CALL_BYTES);
    expect(sum()).toBeLessThan(1.2 * Buffer.byteLength(JSON.stringify(rows())));
  });

  test('a search finds the sentence and shows it, without the 4,000 before it', async () => {
    const { page, rows, sum, largest } = await opened();
    page.calls.length = 0;
    page.call('tapFind');
    page.call('typeFind', { detail: { value: '第 4321 句' } });
    page.call('submitFind');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.data.find).toMatchObject({ total: 1, current: 1 });
    expect(rows().map((row) => row.index)).toContain(4_321);
    expect(page.data.marked).toBe(4_321);
    expect(largest()).toBeLessThanOrEqual(MAX_CALL_BYTES);
    expect(sum()).toBeLessThan(2 * MAX_CALL_BYTES);
  });

  test('nothing is sent while another page covers it', async () => {
    const { page } = await opened();
    page.call('onHide');
    page.calls.length = 0;
    menuChoice = '复制全文';
    page.call('tapCopy');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.calls).toEqual([]);
    page.call('onShow');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(page.calls.length).toBeLessThanOrEqual(1);
  });

  test('a refused clipboard is not told as a text that could not be read', async () => {
    const { page } = await opened();
    clipboardError = UNDECLARED;
    menuChoice = '复制全文和时间';
    page.call('tapCopy');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(toasts).toEqual([]);
    expect(modals).toMatchObject([{ title: '不能复制', content: expect.stringContaining('剪切板') }]);
    expect(modals[0]?.content).toContain('导出');
  });
});

test('a field is not overwritten while it is typed in, whatever else of its sheet changes', async () => {
  const { page } = await opened();
  menuChoice = '修改这一句';
  page.call('tapLine', { currentTarget: { dataset: { index: 3 } } });
  await vi.advanceTimersByTimeAsync(500);
  expect(page.data.editText).toBe(textOf(3));
  page.calls.length = 0;
  page.call('typeEdit', { detail: { value: '正在输入' } });
  refused = true;
  page.call('saveEdit');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(page.data.edit).toMatchObject({ open: true, problem: expect.stringMatching(/./) });
  expect(page.calls.flatMap((patch) => Object.keys(patch))).not.toContain('editText');
});
