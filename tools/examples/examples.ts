import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../root.ts';

/** An example in `examples/`: a project as a user would have it. */
export interface Example {
  /** Of its folder. */
  name: string;
  /** Its own scripts, in order: they check its types and compile it. */
  scripts: readonly string[];
  /** Below its folder: the mini-program that WeChat would run. */
  app: string;
  /** WeChat's 「构建 npm」 copies the packages into the mini-program; elsewhere the project's own compiler takes them in. */
  buildsNpm: boolean;
}

export const EXAMPLES: readonly Example[] = [
  { name: 'native-js', scripts: [], app: 'miniprogram', buildsNpm: true },
  { name: 'native-ts', scripts: ['type-check'], app: 'miniprogram', buildsNpm: true },
  { name: 'uni-app', scripts: ['type-check', 'build'], app: 'dist/build/mp-weixin', buildsNpm: false },
  { name: 'taro', scripts: ['type-check', 'build'], app: 'dist', buildsNpm: false },
  { name: 'weapp-vite', scripts: ['type-check', 'build'], app: 'dist', buildsNpm: false },
];

/** The packages of this repository that the examples use, by name. */
export const OWN_PACKAGES = ['cloudbase-socketio-client', 'cloudbase-voice'] as const;

export const sourceOf = ({ name }: Example): string => join(ROOT, 'examples', name);

const rootHash = createHash('sha256').update(ROOT).digest('hex').slice(0, 8);

/**
 * Where the examples are installed and built. Outside of this repository: their tools look for packages and settings in the folders
 * above, and would find ours.
 */
export const WORK_DIR = join(tmpdir(), `voice-examples-${rootHash}`);
export const workDirOf = ({ name }: Example): string => join(WORK_DIR, name);
export const appDirOf = (example: Example): string => join(workDirOf(example), example.app);
