import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT } from '../root.ts';
import { deployProblems } from './deploy.ts';

interface Change {
  maxNum?: number;
  cpu?: number;
  mem?: number;
  policyThreshold?: number;
  /** Variables of the container; undefined: not set. */
  env?: Record<string, string | undefined>;
}

/** What is wrong with the project's own file where the container is described otherwise. */
async function problemsWith({ env = {}, ...inputs }: Change): Promise<string[]> {
  const rc = JSON.parse(readFileSync(`${ROOT}cloudbaserc.json`, 'utf8'));
  const container = rc.framework.plugins.container.inputs;
  Object.assign(container, inputs);
  Object.assign(container.envVariables, env);
  for (const [name, value] of Object.entries(env))
    if (value === undefined) delete container.envVariables[name];
  return deployProblems(rc);
}

test('what is deployed fits together', async () => {
  expect(await problemsWith({})).toEqual([]);
});

test.each<[string, Change, string[]]>([
  [
    'fifty instances',
    { maxNum: 50 },
    ['MAX_SESSIONS 95 = 4750', '每块 20 路只够 9 个', 'DB_WRITES_PER_SECOND'],
  ],
  ['one more instance', { maxNum: 3 }, ['MAX_SESSIONS 95 = 285', 'DB_WRITES_PER_SECOND 12']],
  ['more sessions than streams', { env: { MAX_SESSIONS: '96' } }, ['MAX_SESSIONS 96 = 192']],
  [
    'more instances than blocks',
    { maxNum: 4, env: { RECOGNISER_STREAMS: '79', MAX_SESSIONS: '19', DB_WRITES_PER_SECOND: '5' } },
    ['每块 20 路只够 3 个', '的 80%', '扩容不会发生'],
  ],
  ['more requests than the database takes', { env: { DB_WRITES_PER_SECOND: '14' } }, ['= 32']],
  ['streams that are not counted', { env: { RECOGNISER_STREAMS: undefined } }, ['要设 RECOGNISER_STREAMS']],
  ['no stream left for rollovers', { env: { RECOGNISER_STREAMS: '191' } }, ['超过 190']],
  ['too little memory', { cpu: 0.25, mem: 0.5, policyThreshold: 40 }, ['601 MB', '要 0.42 核']],
  ['a rule that fires late', { policyThreshold: 35 }, ['到 88 个会话才扩容', '扩容不会发生']],
  ['a rule that may never fire', { policyThreshold: 22 }, ['100 个才扩容，MAX_SESSIONS 95 先满']],
  ['a rule that fires without a session', { policyThreshold: 8 }, ['没有会话也会扩容']],
  ['the rule of before', { cpu: 1, mem: 2, policyThreshold: 60 }, ['到 300 个会话才扩容', '扩容不会发生']],
  ['cores that are not sold', { cpu: 0.75, mem: 1.5 }, ['没有这样的规格']],
  ['memory that is not sold with these cores', { mem: 2 }, ['mem 应为 cpu 的两倍']],
  // what is not set is the container's own default
  [
    'defaults',
    { env: { DB_WRITES_PER_SECOND: undefined, MAX_SESSIONS: undefined } },
    ['MAX_SESSIONS 200', '= 44', '1132 MB', '要 0.84 核'],
  ],
])('%s: refused, by name', async (_, change, mentions) => {
  const problems = await problemsWith(change);
  expect(problems).toHaveLength(mentions.length);
  for (const [i, mention] of mentions.entries()) expect(problems[i]).toContain(mention);
});

test.each<[string, Change]>([
  [
    'one instance with the defaults of the container',
    { maxNum: 1, cpu: 1, mem: 2, env: { MAX_SESSIONS: undefined, RECOGNISER_STREAMS: undefined } },
  ],
  [
    'four small instances',
    {
      maxNum: 4,
      cpu: 0.25,
      mem: 0.5,
      policyThreshold: 20,
      env: { MAX_SESSIONS: '47', DB_WRITES_PER_SECOND: '5' },
    },
  ],
])('%s: fine', async (_, change) => {
  expect(await problemsWith(change)).toEqual([]);
});
