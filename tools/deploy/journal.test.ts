import { expect, test } from 'vitest';
import { Deferred } from '../../lib/deferred.ts';
import { FakeClock, flushPromises } from '../../lib/fake-clock.ts';
import { Progress } from '../progress.ts';
import { Journal } from './journal.ts';
import type { Part } from './options.ts';
import type { Work } from './works.ts';

const work = (part: Part, subject: string, run: Work['run'] = async () => {}): Work => ({
  part,
  subject,
  isNew: false,
  changes: ['改'],
  notes: [],
  problems: [],
  run,
});
const failing = async (): Promise<void> => {
  throw Object.assign(new Error('[X] 不行'), { code: 'LimitExceeded', action: 'X' });
};

function journalOf(...works: Work[]) {
  const clock = new FakeClock();
  const printed: string[] = [];
  const waitedFor: string[] = [];
  const progress = new Progress(clock, (line) => waitedFor.push(line));
  return {
    clock,
    printed,
    waitedFor,
    journal: new Journal(works, { clock, progress, print: (line) => printed.push(line) }),
  };
}

test('one after the other, and those of a part that may side by side; what is the same is not touched', async () => {
  const gate = new Deferred<void>();
  const same: Work = { ...work('database', '不变', failing), changes: [] };
  const { printed, journal } = journalOf(
    same,
    work('database', '甲', () => gate.promise),
    work('database', '乙'),
    work('functions', '丙'),
  );
  const running = journal.run(new Set(['functions']));
  await flushPromises();
  expect(printed).toEqual([]);
  expect(journal.summary()).toEqual([
    '还没有做完任何一项',
    '正在做、可能已经生效：甲',
    '没有做完：乙、丙',
    '可以再运行一次：做好了的不会重做',
  ]);
  gate.resolve();
  await running;
  expect(printed).toEqual(['✓ 甲（0.0 秒）', '✓ 乙（0.0 秒）', '✓ 丙（0.0 秒）']);
});

test('the first failure ends it, with what was done and what was not', async () => {
  const { printed, journal } = journalOf(
    work('database', '甲'),
    work('database', '乙', failing),
    work('database', '丙'),
    work('container', '丁'),
  );
  await expect(journal.run(new Set())).rejects.toThrow(
    /✗ 乙：云拒绝了 X（LimitExceeded）：不行\n.*→.*\n已经做完：甲\n没有做完：乙、丙、丁\n/,
  );
  expect(printed).toEqual(['✓ 甲（0.0 秒）']);
});

test('of those side by side every failure is told, and the others are finished', async () => {
  const { printed, journal } = journalOf(
    work('functions', '甲', failing),
    work('functions', '乙'),
    work('functions', '丙', failing),
  );
  await expect(journal.run(new Set(['functions']))).rejects.toThrow(
    /✗ 甲：.*✗ 丙：.*已经做完：乙\n没有做完：甲、丙/s,
  );
  expect(printed).toEqual(['✓ 乙（0.0 秒）']);
});

test('what is waited for is said', async () => {
  const gate = new Deferred<void>();
  const { clock, waitedFor, journal } = journalOf(
    work('container', '甲', (tell) => {
      tell('正在上传');
      return gate.promise;
    }),
  );
  const running = journal.run(new Set());
  await clock.advance(2_000);
  expect(waitedFor).toEqual(['甲：正在上传……（已 2 秒）']);
  gate.resolve();
  await running;
});
