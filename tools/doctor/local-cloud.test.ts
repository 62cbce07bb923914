import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { DAILY_STATS, SESSIONS } from '../../contract/records.ts';
import { startFunctionsGateway } from '../../functions/shared/testing/functions-gateway.ts';
import { lastLine, runTool } from '../../local/launch/testing/run-tool.ts';
import { type LocalCloud, startLocalCloud } from '../../local/start.ts';
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
  expect(report.stdout).toMatch(/✓ 构建：容器与云函数都是 \d+\.\d+\.\d+（dev）/);
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

describe('functions that are set up wrongly', () => {
  const NAMES = ['history', 'stats', 'recognize'];
  /** The same account as the local recogniser's, unless overridden. */
  async function functionsWith(env: Record<string, string>): Promise<string> {
    const gateway = await startFunctionsGateway(NAMES, { TICKET_SECRET: cloud.ticketSecret, ...env });
    onTestFinished(() => gateway.stop());
    return gateway.url;
  }

  test('another secret than the container’s', async () => {
    const url = await functionsWith({ TICKET_SECRET: 'another-secret-that-is-long-enough-987' });
    const report = await doctor(cloud.urls.container, '--functions', url, '--idle', '0');
    expect(report.failed).toEqual(['functions']);
    expect(report.checks.find(({ name }) => name === 'functions')).toMatchObject({
      cause: expect.stringContaining('云函数 stats：TICKET_INVALID'),
      mend: expect.stringContaining('TICKET_SECRET'),
    });
  });

  test('another environment than the container’s, and a key that the recogniser refuses', async () => {
    const url = await functionsWith({
      TENCENT_SECRET_ID: 'AKIDwrong',
      TENCENT_SECRET_KEY: 'wrong',
      ASR_ONESHOT_ENDPOINT: String(cloud.urls.asr),
    });
    const report = await doctor(cloud.urls.container, '--functions', url, '--idle', '0');
    expect(report.failed).toEqual(['history', 'recognize']);
    const causeOf = (wanted: string) => report.checks.find(({ name }) => name === wanted)?.cause;
    expect(causeOf('history')).toBe('记录里没有刚才的会话');
    expect(causeOf('recognize')).toContain('云函数 recognize：ASR_AUTH');
    // these functions are a build of what lies here, npm start's container is not
    expect(report.checks.find(({ name }) => name === 'build')).toMatchObject({
      status: 'warned',
      cause: expect.stringMatching(/^容器是 \d+\.\d+\.\d+（dev），云函数是 \S+：不是同一次构建$/),
    });
    expect(report.stdout).toContain('2 个故障，1 处请留意');
  });

  test('no HTTP access at all', async () => {
    const report = await doctor(cloud.urls.container, '--functions', String(cloud.urls.asr), '--idle', '0');
    expect(report.failed).toEqual(['functions']);
    expect(report.stdout).toContain('没有云函数的 HTTP 访问');
  });
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
