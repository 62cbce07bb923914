import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildUploads } from '../../../compile/uploads.ts';
import type { DeployCloud } from '../../../local/deploy-cloud/server.ts';
import { ROOT } from '../../root.ts';
import { REAL_TOOLS } from '../tool-packages.ts';
import { CREDENTIALS, ENV_ID, plainEnv, type Run, start } from './recorded.ts';

/** Where the CLI sends what it was used for. */
export const TELEMETRY = 'POST otheve.beacon.qq.com/analytics/v2_upload';

/** A project as `npm run build` leaves it, in a folder of its own, with a home of its own for the tools. */
export interface Project {
  folder: string;
  home: string;
  /** Writes `.env`; left out: there is none. */
  fill(values?: Readonly<Record<string, string>>): void;
  remove(): void;
}

export async function makeProject(): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-project-'));
  const home = mkdtempSync(join(tmpdir(), 'deploy-home-'));
  copyFileSync(join(ROOT, 'cloudbaserc.json'), join(folder, 'cloudbaserc.json'));
  await buildUploads(folder);
  const file = join(folder, '.env');
  return {
    folder,
    home,
    fill: (values) => {
      rmSync(file, { force: true });
      const lines = Object.entries(values ?? {}).map(([name, value]) => `${name}=${value}\n`);
      if (values) writeFileSync(file, lines.join(''));
    },
    remove: () => {
      for (const one of [folder, home]) rmSync(one, { recursive: true, force: true });
    },
  };
}

/** A tool that asks something and waits for ever is ended after this, ms. */
const ENDS_WITHIN_MS = 90_000;

/** Runs the real CLI in a project against a cloud, without a terminal. */
export async function tcb(cloud: DeployCloud, { folder, home }: Project, ...args: string[]): Promise<Run> {
  const script = join(REAL_TOOLS.folder, 'node_modules/@cloudbase/cli/bin/tcb');
  const env = { ...plainEnv(), HOME: home, ...cloud.env };
  const { child, ended } = start(process.execPath, [script, ...args], { cwd: folder, env });
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

/** Logs the CLI in, as in continuous integration. */
export const login = (cloud: DeployCloud, project: Project): Promise<Run> =>
  tcb(
    cloud,
    project,
    'login',
    '--apiKeyId',
    CREDENTIALS.TENCENTCLOUD_SECRETID,
    '--apiKey',
    CREDENTIALS.TENCENTCLOUD_SECRETKEY,
  );

export const IN_ENVIRONMENT = ['-e', ENV_ID] as const;
