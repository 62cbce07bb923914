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
/** How the text is copied: no times, a sentence a line. */
const PLAIN = { times: false, paragraphs: false };
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
    await expect(whole.model.fullText(PLAIN)).resolves.toBe('一\n二');
    const broken = rig(page([sentence(0, '一')], 'p2'), new VoiceError('INTERNAL'));
    await expect(broken.model.fullText(PLAIN)).rejects.toThrow();
  });
});

/** The history function with a session of `count` sentences, in pages as long as they are asked for. */
function longSession(count: number) {
  let requests = 0;
  const history = async (
    _action: string,
    { cursor, from, before, limit }: { cursor?: string; from?: number; before?: number; limit: number },
  ) => {
    requests += 1;
    const start = before === undefined ? Number(cursor ?? from ?? 0) : Math.max(0, before - limit);
    const until = Math.min(before ?? count, start + limit);
    const next = before === undefined ? (until === count ? null : until) : start === 0 ? null : start;
    return {
      session: { ...summary, sentenceCount: count, durationMs: count * 1_000, losses: [] },
      sentences: Array.from({ length: Math.max(0, until - start) }, (_, i) =>
        sentence(start + i, `第 ${start + i} 句，讲预算`),
      ),
      cursor: next === null ? null : String(next),
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
const indexes = (view: SessionView): number[] => view.rows.map((row) => row.index);
const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('a session of eight hours', () => {
  test('the full text reads everything and leaves the rows in the page as they are', async () => {
    const { model, requests, view } = longSession(5_000);
    await model.more();
    const before = view().rows;
    expect((await model.fullText(PLAIN)).split('\n')).toHaveLength(5_000);
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
    expect(indexes(view())).toEqual(range(800, 200));
    expect(view()).toMatchObject({ before: 800, behind: 4_000 });
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

describe('opened in the middle', () => {
  test('one request shows the sentence with those around it; before and behind are read when asked for', async () => {
    const { model, requests, view } = longSession(5_000);
    expect(await model.jumpTo(1_800)).toBe(true);
    expect(requests()).toBe(1);
    expect(indexes(view())).toEqual(range(1_795, 200));
    expect(view()).toMatchObject({ before: 1_795, behind: 3_005, complete: false });
    await model.more();
    expect(indexes(view())).toEqual(range(1_795, 400));
    await model.previous();
    expect(indexes(view())).toEqual(range(1_595, 200));
    expect(view()).toMatchObject({ before: 1_595, behind: 3_205 });
    expect(requests()).toBe(3);
  });

  test('the beginning is reached, and is known to be it', async () => {
    const { model, view } = longSession(5_000);
    await model.jumpTo(100);
    await model.previous();
    expect(indexes(view())).toEqual(range(0, 95));
    expect(view().before).toBe(0);
  });

  test('two who ask for what is before read it once, and the rows stay at their place', async () => {
    const { model, requests, view } = longSession(5_000);
    await model.jumpTo(3_000);
    await Promise.all([model.previous(), model.previous()]);
    expect(requests()).toBe(2);
    expect(indexes(view())).toEqual(range(2_795, 200));
    // and together with what is behind
    await Promise.all([model.previous(), model.next()]);
    expect(indexes(view())).toEqual(range(indexes(view())[0] ?? 0, view().rows.length));
  });

  test('the full text is whole, and in order', async () => {
    const { model, view } = longSession(1_000);
    await model.jumpTo(700);
    const shown = view().rows;
    const [text = '', again] = await Promise.all([model.fullText(PLAIN), model.fullText(PLAIN)]);
    expect(text.split('\n')).toEqual(range(0, 1_000).map((index) => `第 ${index} 句，讲预算`));
    expect(again).toBe(text);
    expect(view().rows).toEqual(shown);
  });

  test('a sentence that was read is shown without a request; one that is not there is told', async () => {
    const { model, requests, view } = longSession(5_000);
    await model.jumpTo(1_800);
    expect(await model.jumpTo(1_900)).toBe(true);
    expect(view().rows[5]?.index).toBe(1_900);
    expect(requests()).toBe(1);
    expect(await model.jumpTo(9_999)).toBe(false);
    expect(view().rows[0]?.index).toBe(0);
  });

  test('losses outside of what was read wait until their sentences are', async () => {
    const losses = [0, 2_500, 9_000].map((startMs) => ({ startMs, endMs: startMs + 1, reason: 'asr' }));
    const { model, view } = rig({
      session: { ...summary, losses },
      sentences: [sentence(2, '二'), sentence(3, '三')],
      cursor: 'later',
    });
    await model.jumpTo(7);
    expect(view().rows.map(({ key }) => key)).toEqual(['line-2', 'loss-2500', 'line-3']);
  });
});

describe('as paragraphs', () => {
  const spoken = (index: number, startMs: number, text: string): SentenceView => ({
    index,
    text,
    startMs,
    endMs: startMs + 900,
  });

  test('sentences without a long pause are one, and each can still be found in it', async () => {
    const { model, view } = rig(
      page([spoken(0, 0, '今天开会。'), spoken(1, 1_000, '先讲预算。'), spoken(2, 8_000, 'OK.')], null),
    );
    model.setJoined(true);
    model.setHighlight('预算');
    await model.more();
    expect(view().rows).toEqual([]);
    // the loss of the session, at 2.5 s, stands between them
    expect(view().paragraphs.map(({ pieces }) => pieces.map(({ index }) => index))).toEqual([
      [0, 1],
      [-1],
      [2],
    ]);
    expect(view().paragraphs[0]?.pieces[1]?.segments).toMatchObject([{}, { text: '预算', hit: true }, {}]);
    expect(model.paragraphText(1)).toBe('今天开会。先讲预算。');
    model.setJoined(false);
    expect([view().rows.length, view().paragraphs]).toEqual([4, []]);
  });

  test('they are copied as they are shown, with times and losses where times are asked for', async () => {
    const { model } = rig(page([spoken(0, 0, '今天开会。'), spoken(1, 1_000, '先讲预算。')], null));
    expect(await model.fullText({ times: false, paragraphs: true })).toBe('今天开会。先讲预算。');
    expect(await model.fullText({ times: true, paragraphs: false })).toMatch(
      /^00:00 今天开会。\n00:01 先讲预算。\n00:02 〔此处.*〕$/,
    );
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

  test('those of a sentence can be removed', async () => {
    const marked = { ...summary, losses: [], marks: [1_100, 1_300, 2_700] };
    const { model, calls, view } = rig(
      { session: marked, sentences: [sentence(1, '一'), sentence(2, '二')], cursor: null },
      { sessionId: 'session-1', marks: [2_700] },
    );
    await model.more();
    await model.unmark(1);
    expect(calls.at(-1)).toEqual({
      action: 'marks',
      request: { sessionId: 'session-1', remove: [1_100, 1_300] },
    });
    expect(view().rows.map(({ mark }) => mark)).toEqual(['', '00:02']);
    expect(view().marks).toEqual([2_700]);
    await model.unmark(1);
    expect(calls).toHaveLength(2);
  });

  test('a mark late in a long session is jumped to in one request, also back from there', async () => {
    const { model, requests, view } = longSession(5_000);
    await model.more();
    expect(await model.jumpToTime(3_000_400)).toBe(3_000);
    expect(requests()).toBe(2);
    expect(view().rows.map(({ index }) => index)).toContain(3_000);
    expect(await model.jumpToTime(3_001_900)).toBe(3_001);
    expect(requests()).toBe(2);
    expect(await model.jumpToTime(1_000_400)).toBe(1_000);
    expect(requests()).toBe(3);
    const empty = rig({ session: summary, sentences: [], cursor: null });
    expect(await empty.model.jumpToTime(5)).toBeNull();
  });

  test('where sentences are spread unevenly, pages are read until the moment is among them', async () => {
    const crowded = (indexes: number[]) =>
      indexes.map((index) => ({ ...sentence(index, '句'), startMs: 8_000 + index, endMs: 8_001 + index }));
    const session = { ...summary, losses: [], sentenceCount: 1_000 };
    const { model, calls } = rig(
      { session, sentences: crowded(range(0, 200)), cursor: '200' },
      { session, sentences: crowded(range(900, 100)), cursor: null },
      { session, sentences: crowded(range(700, 200)), cursor: '700' },
      { session, sentences: crowded(range(500, 200)), cursor: '500' },
    );
    await model.more();
    expect(await model.jumpToTime(8_600)).toBe(600);
    expect(calls.map(({ request }) => request.from ?? request.before ?? 'first')).toEqual([
      'first',
      950,
      900,
      700,
    ]);
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
    expect(view().summary?.title).toMatch(/ · 壹$/);
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
    { content: '1\n', encoding: 'utf8', filename: '周会.srt', mimeType: 'text/plain', cursor: 'more' },
    { content: '2\n', encoding: 'utf8', filename: '周会.srt', mimeType: 'text/plain', cursor: null },
  );
  await expect(model.export('srt')).resolves.toEqual({
    content: '1\n2\n',
    encoding: 'utf8',
    filename: '周会.srt',
  });
  expect(calls.map((call) => call.request.cursor)).toEqual([null, 'more']);
});
