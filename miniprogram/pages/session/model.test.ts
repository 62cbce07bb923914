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

describe('changing', () => {
  test('an edited sentence shows the edit, and null brings the original back', async () => {
    const { model, calls, view } = rig(
      page([sentence(0, '一')], null),
      { sessionId: 'session-1', sentence: { ...sentence(0, '壹'), original: '一' } },
      { sessionId: 'session-1', sentence: sentence(0, '一') },
    );
    await model.more();
    await model.edit(0, '壹');
    expect(view().rows.find((row) => row.index === 0)).toMatchObject({ text: '壹', edited: true });
    await model.edit(0, null);
    expect(view().rows.find((row) => row.index === 0)).toMatchObject({ text: '一', edited: false });
    expect(calls[2]?.request).toMatchObject({ index: 0, text: null });
  });

  test('a refused edit changes nothing on the screen', async () => {
    const { model, view } = rig(page([sentence(0, '一')], null), new VoiceError('CONFLICT'));
    await model.more();
    await expect(model.edit(0, '壹')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(view().rows[0]?.text).toBe('一');
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
