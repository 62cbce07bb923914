import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare, contenderOf } from './compare.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-compare-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what takes part', () => {
  it.each([
    ['now', { server: 'container', container: undefined, nodeArgs: [] }],
    ['old=/tmp/old/index.js', { server: 'container', container: '/tmp/old/index.js', nodeArgs: [] }],
    ['large=--max-semi-space-size=8', { container: undefined, nodeArgs: ['--max-semi-space-size=8'] }],
    ['both=a/index.js --jitless', { container: 'a/index.js', nodeArgs: ['--jitless'] }],
    ['arena=MALLOC_ARENA_MAX=1', { nodeArgs: [], env: { MALLOC_ARENA_MAX: '1' } }],
    [
      'all=a/index.js --stack-size=900 A=b=c',
      { container: 'a/index.js', nodeArgs: ['--stack-size=900'], env: { A: 'b=c' } },
    ],
    ['relay', { server: 'relay' }],
  ])('is %s', (spec, expected) => {
    expect(contenderOf(spec)).toMatchObject(expected);
  });
});

it('is measured at the same time, against the first, and loses no frame', async () => {
  const contenders = [contenderOf('relay'), contenderOf('socketio')];
  const options = { folder, streams: 2, windows: 2, windowMs: 800, warmUpMs: 300 };
  const compared = await compare(contenders, options, () => {});
  expect(compared.map(({ name }) => name)).toEqual(['relay', 'socketio']);
  expect(compared[0]?.ratio).toEqual({ median: 1, lowest: 1, highest: 1 });
  for (const { ratio, cpuMsPerAudioSecond, rssPerStream } of compared) {
    expect(ratio.median).toBeGreaterThan(0);
    expect(cpuMsPerAudioSecond).toBeGreaterThan(0);
    expect(rssPerStream).toBeGreaterThan(0);
  }
});
