import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../cli.ts';

/** A package of tools with a lock file of its own; what a command needs is installed there when it is first run. */
export interface ToolPackage {
  folder: string;
  /** What people are told is installed. */
  name: string;
}

/** Lines of npm's output that a failure shows. */
const REPORTED_LINES = 12;

const versionIn = (manifest: string): string | undefined =>
  existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
    : undefined;

/** Whether it is there, whole, in the versions that its manifest asks for. */
export function isInstalled({ folder }: ToolPackage): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // npm writes it last
  const isWhole = existsSync(join(folder, 'node_modules/.package-lock.json'));
  return (
    isWhole &&
    Object.entries(dependencies).every(
      ([name, version]) => versionIn(join(folder, 'node_modules', name, 'package.json')) === version,
    )
  );
}

/** npm itself as it runs us, or as it is found. */
function npm(env: NodeJS.ProcessEnv): [command: string, args: string[]] {
  const script = env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
}

/**
 * Installs it from its lock file.
 * @param env what npm is run with: no secret belongs in there, packages come from a registry
 * @throws ToolError with the end of npm's output
 */
export async function install({ folder, name }: ToolPackage, env: NodeJS.ProcessEnv): Promise<void> {
  const [command, args] = npm(env);
  const child = spawn(command, [...args, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  const said = output.trimEnd().split('\n').slice(-REPORTED_LINES).join('\n');
  throw new ToolError(
    `没有装上 ${name}（npm ci 退出码 ${code}）；检查网络与 npm 的源，再运行一次：\n${said}`,
  );
}

/** Variables that only deployments use: npm and what it installs are not to see them. */
export const withoutSecrets = (env: NodeJS.ProcessEnv, secrets: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.includes(name)));
