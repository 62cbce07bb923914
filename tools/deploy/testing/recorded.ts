import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../lib/clock.ts';
import { readCommandLine } from '../../../lib/command-line.ts';
import { isChange, nameOf } from '../../../local/deploy-cloud/calls.ts';
import { type DeployCloud, REDIRECT, startDeployCloud } from '../../../local/deploy-cloud/server.ts';
import type { CloudState } from '../../../local/deploy-cloud/state.ts';
import { describeFailure } from '../../cli.ts';
import { Progress } from '../../progress.ts';
import { ROOT } from '../../root.ts';
import { deployCommand } from '../command.ts';
import { COMMAND, optionsOf } from '../options.ts';
import { PACKING, type Package, type Packing } from '../packages.ts';
import type { DeployContext } from '../prepare.ts';

export const ENV_ID = 'voice-1a2b3c';
/** Of nobody; the recording cloud accepts them. */
export const CREDENTIALS = {
  TENCENTCLOUD_SECRETID: 'AKIDdeploy0123456789deploy0123456789',
  TENCENTCLOUD_SECRETKEY: 'deploy+key/0123456789abcdefghijklm',
};
/** Values in the form of real ones, none of which may ever be seen in what a tool prints. */
export const VALUES: Readonly<Record<string, string>> = {
  ...CREDENTIALS,
  TCB_ENV: ENV_ID,
  CLOUDBASE_APIKEY: 'eyJhbGciOiJSUzI1NiJ9.database-key-0123456789',
  TICKET_SECRET: '0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9',
  TENCENT_APPID: '1250000000',
  TENCENT_SECRET_ID: 'AKIDspeech0123456789speech0123456789',
  TENCENT_SECRET_KEY: 'speech+key/0123456789abcdefghijklm',
};
/** Those that nobody may see. */
export const SECRETS = Object.entries(VALUES)
  .filter(([name]) => !['TCB_ENV', 'TENCENT_APPID'].includes(name))
  .map(([, value]) => value);

/** A cloud that records. */
export const newCloud = (): Promise<DeployCloud> =>
  startDeployCloud({
    envId: ENV_ID,
    secrets: { [CREDENTIALS.TENCENTCLOUD_SECRETID]: CREDENTIALS.TENCENTCLOUD_SECRETKEY },
  });

/**
 * A cloud that records, and is gone when the test is over.
 * @param like what there is in it; left out: an environment in which nothing has been deployed
 */
export async function recordingCloud(like?: CloudState): Promise<DeployCloud> {
  const cloud = await newCloud();
  onTestFinished(() => cloud.close());
  if (like) Object.assign(cloud.state, structuredClone(like));
  return cloud;
}

/** Names of the calls that may have changed something, in their order; each that was refused is marked. */
export const changesOf = (cloud: DeployCloud): string[] =>
  cloud.calls.filter(isChange).map((call) => `${nameOf(call)}${call.refused ? ` ✗ ${call.refused}` : ''}`);

/** Writes values into a file of their own. @returns its path, and how to be rid of it */
export function valuesFile(values: Readonly<Record<string, string>>): { file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-values-'));
  const file = join(folder, 'values');
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Those of the packages that tests deploy: built once. */
const packages = new Map<string, Promise<Package>>();
const once = (name: string, build: () => Promise<Package>): Promise<Package> => {
  const made = packages.get(name) ?? build();
  packages.set(name, made);
  return made;
};
const PACKING_ONCE: Packing = {
  container: () => once('', PACKING.container),
  function: (name) => once(name, () => PACKING.function(name)),
};

/** Loads what sends this process's requests to the cloud of a test. */
const redirect = (): unknown => createRequire(import.meta.url)(REDIRECT);

/**
 * Does in this process what `npm run deploy` does, against a cloud, with the real SDK.
 * @param values all that it is given; nothing comes from this environment
 * @param agree what people answer when they are asked whether to go on
 */
export async function runDeploy(
  cloud: DeployCloud,
  args: readonly string[] = [],
  values: Readonly<Record<string, string>> = VALUES,
  agree = true,
): Promise<Run> {
  process.env.RECORDING_CLOUD = cloud.url;
  redirect();
  const lines: string[] = [];
  const waitedFor: string[] = [];
  // not the file of whoever runs the tests
  const given = readCommandLine(COMMAND, ['--values', '/dev/null', ...args]);
  if (given === 'help') throw new Error('--help is asked of the process');
  const context: DeployContext = {
    env: { ...values },
    pack: PACKING_ONCE,
    clock: systemClock,
    progress: new Progress(systemClock, (line) => waitedFor.push(line)),
    print: (line) => lines.push(line),
    confirm: async () => agree,
    onInterrupt: () => {},
  };
  let code = 0;
  const failure = await deployCommand(optionsOf(given), context).catch((error: unknown) => {
    code = 1;
    return describeFailure(error);
  });
  context.progress.end();
  return { code, stdout: lines.join('\n'), stderr: [...waitedFor, failure ?? ''].join('\n') };
}

/** A command that has been started as a process. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Run>;
}

/** Starts a process and collects what it prints. */
export function start(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd: string },
): Running {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    said.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  const ended = new Promise<Run>((resolve) => {
    child.once('close', (code) => resolve({ code, ...said }));
  });
  return { child, ended };
}

/** Only what a process needs to be found and to find its files. */
export const plainEnv = (): Record<string, string> => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
};

/** Starts `npm run deploy` against the cloud, with values from a file of its own and nothing from this environment. */
export function startDeploy(
  cloud: DeployCloud,
  args: readonly string[] = [],
  values: Readonly<Record<string, string>> = VALUES,
): Running {
  const { file, remove } = valuesFile(values);
  const command = ['--import', 'tsx', 'tools/deploy.ts', '--values', file, ...args];
  const running = start(process.execPath, command, { cwd: ROOT, env: { ...plainEnv(), ...cloud.env } });
  void running.ended.finally(remove);
  return running;
}
