import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type AsrServer, startAsrServer } from '../local/asr/server.ts';
import { plainEnv, type Run, start, VALUES } from './deploy/testing/recorded.ts';
import { ROOT } from './root.ts';

// speaks for some seconds in real time
vi.setConfig({ testTimeout: 120_000 });

const { TENCENT_APPID = '', TENCENT_SECRET_ID = '', TENCENT_SECRET_KEY = '' } = VALUES;
const ACCOUNT = { TENCENT_APPID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY };

async function recogniser(): Promise<AsrServer> {
  const server = await startAsrServer({
    appId: TENCENT_APPID,
    secrets: { [TENCENT_SECRET_ID]: TENCENT_SECRET_KEY },
    engine: 'phrases',
    samplesDir: join(ROOT, 'samples'),
    limits: { idleMs: 1_000 },
  });
  onTestFinished(() => server.close());
  return server;
}

/** An empty folder for what is recorded, and how the command is run on it. */
function verifier({ url }: Pick<AsrServer, 'url'>, account: Record<string, string> = ACCOUNT) {
  const folder = mkdtempSync(join(tmpdir(), 'verify-real-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...plainEnv(), ...account, ASR_ENDPOINT: url.replace('http', 'ws') };
  const run = (...args: string[]): Promise<Run> => {
    const command = ['--import', 'tsx', 'tools/verify-real.ts', folder, '--values', '/dev/null', ...args];
    return start(process.execPath, command, { cwd: ROOT, env }).ended;
  };
  return { folder, run };
}

test('every scenario is written down: text, codes and closes, and no secret', async () => {
  const { folder, run } = verifier(await recogniser());
  const done = await run('--seconds', '6', '--yes', '--json');
  expect(done, done.stderr).toMatchObject({ code: 0 });
  const { summaries } = JSON.parse(done.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(
    summaries.map(({ scenario, codes }: { scenario: string; codes: number[] }) => [scenario, codes]),
  ).toEqual([
    ['level', []],
    ['behind', []],
    ['burst', [4000]],
    ['silence', [4008]],
    ['wrong-signature', [4002]],
    ['wrong-engine', [4001]],
  ]);
  const [level, behind] = summaries;
  expect(readFileSync(join(ROOT, 'samples/meeting.txt'), 'utf8')).toContain(
    level.text.split('\n')[0].slice(0, 4),
  );
  expect(level.words.timed).toBeGreaterThan(0);
  expect(level.pace).toBeCloseTo(1, 0);
  expect(behind.pace).toBeGreaterThan(1.5);
  expect(readdirSync(folder)).toHaveLength(summaries.length);
  const all = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  for (const secret of [TENCENT_SECRET_ID, TENCENT_SECRET_KEY, TENCENT_APPID])
    expect(all.join()).not.toContain(secret);
  expect(done.stdout + done.stderr).not.toContain(TENCENT_SECRET_KEY);
  // who reads a fixture sees what was asked and what was answered
  expect(JSON.parse(all.find((text) => text.includes('"burst"')) ?? '')).toMatchObject({
    params: { engine_model_type: '16k_zh', word_info: 1 },
    received: expect.arrayContaining([
      { atMs: expect.any(Number), message: expect.objectContaining({ code: 4000 }) },
    ]),
    close: { code: expect.any(Number) },
  });
});

test.each([
  ['nobody has agreed to pay', [], ACCOUNT, '--yes'],
  ['there is no account', ['--yes'], {}, 'TENCENT_SECRET_KEY：没有填'],
  ['nothing is named', ['--yes', '--only', 'nonsense'], ACCOUNT, '没有 nonsense'],
])('nothing is sent where %s', async (_, args, account, mention) => {
  const server = await recogniser();
  const done = await verifier(server, account).run(...args);
  expect(done.code).toBe(1);
  expect(done.stderr).toContain(mention);
  expect(server.stats).toMatchObject({ sessions: { started: 0 }, codes: {} });
});

test('a folder with something in it is left alone', async () => {
  const { folder, run } = verifier({ url: 'http://127.0.0.1:1' });
  writeFileSync(join(folder, 'mine'), '');
  const done = await run('--yes');
  expect(done.code).toBe(1);
  expect(done.stderr).toContain('已有文件');
  expect(existsSync(join(folder, 'level.json'))).toBe(false);
});
