import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DAILY_STATS, SESSIONS } from '../../contract/records.ts';
import { type LocalCloud, startLocalCloud } from '../../local/start.ts';
import { lastLine, runTool } from '../testing/run-tool.ts';
import { MACHINE_CHECKS } from './checks.ts';
import { REMOTE_CHECKS } from './remote/checks.ts';
import type { CheckResult } from './runner.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

let folder: string;
let cloud: LocalCloud;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-cloud-'));
  cloud = await startLocalCloud({ dataDir: join(folder, 'data'), env: {} });
});
afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

const dump = async (collection: string): Promise<unknown> =>
  (await fetch(`${cloud.urls.gateway}/_local/dump/${collection}`)).json();

async function doctor(...args: string[]) {
  const done = await runTool('doctor', [...args, '--json', '--data', cloud.dataDir]);
  const report = JSON.parse(lastLine(done)) as { ok: boolean; failed: string[]; checks: CheckResult[] };
  return { ...done, ...report };
}

test.each([
  ['the address of npm start', () => [cloud.url]],
  [
    'a container and the functions at another address',
    () => [cloud.urls.container, '--functions', cloud.urls.gateway],
  ],
])('%s: nothing is wrong, all is checked, and nothing is left behind', async (_, args) => {
  const report = await doctor(...args(), '--idle', '1');
  expect(report, report.stdout).toMatchObject({ code: 0, ok: true, failed: [] });
  const others = report.checks.filter(({ status }) => status !== 'ok').map(({ name }) => name);
  expect(others).toEqual(['tls']);
  // people read what was heard, and what every step took
  expect(report.stdout).toContain('✓ 实时识别：「今天天气怎么样？」，首字');
  // what is deleted is kept for 24 hours, unless the user is one that was made for it
  expect(await dump(SESSIONS)).toEqual([]);
  expect(await dump(DAILY_STATS)).toEqual([]);
});

test('a ticket’s own user loses the session that was made, and nothing else', async () => {
  const { stdout: ticket } = await runTool('ticket', ['--user', 'B', '--data', cloud.dataDir]);
  const report = await doctor(cloud.url, '--idle', '0', '--ticket', ticket.trim());
  expect(report.failed).toEqual([]);
  expect(report.stdout).toContain('统计里还算着');
  const sessions = (await dump(SESSIONS)) as { _openid: string; deletedAt: unknown }[];
  expect(sessions).toHaveLength(2);
  for (const { _openid, deletedAt } of sessions)
    expect([_openid, deletedAt === null]).toEqual([cloud.users.B, false]);
});

test('without an address: this machine, in the same form', async () => {
  const report = await doctor();
  expect(report).toMatchObject({ code: 0, ok: true, failed: [] });
  expect(report.checks.map(({ name }) => name)).toEqual(MACHINE_CHECKS.map(({ name }) => name));
  expect(report.checks.find(({ name }) => name === 'local-cloud')?.status).toBe('ok');
  expect(report.stdout).toContain(cloud.url);
});

test('the page about it names every check', async () => {
  const page = await readFile('docs/doctor.md', 'utf8');
  for (const { name } of [...REMOTE_CHECKS, ...MACHINE_CHECKS]) expect(page).toContain(`| \`${name}\` |`);
});
