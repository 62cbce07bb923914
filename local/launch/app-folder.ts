import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const isApp = (folder: string): boolean => existsSync(join(folder, 'app.json'));

/** The folder that project.config.json names; undefined: there is no such file, or it names none. */
function namedFolder(folder: string): string | undefined {
  const file = join(folder, 'project.config.json');
  if (!existsSync(file)) return undefined;
  const { miniprogramRoot } = JSON.parse(readFileSync(file, 'utf8')) as { miniprogramRoot?: string };
  return miniprogramRoot === undefined ? undefined : join(folder, miniprogramRoot);
}

/** The nearest `node_modules` in or above a folder. */
function nearestModules(folder: string): string | undefined {
  const modules = join(folder, 'node_modules');
  if (existsSync(modules)) return modules;
  const above = dirname(folder);
  return above === folder ? undefined : nearestModules(above);
}

/**
 * Finds the mini-program in a folder that a user names: the one with app.json, or a project's with project.config.json.
 * @throws Error in words for people where there is none
 */
export function findApp(named: string): { appDir: string; nodeModules?: string } {
  const folder = resolve(named);
  const appDir = isApp(folder) ? folder : namedFolder(folder);
  if (appDir === undefined || !isApp(appDir))
    throw new Error(`${appDir ?? folder} 里没有 app.json：--app 要小程序的文件夹；uni-app、Taro 等先编译`);
  const nodeModules = nearestModules(appDir);
  return { appDir, ...(nodeModules !== undefined && { nodeModules }) };
}
