import { describe, expect, test } from 'vitest';
import { readCommandLine, UsageError, usageOf } from './command-line.ts';

const SPEC = {
  command: 'npm run x --',
  summary: '做一件事',
  args: [
    { name: '文件', help: '要读的文件' },
    { name: '名称', help: '可以不给', optional: true },
  ],
  options: {
    data: { type: 'string', value: 'DIR', help: '目录', default: '.local' },
    user: { type: 'string', value: '甲|乙', help: '谁' },
    speed: { type: 'number', value: 'N', help: '速度', min: 0.5, max: 2, fraction: true, default: 1 },
    port: { type: 'number', value: 'N', help: '端口', min: 0, max: 65_535 },
    json: { type: 'boolean', help: '输出 JSON' },
  },
  examples: ['npm run x -- a.wav'],
} as const;
const read = (line: string) => readCommandLine(SPEC, line.split(' ').filter(Boolean));

test('values, defaults and arguments, in any order', () => {
  expect(read('a.wav')).toEqual({
    values: { data: '.local', user: undefined, speed: 1, port: undefined, json: false },
    args: ['a.wav'],
  });
  expect(read('--json --speed 1.5 a.wav --user=乙 b --port 80 --data=-odd')).toEqual({
    values: { data: '-odd', user: '乙', speed: 1.5, port: 80, json: true },
    args: ['a.wav', 'b'],
  });
});

test.each(['--help', '-h', 'a --help', '--nonsense --help', '--port x -h'])('%s asks for help', (line) => {
  expect(read(line)).toBe('help');
});

test.each([
  ['a --nonsense', '没有选项 --nonsense'],
  ['a --constructor', '没有选项 --constructor'],
  ['a -d', '没有选项 -d'],
  ['a --json=1', '--json 后面不带值'],
  ['a --data', '--data 后面需要 DIR'],
  ['a --data --json', '--data 后面需要 DIR'],
  ['a --data=', '--data 后面需要 DIR'],
  ['a --port 65536', '--port 应为 0 到 65535 之间的整数'],
  ['a --port 1.5', '--port 应为 0 到 65535 之间的整数'],
  ['a --port 0x10', '--port 应为 0 到 65535 之间的整数'],
  ['a --speed fast', '--speed 应为 0.5 到 2 之间的数'],
  ['', '缺少 文件（要读的文件）'],
  ['a b c', '多出来的参数 c'],
])('“%s” is refused: %s', (line, message) => {
  expect(() => read(line)).toThrow(new UsageError(message));
});

test('a list takes several values, in one option or in several', () => {
  const spec = {
    command: 'npm run x --',
    summary: '做一件事',
    options: { only: { type: 'list', value: '部分', help: '只做这些' } },
  } as const;
  const listed = (line: string) => {
    const given = readCommandLine(spec, line.split('|').filter(Boolean));
    return given === 'help' ? given : given.values.only;
  };
  expect(listed('')).toEqual([]);
  expect(listed('--only|a, b|--only=c')).toEqual(['a', 'b', 'c']);
  expect(() => listed('--only')).toThrow(new UsageError('--only 后面需要 部分'));
});

describe('usage', () => {
  test('names every argument and option with what it means, in columns', () => {
    expect(usageOf(SPEC)).toBe(`用法：npm run x -- 文件 [名称] [选项]
  做一件事
  文件          要读的文件
  名称          可以不给
  --data DIR    目录
  --user 甲|乙  谁
  --speed N     速度
  --port N      端口
  --json        输出 JSON
  --help        显示这段说明
例：npm run x -- a.wav`);
  });
});
