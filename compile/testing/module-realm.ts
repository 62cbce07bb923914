import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

/**
 * Runs CommonJS files as WeChat's runtime does: in a realm that has the given globals only, each file once, with a `require` that finds
 * files beside it, and packages in `miniprogram_npm` (WeChat documentation, "npm 支持").
 */
export class ModuleRealm {
  private readonly context: object;
  private readonly npm: string;
  private readonly loaded = new Map<string, { exports: object }>();

  /** @param npm the folder `miniprogram_npm` */
  constructor(npm: string, globals: object) {
    this.npm = npm;
    this.context = createContext(
      { setTimeout, clearTimeout, ...globals },
      { codeGeneration: { strings: false } },
    );
  }

  /** @param name a package, or an entry of one @throws Error where there is none */
  require(name: string): Record<string, unknown> {
    const file = [`${name}.js`, `${name}/index.js`].map((path) => join(this.npm, path)).find(existsSync);
    if (!file) throw new Error(`module '${name}.js' is not defined`);
    return this.load(file) as Record<string, unknown>;
  }

  private load(file: string): object {
    const known = this.loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    this.loaded.set(file, module);
    const run = runInContext(
      `(function (require, module, exports) {${readFileSync(file, 'utf8')}\n})`,
      this.context,
    );
    const require = (name: string): object =>
      name.startsWith('.') ? this.load(join(dirname(file), name)) : this.require(name);
    run(require, module, module.exports);
    return module.exports;
  }
}
