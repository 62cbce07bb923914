import { describe, expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { EditResult, SentenceView } from '../../../contract/functions.ts';
import { CLOSED_REPLACE, REPLACE_STATES, ReplaceModel } from './replace.ts';
import { firstRequest, type PlannedEdit, planReplacement, type ReplaceRow } from './replace-plan.ts';

/** The sentences of a session, and what `editMany` does with them. */
function rig(texts: string[], { previewSize = 200, documents = 1_000 } = {}) {
  const stored: SentenceView[] = texts.map((text, index) => ({ index, text, startMs: index, endMs: index }));
  const faults: Error[] = [];
  let view = CLOSED_REPLACE;
  let rows: ReplaceRow[] = [];
  const applied: string[] = [];
  const editOne = ({ index, from, text }: PlannedEdit): EditResult => {
    const now = stored[index] as SentenceView;
    if (now.text !== from) return { index, outcome: 'conflict', sentence: now };
    const recognised = now.original ?? now.text;
    const after = text ?? recognised;
    const { original: _, ...rest } = now;
    stored[index] = { ...rest, text: after, ...(after !== recognised && { original: recognised }) };
    return { index, outcome: 'edited', sentence: stored[index] };
  };
  const model = new ReplaceModel(
    {
      load: async (query, cursor) => {
        const found = stored.filter(({ text, index }) => text.includes(query) && index >= Number(cursor));
        const next = found[previewSize]?.index;
        return { sentences: found.slice(0, previewSize), cursor: next === undefined ? null : String(next) };
      },
      edit: async (edits) => {
        const fault = faults.shift();
        if (fault?.message === 'answer lost') edits.slice(0, documents).map(editOne);
        if (fault) throw new VoiceError('STORE_UNAVAILABLE');
        return edits.slice(0, documents).map(editOne);
      },
      apply: async (changed) => void applied.push(...changed.map(({ text }) => text)),
    },
    (nextView, nextRows) => {
      view = nextView;
      rows = nextRows;
    },
  );
  return { model, stored, faults, applied, view: () => view, rows: () => rows };
}
const texts = (stored: SentenceView[]): string[] => stored.map(({ text }) => text);

test('the preview says what changes to what; one that is left out stays', async () => {
  const { model, stored, view, rows, applied } = rig(['讲预算', '别的', '预算和预算', '预算']);
  model.open('预算');
  model.type('经费');
  await model.preview();
  expect(view()).toMatchObject({ phase: 'ready', chosen: 3 });
  expect(rows().map(({ after }) => after.map(({ text }) => text).join(''))).toEqual([
    '讲经费',
    '经费和经费',
    '经费',
  ]);
  model.toggle(3);
  await model.run();
  expect(texts(stored)).toEqual(['讲经费', '别的', '经费和经费', '预算']);
  expect(view()).toMatchObject({ phase: 'done', done: 2, conflicts: 0, undoable: 2 });
  expect(rows().map(({ note }) => note)).toEqual(['已替换', '已替换', '']);
  expect(applied).toEqual(['讲经费', '经费和经费']);
});

test('undo brings back what each sentence was, an earlier edit or what was recognised', async () => {
  const { model, stored, view } = rig(['讲预算', '预算']);
  stored[1] = { ...(stored[1] as SentenceView), original: '玉蒜' };
  model.open('预算');
  model.type('');
  await model.preview();
  await model.run();
  expect(texts(stored)).toEqual(['讲', '']);
  await model.undo();
  expect(stored.map(({ text, original }) => [text, original])).toEqual([
    ['讲预算', undefined],
    ['预算', '玉蒜'],
  ]);
  expect(view()).toMatchObject({ phase: 'done', undoing: true, done: 2, undoable: 0 });
});

test('what was edited meanwhile is not overwritten, by the replacement nor by undoing it, and this is said', async () => {
  const { model, stored, view, rows } = rig(['预算一', '预算二', '预算三']);
  model.open('预算');
  model.type('经费');
  await model.preview();
  stored[1] = { ...(stored[1] as SentenceView), text: '别处改的' };
  await model.run();
  expect(view()).toMatchObject({ done: 2, conflicts: 1 });
  expect(rows()[1]?.note).toContain('在别处改过');
  stored[0] = { ...(stored[0] as SentenceView), text: '又改了' };
  await model.undo();
  expect(texts(stored)).toEqual(['又改了', '别处改的', '预算三']);
  expect(view()).toMatchObject({ phase: 'done', done: 1, conflicts: 1 });
});

describe('where it is interrupted', () => {
  test.each(['lost request', 'answer lost'])('it says how far it came, and goes on: %s', async (kind) => {
    const all = Array.from({ length: 30 }, (_, i) => `预算 ${i}`);
    const { model, stored, faults, view } = rig(all, { documents: 10 });
    model.open('预算');
    model.type('经费');
    await model.preview();
    // the second request fails
    const run = model.run();
    faults.push(new Error(kind));
    await run;
    expect(view()).toMatchObject({ phase: 'stopped', done: 10, total: 30, undoable: 10 });
    expect(view().problem).not.toBe('');
    await model.run();
    expect(texts(stored).every((text) => text.startsWith('经费'))).toBe(true);
    expect(view().phase).toBe('done');
  });

  test('what was changed until then can be changed back', async () => {
    const { model, stored, faults, view } = rig(['预算 1', '预算 2', '预算 3'], { documents: 1 });
    model.open('预算');
    model.type('经费');
    await model.preview();
    const run = model.run();
    faults.push(new Error('lost request'));
    await run;
    await model.undo();
    expect(texts(stored)).toEqual(['预算 1', '预算 2', '预算 3']);
    expect(view()).toMatchObject({ phase: 'done', undoing: true });
  });
});

test('more sentences than a preview holds come after it, and all of them can be undone', async () => {
  const all = Array.from({ length: 25 }, (_, i) => `预算 ${i}`);
  const { model, stored, view } = rig(all, { previewSize: 10 });
  model.open('预算');
  model.type('预算表');
  await model.preview();
  await model.run();
  expect(view()).toMatchObject({ phase: 'done', more: true, undoable: 10 });
  await model.preview();
  await model.run();
  await model.preview();
  await model.run();
  expect(texts(stored)).toEqual(all.map((text) => text.replace('预算', '预算表')));
  expect(view()).toMatchObject({ more: false, undoable: 25 });
  await model.undo();
  expect(texts(stored)).toEqual(all);
});

test('a sentence that was replaced twice goes back to what it was at first', async () => {
  const { model, stored, view } = rig(['讲预算', '别的']);
  model.open('预算');
  for (const text of ['预算表', '预算草案']) {
    model.type(text);
    await model.preview();
    await model.run();
  }
  expect(texts(stored)).toEqual(['讲预算草案表', '别的']);
  await model.undo();
  expect(texts(stored)).toEqual(['讲预算', '别的']);
  expect(view()).toMatchObject({ done: 1, undoable: 0 });
});

test('a preview that cannot be read is asked for again', async () => {
  let failing = true;
  let view = CLOSED_REPLACE;
  const model = new ReplaceModel(
    {
      load: async () => {
        if (failing) throw new VoiceError('STORE_UNAVAILABLE');
        return { sentences: [], cursor: null };
      },
      edit: async () => [],
      apply: async () => {},
    },
    (next) => (view = next),
  );
  model.open('预算');
  await model.preview();
  expect(view).toMatchObject({ phase: 'asking', problem: expect.stringMatching(/./) });
  failing = false;
  await model.preview();
  expect(view).toMatchObject({ phase: 'ready', chosen: 0, problem: '' });
});

test('a change of the replacement makes the preview void', async () => {
  const { model, view, rows } = rig(['预算']);
  model.open('预算');
  model.type('经费');
  await model.preview();
  model.type('费用');
  expect(view().phase).toBe('asking');
  expect(rows()).toEqual([]);
  await model.run();
  expect(view().phase).toBe('asking');
});

test('in no state does an event lead out of the table', () => {
  for (const state of REPLACE_STATES.states)
    for (const event of REPLACE_STATES.events)
      expect([...REPLACE_STATES.states, 'none']).toContain(REPLACE_STATES.next(state, event));
  expect(REPLACE_STATES.next('working', 'type')).toBe('none');
  expect(REPLACE_STATES.next('working', 'undo')).toBe('none');
});

test('sentences that would not change are no rows, and one that becomes too long cannot be chosen', () => {
  const sentence = (index: number, text: string): SentenceView => ({ index, text, startMs: 0, endMs: 1 });
  const planned = planReplacement(
    [sentence(0, 'ab'), sentence(1, 'aB'), sentence(2, 'ab'.repeat(900))],
    'AB',
    'ab',
  );
  expect(planned.map(({ edit }) => [edit.index, edit.text])).toEqual([[1, 'ab']]);
  const [long] = planReplacement([sentence(2, 'ab'.repeat(900))], 'ab', 'abcd');
  expect(long?.row).toMatchObject({ chosen: false, note: expect.stringContaining('太长') });
});

test('a request holds as many edits as the function takes', () => {
  const edits = Array.from({ length: 300 }, (_, index) => ({ index, from: 'a', text: 'b' }));
  expect(firstRequest(edits)).toHaveLength(200);
  const long = edits.map((edit) => ({ ...edit, from: '字'.repeat(1_000), text: '字'.repeat(1_000) }));
  expect(JSON.stringify(firstRequest(long)).length).toBeLessThan(30_000);
  expect(firstRequest(long).length).toBeGreaterThan(5);
});

test('typed while the preview is loaded, the preview is not shown', async () => {
  const { model, view, rows } = rig(['预算']);
  model.open('预算');
  model.type('经费');
  const loading = model.preview();
  model.type('费用');
  await loading;
  expect([view().phase, rows()]).toEqual(['asking', []]);
});
