import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm } from './confirm.ts';

/** As much of a terminal as is looked at. */
function terminal(isTTY: boolean, answer: string) {
  const input = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.ReadStream;
  const output = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  input.push(answer);
  return { input, output };
}

test.each([
  ['y\n', true],
  ['Yes\n', true],
  ['是\n', true],
  ['n\n', false],
  ['\n', false],
  ['maybe\n', false],
])('%j means %s', async (answer, agreed) => {
  const { input, output } = terminal(true, answer);
  expect(await confirm('继续吗？', input, output)).toBe(agreed);
  expect(String(output.read())).toContain('继续吗？[y/N]');
});

test('without a terminal nobody is asked', async () => {
  const { input, output } = terminal(false, 'n\n');
  expect(await confirm('继续吗？', input, output)).toBe(true);
  expect(output.read()).toBeNull();
});
