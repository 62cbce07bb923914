import { expect, test } from 'vitest';
import { VoiceError } from '../../../contract/errors.ts';
import type { ExportFormat } from '../../../contract/functions.ts';
import { Deferred } from '../../../lib/deferred.ts';
import { CLOSED_EXPORT, ExportModel } from './export.ts';

function rig(answer: (format: ExportFormat) => Promise<string>) {
  let view = CLOSED_EXPORT;
  const model = new ExportModel(
    {
      fetch: async (format) => ({
        content: await answer(format),
        encoding: 'utf8',
        filename: `周会.${format}`,
      }),
      write: async ({ format }) => `wxfile://usr/x.${format}`,
    },
    (next) => (view = next),
  );
  return { model, view: () => view };
}

test('the file is ready before it is asked for', async () => {
  const { model, view } = rig(async (format) => `as ${format}`);
  await model.open();
  expect(view()).toMatchObject({ open: true, format: 'txt', fileName: '周会.txt' });
  expect(model.file).toMatchObject({ path: 'wxfile://usr/x.txt', content: 'as txt' });
});

test('a format that is ready after another was chosen is dropped', async () => {
  const slow = new Deferred<string>();
  const { model, view } = rig((format) => (format === 'txt' ? slow.promise : Promise.resolve('srt')));
  const opening = model.open();
  await model.choose('srt');
  slow.resolve('txt');
  await opening;
  expect(view()).toMatchObject({ format: 'srt', fileName: '周会.srt' });
  expect(model.file?.content).toBe('srt');
});

test('a failure is shown, and nothing is there to be sent', async () => {
  const { model, view } = rig(async () => {
    throw new Error('no space');
  });
  await model.open();
  expect(view().problem).not.toBe('');
  expect(model.file).toBeUndefined();
});

test('a document cannot be copied, and one that would be too large says what to use instead', async () => {
  const { model, view } = rig(async () => {
    throw new VoiceError('TOO_LARGE', { detail: 'docx' });
  });
  await model.choose('docx');
  expect(view()).toMatchObject({ isText: false, problem: expect.stringContaining('TXT') });
});
