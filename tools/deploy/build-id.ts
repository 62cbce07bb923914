import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../root.ts';

const git = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('git', args, { cwd: ROOT })).stdout.trim();

/** The commit that is deployed, with `-dirty` where files differ from it; `unknown` outside of a repository. */
export async function buildId(): Promise<string> {
  try {
    return await git('describe', '--always', '--dirty', '--exclude=*');
  } catch {
    return 'unknown';
  }
}
