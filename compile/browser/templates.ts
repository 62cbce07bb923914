import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { TmplGroup } from 'glass-easel-template-compiler';
import type { Diagnostic } from './diagnostics.ts';
import { isFile, NPM_PREFIX, type SourcePaths } from './paths.ts';

const require = createRequire(import.meta.url);

/** The version whose generated code the runtime understands. */
const COMPILER_VERSION = '0.12.1';

interface CompilerMessage {
  isError: boolean;
  message: string;
  startLine: number;
}

const REQUIRE_CALL = /require\(\s*['"](.+?)['"]\s*\)/g;

/** In WXS `x.constructor` is a string such as `'Array'`; in JavaScript it is a function with that name. */
const wxsToJs = (source: string): string => source.replace(/\.constructor\b(?!\s*\.)/g, '.constructor.name');

/**
 * Hooks for WXS event handlers and `change:` listeners. In the generated code `Q.A` is the listener of `change:`
 * attributes, `Q.C` that of events, and `D` defines a WXS module (absent where an app has no WXS). The runtime
 * (`local/wechat/runtime/wxs.ts`) is given every module's exports, and calls those functions with WXS's own arguments.
 */
const WXS_HOOKS = `
Q.A = __wxsHooks.changeListener; Q.C = __wxsHooks.eventListener;
if (typeof D === 'function') {
  var __load = D;
  D = (name, body) => { var load = __load(name, body); return () => __wxsHooks.remember(load()) };
}
`;

interface CompiledTemplates {
  /** A JavaScript expression: `{ 'pages/a/a': fn, … }`. */
  code: string;
  diagnostics: Diagnostic[];
  /** Every WXML and WXS file that is reached, missing ones included. */
  files: string[];
}

/** Collects WXML and WXS, from the components to what they import. */
class TemplateCollector {
  readonly diagnostics: Diagnostic[] = [];
  readonly #files = new Set<string>();
  readonly #paths: SourcePaths;
  readonly #group: TmplGroup;

  constructor(paths: SourcePaths, group: TmplGroup) {
    this.#paths = paths;
    this.#group = group;
  }

  get files(): string[] {
    return [...this.#files];
  }

  #display(codePath: string, extension: string): string {
    return codePath.startsWith(NPM_PREFIX)
      ? `${codePath}${extension}`
      : this.#paths.display(this.#paths.file(codePath) + extension);
  }

  /** @returns the text of a file that was not met before; undefined for one that was, or that is missing */
  #read(codePath: string, extension: '.wxml' | '.wxs'): string | undefined {
    const file = this.#paths.file(codePath) + extension;
    if (this.#files.has(file)) return undefined;
    this.#files.add(file);
    if (isFile(file)) return fs.readFileSync(file, 'utf8');
    const message = `${extension.slice(1).toUpperCase()} 文件不存在`;
    this.diagnostics.push({ severity: 'error', file: this.#display(codePath, extension), line: 0, message });
    return undefined;
  }

  addTemplate(codePath: string): void {
    const text = this.#read(codePath, '.wxml');
    if (text === undefined) return;
    const messages = (this.#group.addTmpl(codePath, text) ?? []) as CompilerMessage[];
    for (const { isError, message, startLine } of messages)
      this.diagnostics.push({
        severity: isError ? 'error' : 'warning',
        file: this.#display(codePath, '.wxml'),
        line: startLine + 1,
        message,
      });
    for (const target of this.#group.getDirectDependencies(codePath) as string[]) this.addTemplate(target);
    for (const target of this.#group.getScriptDependencies(codePath) as string[]) this.#addScript(target);
    for (const module of this.#group.getInlineScriptModuleNames(codePath) as string[]) {
      const source = wxsToJs(this.#group.getInlineScript(codePath, module));
      this.#group.setInlineScript(codePath, module, source);
      this.#addRequired(source, codePath);
    }
  }

  #addScript(codePath: string): void {
    const name = codePath.replace(/\.wxs$/, '');
    const text = this.#read(name, '.wxs');
    if (text === undefined) return;
    const source = wxsToJs(text);
    this.#group.addScript(name, source);
    // `require('./x.wxs')` inside WXS looks the module up with its suffix.
    this.#group.addScript(`${name}.wxs`, source);
    this.#addRequired(source, name);
  }

  #addRequired(source: string, from: string): void {
    for (const [, target = ''] of source.matchAll(REQUIRE_CALL))
      this.#addScript(path.posix.join(path.posix.dirname(from), target));
  }
}

/**
 * Compiles the WXML (and WXS) of all components.
 * @throws Error when another version of the template compiler is installed than the runtime understands
 */
export const compileTemplates = (paths: SourcePaths, codePaths: readonly string[]): CompiledTemplates => {
  const compiler = require('glass-easel-template-compiler') as typeof import('glass-easel-template-compiler');
  const installed = (require('glass-easel-template-compiler/package.json') as { version: string }).version;
  if (installed !== COMPILER_VERSION)
    throw new Error(`glass-easel-template-compiler 应为 ${COMPILER_VERSION}，实际是 ${installed}`);
  const group = new compiler.TmplGroup();
  try {
    const collector = new TemplateCollector(paths, group);
    for (const codePath of codePaths) collector.addTemplate(codePath);
    group.setExtraRuntimeScript(WXS_HOOKS);
    return {
      code: group.getTmplGenObjectGroups(),
      diagnostics: collector.diagnostics,
      files: collector.files,
    };
  } finally {
    group.free();
  }
};
