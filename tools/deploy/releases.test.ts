import { describe, expect, test } from 'vitest';
import { NO_RELEASES, ROLLBACK_REMARK, releasesOf, type Task } from './releases.ts';
import { rollbackTarget } from './rollback.ts';

const online = (...versions: [name: string, percent: number][]) => ({
  OnlineVersionInfos: versions.map(([VersionName, percent]) => ({ VersionName, FlowRatio: String(percent) })),
});
const task = (given: Task): Task => ({
  ReleaseType: 'FULL',
  Status: 'finished',
  VersionName: 'v-002',
  PreVersionName: 'v-001',
  ...given,
});

describe('what there is of versions', () => {
  test.each([
    [
      'after a deployment',
      online(['v-002', 100]),
      task({}),
      { isLive: true, current: 'v-002', previous: 'v-001' },
    ],
    ['nothing is known of tasks', online(['v-002', 100]), undefined, { isLive: true, current: 'v-002' }],
    [
      'the last deployment has failed',
      online(['v-001', 100]),
      task({ Status: 'failed' }),
      { isLive: false, current: 'v-001' },
    ],
    [
      'a version is being tried',
      online(['v-002', 10], ['v-001', 90]),
      task({ ReleaseType: 'GRAY', Status: 'running' }),
      { trying: 'v-002', isLive: true, current: 'v-001' },
    ],
    [
      'the trial has most of the traffic',
      online(['v-002', 60], ['v-001', 40]),
      task({ ReleaseType: 'GRAY', Status: 'running' }),
      { trying: 'v-002', isLive: true, current: 'v-001' },
    ],
    [
      'it was taken back',
      online(['v-001', 100]),
      task({ VersionName: 'v-001', PreVersionName: 'v-002', OperatorRemark: ROLLBACK_REMARK }),
      { isLive: false, current: 'v-001', previous: 'v-002', isRolledBack: true },
    ],
    [
      'it was taken back in the console',
      online(['v-001', 100]),
      task({ VersionName: 'v-001', ChangeType: 'rollback' }),
      { isLive: false, isRolledBack: true },
    ],
    ['nothing is online', { OnlineVersionInfos: null }, task({ Status: 'failed' }), NO_RELEASES],
  ])('%s', (_, detail, newest, expected) => {
    expect(releasesOf(detail, newest)).toMatchObject(expected);
  });
});

describe('where a rollback goes', () => {
  const live = { ...NO_RELEASES, isLive: true, current: 'v-002', previous: 'v-001' };

  test('to the version before, or it withdraws the one that is being tried', () => {
    expect(rollbackTarget(live)).toEqual({ from: 'v-002', to: 'v-001' });
    expect(rollbackTarget({ ...live, trying: 'v-003' })).toEqual({ withdraw: 'v-003' });
  });

  test('never forward again, and nowhere where the version before is not known', () => {
    expect(() => rollbackTarget({ ...live, isRolledBack: true })).toThrow('刚才已经退回到 v-002');
    expect(() => rollbackTarget({ ...live, previous: undefined })).toThrow('--only container');
  });
});
