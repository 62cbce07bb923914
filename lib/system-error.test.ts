import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { describeSystemError } from './system-error.ts';

const failureOf = async (work: () => unknown): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('it worked');
};

test('a port on which nothing listens', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const error = await failureOf(() => fetch(`http://127.0.0.1:${port}`));
  expect(describeSystemError(error)).toBe('连接被拒绝：没有程序在那里监听（ECONNREFUSED）');
});

test('a file or a program that is not there', async () => {
  const file = await failureOf(() => readFileSync('/no/such/file'));
  expect(describeSystemError(file)).toBe('/no/such/file 不存在（ENOENT）');
  const program = Object.assign(new Error('spawnSync x ENOENT'), {
    code: 'ENOENT',
    syscall: 'spawnSync x',
    path: 'x',
  });
  expect(describeSystemError(program)).toBe('找不到程序 x：请先安装');
});

test('an answer that did not come in time', () => {
  expect(describeSystemError(new DOMException('', 'TimeoutError'))).toBe('没有在时限内得到应答');
});

test('a message for people is theirs', () => {
  expect(describeSystemError(new Error('没有短语目录'))).toBe('没有短语目录');
});

test('what was said for people goes before its cause', () => {
  const cause = Object.assign(new Error('listen'), { code: 'EADDRINUSE' });
  expect(describeSystemError(new Error('端口 80 已被占用', { cause }))).toBe('端口 80 已被占用');
  expect(describeSystemError(new Error('fetch failed', { cause }))).toContain('EADDRINUSE');
});

test('anything else is left to others', () => {
  for (const error of [new Error('x'), undefined, 'text', { code: 7 }])
    expect(describeSystemError(error)).toBeUndefined();
});
