import { describe, expect, test, vi } from 'vitest';
import { copyText } from './clipboard.ts';
import { chooseAudioFile } from './files.ts';
import { refusalCauseOf, refusalText } from './privacy.ts';

const UNDECLARED = {
  errMsg: 'setClipboardData:fail api scope is not declared in the privacy agreement',
  errno: 112,
};
const REFUSED = { errMsg: 'setClipboardData:fail privacy permission is not authorized', errno: 104 };

/** `wx` whose clipboard and file choice fail with `error`, or work. */
function stubWx(error?: object) {
  const toasts: string[] = [];
  const modals: { title: string; content: string }[] = [];
  const answer = async () => {
    if (error) throw error;
    return { tempFiles: [{ name: 'a.mp3', size: 3, path: 'wxfile://a' }] };
  };
  vi.stubGlobal('wx', {
    setClipboardData: answer,
    chooseMessageFile: answer,
    showToast: ({ title }: { title: string }) => void toasts.push(title),
    showModal: async (modal: { title: string; content: string }) => void modals.push(modal),
  });
  return { toasts, modals };
}

test.each([
  [UNDECLARED, 'undeclared'],
  [{ errMsg: UNDECLARED.errMsg }, 'undeclared'],
  [{ errMsg: 'x:fail', errno: 112 }, 'undeclared'],
  [REFUSED, 'refused'],
  [{ errMsg: 'chooseMessageFile:fail cancel' }, 'cancelled'],
  [{ errMsg: 'setClipboardData:fail' }, 'failed'],
  [new Error('broken'), 'failed'],
  [undefined, 'failed'],
] as const)('%o is %s', (error, cause) => expect(refusalCauseOf(error)).toBe(cause));

test('every cause has a text of its own, with a next step', () => {
  const texts = [UNDECLARED, REFUSED, { errMsg: 'x:fail' }].flatMap((error) =>
    (['clipboard', 'file'] as const).map((subject) => refusalText(subject, error, '还可以那样。')),
  );
  expect(new Set(texts.map((text) => text?.content)).size).toBe(4);
  for (const text of texts) expect(text?.content).toContain('还可以那样。');
  expect(texts[0]?.content).toContain('「剪切板」');
  expect(texts[1]?.content).toContain('「选中的文件」');
});

describe('copying', () => {
  test('says that it is done, or why it is not; it never rejects', async () => {
    const texts = { done: '已复制全文', otherwise: '也可以导出。' };
    const well = stubWx();
    await expect(copyText('一', texts)).resolves.toBe(true);
    expect(well).toEqual({ toasts: ['已复制全文'], modals: [] });
    const ill = stubWx(UNDECLARED);
    await expect(copyText('一', texts)).resolves.toBe(false);
    expect(ill.toasts).toEqual([]);
    expect(ill.modals).toMatchObject([{ title: '不能复制', content: expect.stringContaining('剪切板') }]);
  });
});

describe('choosing a file', () => {
  test('a refusal is explained, a choice of none is not', async () => {
    stubWx();
    await expect(chooseAudioFile('也可以直接说。')).resolves.toMatchObject({ name: 'a.mp3' });
    const refused = stubWx(REFUSED);
    await expect(chooseAudioFile('也可以直接说。')).resolves.toBeUndefined();
    expect(refused.modals).toMatchObject([{ title: '不能选择文件' }]);
    const cancelled = stubWx({ errMsg: 'chooseMessageFile:fail cancel' });
    await expect(chooseAudioFile('也可以直接说。')).resolves.toBeUndefined();
    expect(cancelled.modals).toEqual([]);
  });
});
