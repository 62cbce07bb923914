import fs from 'node:fs';
import path from 'node:path';

/** Where built npm packages live in a mini-program. Code paths below it lead into `node_modules`. */
export const NPM_PREFIX = 'miniprogram_npm/';

export const isFile = (file: string): boolean => fs.existsSync(file) && fs.statSync(file).isFile();

/** `@scope/name/rest` → `['@scope/name', 'rest']`. */
export const splitPackage = (specifier: string): [name: string, rest: string] => {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  return [parts.slice(0, length).join('/'), parts.slice(length).join('/')];
};

/**
 * Translates between code paths (`pages/a/a`, `miniprogram_npm/tdesign-miniprogram/button/button`) and files.
 * Real paths are used throughout: esbuild resolves links, and a component whose script is known by
 * another path would silently never register.
 */
export class SourcePaths {
  readonly root: string;
  readonly #nodeModules: string;

  constructor(root: string, nodeModules: string) {
    this.root = fs.realpathSync(root);
    this.#nodeModules = nodeModules;
  }

  /** The folder that 「构建 npm」 has made, or else the one that it would copy into `miniprogram_npm/<name>`; or undefined. */
  packageRoot(name: string): string | undefined {
    const copied = path.join(this.root, NPM_PREFIX, name);
    if (name !== '' && fs.existsSync(copied)) return copied;
    const folder = path.join(this.#nodeModules, name);
    const manifest = path.join(folder, 'package.json');
    if (name === '' || !isFile(manifest)) return undefined;
    const { miniprogram = 'miniprogram_dist' } = JSON.parse(fs.readFileSync(manifest, 'utf8')) as {
      miniprogram?: string;
    };
    const built = path.join(folder, miniprogram);
    return fs.existsSync(built) ? fs.realpathSync(built) : undefined;
  }

  /** File (without extension) of a code path. */
  file(codePath: string): string {
    if (!codePath.startsWith(NPM_PREFIX)) return path.join(this.root, codePath);
    const [name, rest] = splitPackage(codePath.slice(NPM_PREFIX.length));
    const folder = this.packageRoot(name);
    if (folder === undefined) throw new Error(`找不到 npm 包 ${name}（请先 npm install）`);
    return path.join(folder, rest);
  }

  /** Code path of a component named in `usingComponents` of `from`, by WeChat's rules. */
  component(reference: string, from: string): string {
    if (reference.startsWith('/')) return path.posix.normalize(reference.slice(1));
    const relative = path.posix.normalize(path.posix.join(path.posix.dirname(from), reference));
    if (reference.startsWith('.') || isFile(`${this.file(relative)}.json`)) return relative;
    const [name] = splitPackage(reference);
    if (this.packageRoot(name) !== undefined) return NPM_PREFIX + reference;
    throw new Error(`${from}.json 引用的组件 ${reference} 不存在`);
  }

  /** A file for people and diagnostics: below the root, or below `miniprogram_npm/`. */
  display(file: string): string {
    const relative = path.relative(this.root, file);
    if (!relative.startsWith('..')) return relative;
    const inModules = file.lastIndexOf(`${path.sep}node_modules${path.sep}`);
    return inModules < 0 ? file : NPM_PREFIX + file.slice(inModules + '/node_modules/'.length);
  }
}
