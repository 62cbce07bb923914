import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { install, isInstalled, withoutSecrets } from './tool-package.ts';

/** A package of tools in a folder of its own, and a program in npm's place. */
function made(npm: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tool-package-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { tool: '1.2.3' } }));
  const script = join(folder, 'npm.js');
  writeFileSync(script, npm);
  return { wanted: { folder, name: 'tool' }, env: { PATH: process.env.PATH, npm_execpath: script } };
}

const INSTALLS = `
const fs = require('node:fs');
fs.mkdirSync('node_modules/tool', { recursive: true });
fs.writeFileSync('node_modules/tool/package.json', '{"version":"1.2.3"}');
fs.writeFileSync('node_modules/.package-lock.json', '{}');
fs.writeFileSync('seen.json', JSON.stringify({ args: process.argv.slice(2), env: process.env }));
`;

test('it is installed from its lock file, without scripts, and without the deployed secrets', async () => {
  const { wanted, env } = made(INSTALLS);
  expect(isInstalled(wanted)).toBe(false);
  await install(
    wanted,
    withoutSecrets({ ...env, TICKET_SECRET: 'hidden', LANG: 'zh_CN.UTF-8' }, ['TICKET_SECRET']),
  );
  expect(isInstalled(wanted)).toBe(true);
  const seen = JSON.parse(readFileSync(join(wanted.folder, 'seen.json'), 'utf8'));
  expect(seen.args).toEqual(['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  expect(seen.env.LANG).toBe('zh_CN.UTF-8');
  expect(JSON.stringify(seen)).not.toContain('hidden');
});

test('another version, and one that was not installed to the end, do not count', async () => {
  const { wanted, env } = made(INSTALLS);
  await install(wanted, env);
  rmSync(join(wanted.folder, 'node_modules/.package-lock.json'));
  expect(isInstalled(wanted)).toBe(false);
  writeFileSync(join(wanted.folder, 'node_modules/.package-lock.json'), '{}');
  mkdirSync(join(wanted.folder, 'node_modules/tool'), { recursive: true });
  writeFileSync(join(wanted.folder, 'node_modules/tool/package.json'), '{"version":"1.2.4"}');
  expect(isInstalled(wanted)).toBe(false);
});

test('a failure shows the end of what npm said, and what to do', async () => {
  const { wanted, env } = made(
    "for (let i = 0; i < 30; i += 1) console.error('npm error', i); process.exitCode = 7;",
  );
  const failure = await install(wanted, env).catch((error: Error) => error.message);
  expect(failure).toContain('没有装上 tool（npm ci 退出码 7）');
  expect(failure).toContain('npm error 29');
  expect(failure).not.toContain('npm error 10\n');
});
