import { expect, test } from 'vitest';
import { readCommandLine, UsageError } from '../../lib/command-line.ts';
import { COMMAND, optionsOf } from './options.ts';

const read = (...line: string[]) => {
  const given = readCommandLine(COMMAND, line);
  if (given === 'help') throw new Error('help');
  return optionsOf(given);
};

test('by itself: everything, the container before the functions', () => {
  expect(read()).toMatchObject({
    parts: ['database', 'container', 'functions'],
    dryRun: false,
    gray: undefined,
  });
});

test.each([
  [['--only', 'functions'], ['functions']],
  [
    ['--only', 'functions', '--only=database'],
    ['database', 'functions'],
  ],
  [
    ['--only', 'functions,container'],
    ['container', 'functions'],
  ],
  [
    ['--gray', '10'],
    ['database', 'container'],
  ],
  [['--gray', '10', '--only', 'container'], ['container']],
  [['--rollback'], ['container']],
])('%j deploys %j', (line, parts) => {
  expect(read(...line).parts).toEqual(parts);
});

test.each([
  [['--only', 'function'], '--only 没有 function'],
  [['--only', 'database,'], '--only 没有'],
  [['--gray', '0'], '--gray 应为 1 到 100'],
  [['--gray', '10', '--only', 'functions'], '云函数没有灰度'],
  [['--rollback', '--gray', '10'], '--rollback 只退回容器'],
  [['--rollback', '--dry-run'], '--rollback 只退回容器'],
])('%j is refused: %s', (line, message) => {
  expect(() => read(...line)).toThrow(UsageError);
  expect(() => read(...line)).toThrow(message);
});
