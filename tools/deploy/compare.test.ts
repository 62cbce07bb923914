import { expect, describe as suite, test } from 'vitest';
import { type ContainerWanted, compareContainer, wantedSettings } from './container.ts';
import { compareCollection } from './database.ts';
import { describe, readRc } from './description.ts';
import { compareFunction } from './functions.ts';
import type { CloudFunctionDetail, CloudServiceConfig } from './manager.ts';
import { formatRecord } from './record.ts';
import { NO_RELEASES, type Releases } from './releases.ts';
import { VALUES } from './testing/recorded.ts';
import { mergeVariables } from './variables.ts';

const description = describe(readRc(), VALUES);
const CODE = '0123456789abcdef';
const RECORD = { build: 'abc1234', at: Date.UTC(2026, 0, 2, 3, 4, 5) };
const OTHER_CODE = formatRecord({ ...RECORD, code: 'f'.repeat(16) });
const THIS_CODE = formatRecord({ ...RECORD, code: CODE });

suite('variables', () => {
  test('what somebody has set besides stays; ours are added, changed, and taken away when they are empty now', () => {
    const found = { A: '1', B: 'old', ORIGINS: 'https://a', THEIRS: 'x', DEPLOY_RECORD: 'r' };
    expect(mergeVariables({ A: '1', B: 'new', C: '3' }, found, ['A', 'B', 'C', 'ORIGINS'])).toEqual({
      merged: { THEIRS: 'x', A: '1', B: 'new', C: '3' },
      added: ['C'],
      changed: ['B'],
      removed: ['ORIGINS'],
      kept: ['THEIRS'],
    });
  });
});

