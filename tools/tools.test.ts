import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseTicketKeys, verifyTicket } from '../contract/ticket.ts';
import { resample } from '../lib/resample.ts';
import { readWav, writeWav } from '../lib/wav.ts';
import { lastLine, runTool } from '../local/launch/testing/run-tool.ts';
import { type LocalCloud, startLocalCloud } from '../local/start.ts';

// whole recordings at twice their speed, on a machine that may be busy
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });

const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));
const RECORDINGS = ['daily', 'fast', 'meeting', 'review'];

let folder: string;
let cloud: LocalCloud;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tools-'));
  cloud = await startLocalCloud({ dataDir: join(folder, 'data'), page: false, env: {} });
});
afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

const run = (name: string, ...args: string[]) => runTool(name, [...args, '--data', cloud.dataDir]);
const call = async (name: string, data: object, user = 'A') => {
  const done = await run('call', name, JSON.stringify(data), '--user', user);
  return JSON.parse(done.stdout);
};
const expected = async (recording: string): Promise<string> =>
  (await readFile(`${SAMPLES}${recording}.txt`, 'utf8')).trim();

describe('transcribe', () => {
  let results: { sessionId: string; text: string; sentences: number; firstTextMs: number }[];
  beforeAll(async () => {
    results = await Promise.all(
      RECORDINGS.map(async (recording) => {
        const done = await run('transcribe', `${SAMPLES}${recording}.wav`, '--speed', '2', '--json');
        expect(done, recording).toMatchObject({ code: 0 });
        return JSON.parse(lastLine(done));
      }),
    );
  });

  test.each(RECORDINGS)('%s returns exactly the text beside it', async (recording) => {
    const result = results[RECORDINGS.indexOf(recording)];
    const text = await expected(recording);
    expect(result?.text).toBe(text);
    expect(result?.sentences).toBe(text.split('\n').length);
    expect(result?.firstTextMs).toBeGreaterThan(0);
  });

  test.each(RECORDINGS)('history holds the same of %s', async (recording) => {
    const sessionId = results[RECORDINGS.indexOf(recording)]?.sessionId;
    const { session, sentences } = await call('history', { action: 'get', sessionId });
    expect(session).toMatchObject({ state: 'completed', losses: [] });
    expect(sentences.map((sentence: { text: string }) => sentence.text).join('\n')).toBe(
      await expected(recording),
    );
  });

  test('the day counts each once, and nothing of another user', async () => {
    const { today } = await call('stats', { action: 'today' });
    const sentences = results.reduce((sum, result) => sum + result.sentences, 0);
    expect(today).toMatchObject({ sessions: RECORDINGS.length, completed: RECORDINGS.length, sentences });
    expect((await call('stats', { action: 'today' }, 'B')).today.sessions).toBe(0);
  });

  test('goes on over a killed container, with the same text', async () => {
    const speaking = run('transcribe', `${SAMPLES}meeting.wav`, '--speed', '2', '--json', '--user', 'B');
    const stored = async (): Promise<number> =>
      (await call('history', { action: 'list' }, 'B')).items[0]?.sentenceCount ?? 0;
    await vi.waitFor(async () => expect(await stored()).toBeGreaterThan(0), { timeout: 60_000 });
    const container = cloud.process('container-1');
    await container.kill('SIGKILL');
    await container.start();
    const done = await speaking;
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('已重新连接');
    expect(JSON.parse(lastLine(done)).text).toBe(await expected('meeting'));
  });

  test('stereo at another rate is converted, and said so', async () => {
    const { samples } = readWav(await readFile(`${SAMPLES}phrases/weather.wav`));
    const mono = resample(samples, 16_000, 48_000);
    const stereo = Int16Array.from({ length: mono.length * 2 }, (_, i) => mono[i >> 1] ?? 0);
    const file = join(folder, 'stereo.wav');
    await writeFile(file, writeWav(stereo, 48_000, 2));
    const done = await run('transcribe', file, '--json');
    expect(done.stdout).toContain('已从 48000 Hz 2 声道转换为 16000 Hz 单声道');
    expect(JSON.parse(lastLine(done)).text).toBe(await expected('phrases/weather'));
  });

  test('a refused ticket: its code, what to do, exit code 1', async () => {
    const args = ['--url', cloud.urls.container, '--ticket', 'not.a.ticket'];
    const done = await runTool('transcribe', [`${SAMPLES}meeting.wav`, ...args]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('TICKET_INVALID');
    expect(done.stderr).toContain('TICKET_SECRET');
  });

  test('an address at which nothing listens is said at once, in words', async () => {
    const begun = performance.now();
    const args = ['--url', 'http://127.0.0.1:1', '--secret', 'x'.repeat(32)];
    const done = await runTool('transcribe', [`${SAMPLES}meeting.wav`, ...args]);
    expect(done).toMatchObject({ code: 1, stdout: '' });
    expect(done.stderr).toMatch(/^连不上 http:\/\/127\.0\.0\.1:1：连接被拒绝/);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test('a file that is not there is said in words', async () => {
    const done = await run('transcribe', '/no/such.wav');
    expect(done).toMatchObject({ code: 1, stderr: '读不到文件：/no/such.wav 不存在（ENOENT）\n' });
  });

  test.each([
    [[], '缺少 文件.wav'],
    [['a.wav', '--speed', '9'], '--speed'],
    [['a.wav', '--engine', 'nonsense'], '没有实时引擎'],
    [['a.wav', '--url', 'http://127.0.0.1:1'], '--ticket'],
    [['a.wav', '--unknown'], '没有选项 --unknown'],
  ])('called wrongly (%j): usage, exit code 2', async (args, message) => {
    const done = await runTool('transcribe', args);
    expect(done.code).toBe(2);
    expect(done.stderr).toContain(message);
    expect(done.stderr).toContain('用法');
  });
});

describe('ticket', () => {
  test('is good at the running cloud, for the user who was named', async () => {
    const keys = parseTicketKeys(cloud.ticketSecret);
    const ticketOf = async (...args: string[]) => lastLine(await run('ticket', ...args));
    expect(await verifyTicket(await ticketOf(), keys)).toBe(cloud.users.A);
    expect(await verifyTicket(await ticketOf('--user', 'B'), keys)).toBe(cloud.users.B);
    expect(await verifyTicket(await ticketOf('--openid', 'oSomebody'), keys)).toBe('oSomebody');
  });

  test('a secret that is too short is refused without showing it', async () => {
    const done = await runTool('ticket', ['--secret', 'hunter2']);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('TICKET_SECRET');
    expect(done.stderr).not.toContain('hunter2');
  });
});

describe('call', () => {
  test('a refusal is printed whole, exit code 1', async () => {
    const done = await run('call', 'history', '{"action":"nonsense"}');
    expect(done.code).toBe(1);
    expect(JSON.parse(done.stdout)).toMatchObject({ code: 'UNKNOWN_ACTION', retriable: false });
  });

  test('a function that is not there', async () => {
    const done = await run('call', 'nothing', '{}');
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('nothing');
  });

  test('called wrongly: exit code 2', async () => {
    expect((await run('call', 'history', '{action}')).code).toBe(2);
    expect((await run('call', 'history', '{}', '--user', 'C')).code).toBe(2);
    expect((await run('call')).code).toBe(2);
  });

  test('without a running cloud: says how to start one', async () => {
    const done = await runTool('call', ['history', '{}', '--data', folder]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('npm start');
  });
});
