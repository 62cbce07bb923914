import { expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import { Deferred } from '../../../lib/deferred.ts';
import { CLOSED_EDIT, EditModel } from './edit.ts';

function rig() {
  let view = CLOSED_EDIT;
  const model = new EditModel((next) => (view = next));
  return { model, view: () => view };
}
const SENTENCE = { index: 3, text: '壹', original: '一', startMs: 0, endMs: 1 };

test('what was typed is stored and the sheet closes; null brings the original back', async () => {
  const { model, view } = rig();
  const stored: (string | null)[] = [];
  const store = async (text: string | null) => void stored.push(text);
  model.openSentence(SENTENCE, store);
  expect(view()).toMatchObject({ open: true, text: '壹', original: '一' });
  model.type('二');
  await model.save();
  expect(view()).toMatchObject({ open: false, saving: false });
  model.openSentence(SENTENCE, store);
  await model.restoreOriginal();
  expect(stored).toEqual(['二', null]);
});

test('a title has no original', () => {
  const { model, view } = rig();
  model.openSentence(SENTENCE, async () => {});
  model.openTitle('周会', async () => {});
  expect(view()).toMatchObject({ name: '标题', text: '周会', original: '', short: true });
});

test('a refusal is shown, and what was typed stays', async () => {
  const { model, view } = rig();
  model.openSentence(SENTENCE, async () => {
    throw new VoiceError('CONFLICT');
  });
  model.type('二');
  await model.save();
  expect(view()).toMatchObject({ open: true, saving: false, problem: expect.stringContaining('正被修改') });
  model.close();
  expect(view().text).toBe('二');
});

test('an answer that comes after the sheet was opened for another sentence does not close it', async () => {
  const { model, view } = rig();
  const answer = new Deferred<void>();
  model.openSentence(SENTENCE, () => answer.promise);
  const saving = model.save();
  model.close();
  model.openSentence({ ...SENTENCE, index: 4 }, async () => {});
  answer.resolve();
  await saving;
  expect(view()).toMatchObject({ open: true, saving: false });
});
