import { appendFileSync, closeSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inheritedEnv, localAsrEnv, realAsrEnv, settingProblems } from './environment.ts';
import { LogFile } from './log-file.ts';
import { type RunningCloud, readRunning, removeRunning, writeRunning } from './running-file.ts';
import { localSecrets, secretsPath } from './secrets.ts';
import { temporaryFolder } from './testing/command.ts';

const ACCOUNT = {
  TENCENT_APPID: '1250000000',
  TENCENT_SECRET_ID: `AKID${'a'.repeat(32)}`,
  TENCENT_SECRET_KEY: 'b'.repeat(32),
};

describe('environment', () => {
  test('nothing of an account or an endpoint passes on by itself', () => {
    const env = {
      PATH: '/bin',
      CLOUDBASE_APIKEY: 'k',
      TENCENT_SECRET_KEY: 's',
      TCB_ENV: 'e',
      HTTP_PROXY: 'p',
    };
    expect(inheritedEnv(env)).toEqual({ PATH: '/bin' });
  });

  test('no account: the local service; empty settings count as none', () => {
    expect(realAsrEnv({})).toBeUndefined();
    expect(realAsrEnv({ TENCENT_APPID: '', TENCENT_SECRET_ID: '', TENCENT_SECRET_KEY: '' })).toBeUndefined();
  });

  test('a whole account: the real service, with its endpoints if they are set', () => {
    const account = ACCOUNT;
    expect(settingProblems(account)).toEqual([]);
    expect(realAsrEnv({ ...account, ASR_ENDPOINT: 'wss://x', OTHER: 'o' })).toEqual({
      ...account,
      ASR_ENDPOINT: 'wss://x',
    });
  });

  test('settings that the container would die of are named at once, without their values', () => {
    expect(settingProblems({})).toEqual([]);
    expect(settingProblems({ HTTP_ALLOWED_ORIGINS: 'https://a.example, http://b.example:8080' })).toEqual([]);
    expect(settingProblems({ TENCENT_APPID: '125' }).join()).toContain(
      '还缺少 TENCENT_SECRET_ID、TENCENT_SECRET_KEY',
    );
    const wrong = {
      TENCENT_APPID: 'my-app',
      TENCENT_SECRET_ID: '"AKIDquoted"',
      TENCENT_SECRET_KEY: 'wrong key',
      ASR_ENDPOINT: 'asr.example',
      TICKET_SECRET: 'too-short',
      DB_WRITES_PER_SECOND: 'many',
      LOG_LEVEL: 'loud',
      HTTP_ALLOWED_ORIGINS: 'https://app.example/',
    };
    const problems = settingProblems(wrong);
    expect(problems).toHaveLength(8);
    for (const [name, value] of Object.entries(wrong)) {
      expect(problems.filter((problem) => problem.includes(name))).toHaveLength(1);
      expect(problems.join()).not.toContain(value);
    }
  });

  test('the local service has the real names: only values differ', () => {
    const asr = { appId: '125', secretId: 'AKIDxxxx', secretKey: 'secretkey' };
    const env = localAsrEnv(
      { ticketSecret: '', cloudbase: { secretId: '', secretKey: '', apiKey: '' }, asr },
      'http://127.0.0.1:9',
    );
    expect(env).toMatchObject({
      ASR_ENDPOINT: 'ws://127.0.0.1:9',
      ASR_ONESHOT_ENDPOINT: 'http://127.0.0.1:9',
    });
    expect(Object.keys(env)).toEqual(expect.arrayContaining(['TENCENT_APPID', 'TENCENT_SECRET_ID']));
  });
});

describe('secrets', () => {
  test('made once, the same ever after', async () => {
    const folder = await temporaryFolder();
    const made = await localSecrets(folder);
    expect(made.ticketSecret.length).toBeGreaterThanOrEqual(32);
    expect(await localSecrets(folder)).toEqual(made);
    expect(await localSecrets(await temporaryFolder())).not.toEqual(made);
  });

  test('a file of a version without API keys gets one, and keeps what it has', async () => {
    const folder = await temporaryFolder();
    const { ticketSecret, cloudbase, asr } = await localSecrets(folder);
    const { apiKey: _, ...signing } = cloudbase;
    writeFileSync(secretsPath(folder), JSON.stringify({ ticketSecret, cloudbase: signing, asr }));
    const upgraded = await localSecrets(folder);
    expect(upgraded).toMatchObject({ ticketSecret, cloudbase: signing, asr });
    expect(await localSecrets(folder)).toEqual(upgraded);
  });

  test('a broken file is reported, not replaced', async () => {
    const folder = await temporaryFolder();
    appendFileSync(secretsPath(folder), '{"ticketSecret":');
    await expect(localSecrets(folder)).rejects.toThrow('不是有效的密钥文件');
    expect(readFileSync(secretsPath(folder), 'utf8')).toBe('{"ticketSecret":');
  });
});

describe('running file', () => {
  const running: RunningCloud = {
    pid: process.pid,
    url: 'http://127.0.0.1:1',
    container: 'http://127.0.0.1:2',
    gateway: 'http://127.0.0.1:3',
    asr: null,
    secretsFile: 'x',
    users: {},
  };

  test('is read back while its process lives', async () => {
    const folder = await temporaryFolder();
    expect(readRunning(folder)).toBeUndefined();
    writeRunning(folder, running);
    expect(readRunning(folder)).toEqual(running);
    removeRunning(folder);
    expect(readRunning(folder)).toBeUndefined();
  });

  test('of a process that is gone, or of another format, is as good as none', async () => {
    const folder = await temporaryFolder();
    // beyond the largest process id of Linux
    writeRunning(folder, { ...running, pid: 2 ** 23 });
    expect(readRunning(folder)).toBeUndefined();
    writeRunning(folder, { ...running, gateway: 'http://elsewhere.example' });
    expect(readRunning(folder)).toBeUndefined();
  });
});

test('a log gives whole lines, each once, and its end', async () => {
  const log = new LogFile(join(await temporaryFolder(), 'logs/part.log'));
  const fd = log.open();
  writeSync(fd, 'one\ntw');
  expect(log.newLines()).toEqual(['one']);
  writeSync(fd, 'o\nthree\n');
  expect(log.newLines()).toEqual(['two', 'three']);
  expect(log.newLines()).toEqual([]);
  expect(log.tail(2)).toEqual(['two', 'three']);
  closeSync(fd);
});