suite('a collection', () => {
  const spec = description.collections.find(({ collectionName }) => collectionName === 'voice_pages');
  if (!spec) throw new Error('no voice_pages');
  const indexes = spec.createIndexes.map(({ name: Name, unique: Unique, keys }) => ({
    Name,
    Unique,
    Keys: keys.map((key) => ({ Name: key.name, Direction: key.direction })),
  }));

  test('that is as described is left alone, and so is an index of somebody else', () => {
    const theirs = { Name: 'theirs', Unique: false, Keys: [{ Name: 'x', Direction: '1' }] };
    const difference = compareCollection(spec, { indexes: [...indexes, theirs], acl: 'ADMINONLY' });
    expect(difference).toMatchObject({
      create: false,
      newIndexes: [],
      setAcl: false,
      changes: [],
      problems: [],
    });
    expect(difference.notes).toEqual(['描述之外的索引保留：theirs']);
  });

  test('gets the index that it lacks, and the permission that it should have', () => {
    const difference = compareCollection(spec, { indexes: indexes.slice(1), acl: 'PRIVATE' });
    expect(difference.newIndexes.map(({ name }) => name)).toEqual(['session_order']);
    expect(difference.changes).toEqual([
      '新建索引 session_order（唯一）：sessionId, firstIndex',
      '权限由「仅创建者可读写」改为「仅管理端可读写」',
    ]);
  });

  test.each([
    ['other fields', { Keys: [{ Name: 'sessionId', Direction: '1' }] }],
    [
      'another direction',
      { Keys: [...(indexes[0]?.Keys ?? [])].map((key) => ({ ...key, Direction: '-1' })) },
    ],
    ['not unique', { Unique: false }],
  ])('an index of the same name with %s stands in the way', (_, change) => {
    const [first, ...others] = indexes;
    if (!first) throw new Error('no index');
    const { problems } = compareCollection(spec, {
      indexes: [{ ...first, ...change }, ...others],
      acl: 'ADMINONLY',
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('session_order');
  });
});

suite('a function', () => {
  const spec = description.functions.find(({ name }) => name === 'history');
  if (!spec) throw new Error('no history');
  const options = { code: CODE, described: ['TICKET_SECRET', 'HTTP_ALLOWED_ORIGINS'], force: false };
  const asDescribed = (): CloudFunctionDetail => ({
    Runtime: spec.runtime,
    Handler: spec.handler,
    Timeout: spec.timeout,
    MemorySize: spec.memorySize,
    Description: THIS_CODE,
    Environment: { Variables: Object.entries(spec.envVariables).map(([Key, Value]) => ({ Key, Value })) },
    Triggers: [{ TriggerName: 'purge', Type: 'timer', TriggerDesc: '{"cron":"0 */20 * * * * *"}' }],
  });
  const compare = (change: CloudFunctionDetail, given = options) =>
    compareFunction(spec, { ...asDescribed(), ...change }, given);

  test('that is as described is left alone, however its timer is written', () => {
    const bare = [{ TriggerName: 'purge', Type: 'timer', TriggerDesc: '0 */20 * * * * *' }];
    for (const difference of [compare({}), compare({ Triggers: bare })])
      expect(difference).toMatchObject({
        create: false,
        upload: false,
        configure: false,
        changes: [],
        problems: [],
      });
  });

  test.each([
    ['it has other code', { Description: OTHER_CODE }, ['更新代码']],
    ['nobody knows what code it has', { Description: '' }, ['更新代码']],
    ['its time limit is another', { Timeout: 20 }, ['时限由 20 改为 30 秒']],
    ['its memory is another', { MemorySize: 128 }, ['内存由 128 改为 256 MB']],
    ['a variable is missing', { Environment: { Variables: [] } }, ['加上变量 TICKET_SECRET']],
    ['there are no variables at all', { Environment: null }, ['加上变量 TICKET_SECRET']],
    ['its timer is missing', { Triggers: null }, ['加上定时器 purge（0 */20 * * * * *）']],
    [
      'its timer goes off at other times',
      { Triggers: [{ TriggerName: 'purge', Type: 'timer', TriggerDesc: '0 0 * * * * *' }] },
      ['定时器 purge 改为 0 */20 * * * * *'],
    ],
  ])('is brought in line where %s', (_, change, changes) => {
    expect(compare(change)).toMatchObject({ changes, problems: [] });
  });

  test('another runtime cannot be changed', () => {
    const { problems } = compare({ Runtime: 'Nodejs18.15' });
    expect(problems.join()).toContain('Nodejs18.15');
  });

  test('origins that are left empty now are taken away, and a variable of somebody else stays', () => {
    const Variables = [
      { Key: 'TICKET_SECRET', Value: VALUES.TICKET_SECRET ?? '' },
      { Key: 'HTTP_ALLOWED_ORIGINS', Value: 'https://app.voice.cn' },
      { Key: 'THEIRS', Value: 'x' },
    ];
    const difference = compare({ Environment: { Variables } });
    expect(difference.changes).toEqual(['去掉变量 HTTP_ALLOWED_ORIGINS']);
    expect(Object.keys(difference.variables.merged).sort()).toEqual(['THEIRS', 'TICKET_SECRET']);
    expect(difference.notes).toEqual(['描述之外的变量保留：THEIRS']);
  });

  test('is uploaded again on demand', () => {
    expect(compare({}, { ...options, force: true })).toMatchObject({ upload: true, configure: true });
  });
});

suite('a container', () => {
  const { container: spec } = description;
  const wanted: ContainerWanted = {
    spec,
    code: CODE,
    record: RECORD,
    described: Object.keys(spec.envVariables),
    gray: undefined,
    force: false,
  };
  const live: Releases = { ...NO_RELEASES, isLive: true, current: 'v-002', previous: 'v-001' };
  const trying: Releases = { ...live, trying: 'v-003' };
  const asDescribed = (record = THIS_CODE): CloudServiceConfig => ({
    ...wantedSettings(spec),
    EnvParams: JSON.stringify({ ...spec.envVariables, DEPLOY_RECORD: record }),
  });

  test('that is as described is left alone', () => {
    expect(compareContainer(wanted, asDescribed(), live)).toMatchObject({
      release: 'none',
      settings: {},
      changes: [],
      problems: [],
    });
  });

  test.each([
    ['there is none', undefined, NO_RELEASES, {}, 'create'],
    ['it runs other code', asDescribed(OTHER_CODE), live, {}, 'full'],
    ['its last deployment has failed', asDescribed(), { ...live, isLive: false }, {}, 'full'],
    ['it is to be uploaded again', asDescribed(), live, { force: true }, 'full'],
    ['a part of the traffic is asked for', asDescribed(OTHER_CODE), live, { gray: 10 }, 'gray'],
    ['another part is asked for', asDescribed(), trying, { gray: 50 }, 'traffic'],
    ['all traffic is asked for', asDescribed(), trying, { gray: 100 }, 'promote'],
    ['it is deployed as a whole after a trial', asDescribed(), trying, {}, 'promote'],
  ] as const)('%s: %4$s', (_, found, releases, change, release) => {
    const difference = compareContainer({ ...wanted, ...change }, found, releases);
    expect(difference).toMatchObject({ release, problems: [] });
    expect(difference.changes).toHaveLength(1);
  });

  test.each([
    ['there is nothing to compare it with', undefined, NO_RELEASES, { gray: 10 }],
    ['another version is being tried', asDescribed(OTHER_CODE), trying, {}],
    ['another version is being tried, and this one should be', asDescribed(OTHER_CODE), trying, { gray: 10 }],
  ] as const)('stands in the way: %s', (_, found, releases, change) => {
    const difference = compareContainer({ ...wanted, ...change }, found, releases);
    expect(difference).toMatchObject({ release: 'none', changes: [] });
    expect(difference.problems).toHaveLength(1);
  });

  test('settings and variables that differ are named, values of variables never', () => {
    const EnvParams = JSON.stringify({
      ...spec.envVariables,
      TICKET_SECRET: 'old-secret',
      THEIRS: '1',
      DEPLOY_RECORD: THIS_CODE,
    });
    const found = { ...asDescribed(), OpenAccessTypes: ['OA', 'MINIAPP', 'PUBLIC'], MinNum: 0, EnvParams };
    const { release, settings, variables, changes, notes } = compareContainer(wanted, found, live);
    expect({ release, settings }).toEqual({
      release: 'none',
      settings: { OpenAccessTypes: ['MINIAPP'], MinNum: 1 },
    });
    expect(changes).toEqual([
      '访问由「办公网、小程序、公网可访问」改为「小程序可访问」',
      '最小实例数由「0」改为「1」',
      '更新变量 TICKET_SECRET',
    ]);
    expect(notes).toEqual(['描述之外的变量保留：THEIRS']);
    expect(variables.merged).toMatchObject({ THEIRS: '1', DEPLOY_RECORD: THIS_CODE });
    expect(JSON.stringify([changes, notes])).not.toContain('old-secret');
  });

  test('variables that cannot be read count as none', () => {
    const { variables } = compareContainer(wanted, { ...asDescribed(), EnvParams: 'no json' }, live);
    expect(variables.added).toContain('TICKET_SECRET');
  });
});
