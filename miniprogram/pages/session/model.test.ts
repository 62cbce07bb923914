import { describe, expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { SentenceView } from '../../../contract/functions.ts';
import { SessionModel, type SessionView } from './model.ts';

const summary = {
  sessionId: 'session-1',
  source: 'stream',
  state: 'completed',
  engine: '16k_zh',
  title: '',
  preview: '一',
  startedAt: 0,
  endedAt: 1,
  durationMs: 9_000,
  sentenceCount: 3,
  charCount: 3,
  losses: [{ startMs: 2_500, endMs: 3_500, reason: 'asr' }],
};
const sentence = (index: number, text: string): SentenceView => ({
  index,
  text,
  startMs: index * 1_000,
  endMs: index * 1_000 + 500,
});

/** The history function with prepared answers, in order; an `Error` is thrown. */
function rig(...answers: unknown[]) {
  const calls: { action: string; request: Record<string, unknown> }[] = [];
  const history = async (action: string, request: Record<string, unknown>): Promise<unknown> => {
    calls.push({ action, request });
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`unexpected ${action}`);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  let view: SessionView | undefined;
  const model = new SessionModel(
    { history } as never,
    'session-1',
    () => 0,
    (next) => (view = next),
  );
  return { model, calls, view: () => view as SessionView };
}
const page = (sentences: SentenceView[], cursor: string | null) => ({ session: summary, sentences, cursor });

describe('reading', () => {
  test('page after page, each once, with losses at their place', async () => {
    const { model, calls, view } = rig(
      page([sentence(0, '一'), sentence(2, '二')], 'p2'),
      page([sentence(3, '三')], null),
    );
    await Promise.all([model.more(), model.more()]);
    expect(calls).toHaveLength(1);
    expect(view().rows.map((row) => row.text)).toEqual(['一', '二']);
    await model.more();
    await model.more();
    expect(calls).toHaveLength(2);
    expect(calls[1]?.request).toMatchObject({ cursor: 'p2' });
    expect(view().rows.map((row) => row.key)).toEqual(['line-0', 'line-2', 'loss-2500', 'line-3']);
    expect(view()).toMatchObject({ loading: false, complete: true, problem: null });
  });

  test('a failure says what is wrong and can be tried again', async () => {
    const { model, view } = rig(new VoiceError('STORE_UNAVAILABLE'), page([sentence(0, '一')], null));
    await model.more();
    expect(view().problem).not.toBeNull();
    await model.more();
    expect(view()).toMatchObject({ problem: null, complete: true });
  });

  test('the full text waits for all pages, and fails rather than being cut short', async () => {
    const whole = rig(page([sentence(0, '一')], 'p2'), page([sentence(1, '二')], null));
    await expect(whole.model.fullText()).resolves.toBe('一\n二');
    const broken = rig(page([sentence(0, '一')], 'p2'), new VoiceError('INTERNAL'));
    await expect(broken.model.fullText()).rejects.toThrow();
  });
});

/** The history function with a session of `count` sentences, in pages as long as they are asked for. */
function longSession(count: number) {
  let requests = 0;
  const history = async (_action: string, { cursor, limit }: { cursor: string | null; limit: number }) => {
    requests += 1;
    const from = Number(cursor ?? 0);
    const until = Math.min(count, from + limit);
    return {
      session: { ...summary, sentenceCount: count, losses: [] },
      sentences: Array.from({ length: until - from }, (_, i) =>
        sentence(from + i, `第 ${from + i} 句，讲预算`),
      ),
      cursor: until === count ? null : String(until),
    };
  };
  let view: SessionView | undefined;
  const model = new SessionModel(
    { history } as never,
    'session-1',
    () => 0,
    (next) => (view = next),
  );
  return { model, requests: () => requests, view: () => view as SessionView };
}

describe('a session of eight hours', () => {
  test('the full text and a search read everything and leave the rows in the page as they are', async () => {
    const { model, requests, view } = longSession(5_000);
    await model.more();
    const before = view().rows;
    expect((await model.fullText()).split('\n')).toHaveLength(5_000);
    const found = await model.find('预算');
    expect([found.total, found.rows.length]).toEqual([5_000, 50]);
    expect(requests()).toBe(25);
    expect(view().rows).toEqual(before);
    expect(view()).toMatchObject({ behind: 4_800, read: 5_000, complete: false });
  });

  test('scrolling fills the window, and then goes on from it only when asked', async () => {
    const { model, view } = longSession(5_000);
    for (let i = 0; i < 8; i++) await model.more();
    expect(view().rows).toHaveLength(1_000);
    expect(view()).toMatchObject({ before: 0, behind: 4_000, full: true });
    await model.next();
    expect(view().rows[0]?.key).toBe('line-1000');
    expect(view()).toMatchObject({ before: 1_000, behind: 3_800, full: false });
    await model.previous();
    expect(view().rows.map((row) => row.index)).toEqual(Array.from({ length: 200 }, (_, i) => 800 + i));
    expect(view()).toMatchObject({ before: 800, behind: 4_000 });
  });

  test('a sentence that was found is shown with those around it', async () => {
    const { model, view } = longSession(5_000);
    await model.more();
    const { rows } = await model.find('第 4321 句');
    expect(rows.map((row) => row.index)).toEqual([4_321]);
    expect(await model.jumpTo(4_321)).toBe(true);
    expect(view().rows[5]?.index).toBe(4_321);
    expect(view().rows.length).toBeLessThanOrEqual(200);
    expect(await model.jumpTo(9_999)).toBe(false);
  });

  test('at its end nothing is behind', async () => {
    const { model, view } = longSession(450);
    for (let i = 0; i < 4; i++) await model.more();
    expect(view()).toMatchObject({ before: 0, behind: 0, complete: true });
    expect(view().rows).toHaveLength(450);
    await model.next();
    expect(view().rows).toHaveLength(450);
  });
});

describe('marks', () => {
  test('stand at the sentence that was spoken, and those that are not read yet at none', async () => {
    const marked = { ...summary, losses: [], marks: [100, 2_700, 2_800, 9_000] };
    const { model, view } = rig(
      { session: marked, sentences: [sentence(1, '一'), sentence(2, '二')], cursor: 'p2' },
      { session: marked, sentences: [sentence(3, '三')], cursor: null },
    );
    await model.more();
    expect(view().rows.map(({ mark }) => mark)).toEqual(['00:00', '']);
    await model.more();
    expect(view().rows.map(({ mark }) => mark)).toEqual(['00:00', '00:02、00:02', '00:09']);
    expect(view().marks).toEqual(marked.marks);
  });

  test('a mark late in a long session is jumped to, and no more is read than needed', async () => {
    const { model, requests, view } = longSession(5_000);
    expect(await model.jumpToTime(1_000_400)).toBe(1_000);
    expect(requests()).toBe(6);
    expect(view().rows.map(({ index }) => index)).toContain(1_000);
    const empty = rig({ session: summary, sentences: [], cursor: null });
    expect(await empty.model.jumpToTime(5)).toBeNull();
  });
});

describe('changing', () => {
  test('an edited sentence shows the edit, and null brings the original back', async () => {
    const { model, calls, view } = rig(
      page([sentence(0, '一')], null),
      { sessionId: 'session-1', sentence: { ...sentence(0, '壹'), original: '一' } },
      page([], null),
      { sessionId: 'session-1', sentence: sentence(0, '一') },
      page([], null),
    );
    await model.more();
    await model.edit(0, '壹');
    expect(view().rows.find((row) => row.index === 0)).toMatchObject({ text: '壹', edited: true });
    await model.edit(0, null);
    expect(view().rows.find((row) => row.index === 0)).toMatchObject({ text: '一', edited: false });
    expect(calls[3]?.request).toMatchObject({ index: 0, text: null });
  });

  test('the heading follows an edit of the sentence that it is made of', async () => {
    const untitled = { ...summary, preview: '一' };
    const { model, view } = rig(
      { session: untitled, sentences: [sentence(0, '一')], cursor: null },
      { sessionId: 'session-1', sentence: { ...sentence(0, '壹'), original: '一' } },
      { session: { ...untitled, preview: '壹' }, sentences: [], cursor: null },
    );
    await model.more();
    await model.edit(0, '壹');
    expect(view().summary?.title).toBe('壹');
  });

  test('an edit that is stored stays, also where the heading cannot be read again', async () => {
    const { model, view } = rig(
      page([sentence(0, '一')], null),
      { sessionId: 'session-1', sentence: { ...sentence(0, '壹'), original: '一' } },
      new VoiceError('STORE_UNAVAILABLE'),
    );
    await model.more();
    await model.edit(0, '壹');
    expect(view()).toMatchObject({ problem: null, rows: [{ text: '壹' }, {}] });
  });

  test('a refused edit changes nothing on the screen', async () => {
    const { model, view } = rig(page([sentence(0, '一')], null), new VoiceError('CONFLICT'));
    await model.more();
    await expect(model.edit(0, '壹')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(view().rows[0]?.text).toBe('一');
  });

  test('half an emoji, which an input leaves at its length limit, is not sent', async () => {
    const { model, calls } = rig(
      page([sentence(0, '一')], null),
      { sessionId: 'session-1', sentence: sentence(0, '壹') },
      // the heading is read again after an edit
      page([], null),
      { sessionId: 'session-1', title: '周会' },
    );
    await model.more();
    await model.edit(0, '壹\ud83d');
    await model.rename('周会\ud83d');
    const sent = calls.map(({ request }) => request.text ?? request.title);
    expect(sent.filter((text) => text !== undefined)).toEqual(['壹', '周会']);
  });

  test('a new title shows at once', async () => {
    const { model, view } = rig(page([], null), { sessionId: 'session-1', title: '周会' });
    await model.more();
    await model.rename('周会');
    expect(view().summary?.title).toBe('周会');
  });
});

test('an export in parts is one file', async () => {
  const { model, calls } = rig(
    { content: '1\n', filename: '周会.srt', mimeType: 'text/plain', cursor: 'more' },
    { content: '2\n', filename: '周会.srt', mimeType: 'text/plain', cursor: null },
  );
  await expect(model.export('srt')).resolves.toEqual({ content: '1\n2\n', filename: '周会.srt' });
  expect(calls.map((call) => call.request.cursor)).toEqual([null, 'more']);
});
