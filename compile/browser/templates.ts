import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
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
 * Hooks for WXS event handlers and `change:` listeners: functions that come out of a WXS module are
 * remembered, and the runtime (`runtime/wxs.ts`) calls those with WXS's own arguments. `D` makes a module; there is none
 * where an app has no WXS.
 */
const WXS_HOOKS = `
Q.A = __wxsHooks.changeListener; Q.C = __wxsHooks.eventListener;
if (typeof D === 'function') {
  var __load = D;
  D = (name, body) => { var load = __load(name, body); return () => __wxsHooks.remember(load()) };
}
`;

/** Compiles the WXML (and WXS) of all components into one JavaScript expression: `{ 'pages/a/a': fn, … }`. */
export const compileTemplates = (
  paths: SourcePaths,
  codePaths: readonly string[],
): { code: string; diagnostics: Diagnostic[]; files: string[] } => {
  const compiler = require('glass-easel-template-compiler') as typeof import('glass-easel-template-compiler');
  const installed = (require('glass-easel-template-compiler/package.json') as { version: string }).version;
  if (installed !== COMPILER_VERSION)
    throw new Error(`glass-easel-template-compiler 应为 ${COMPILER_VERSION}，实际是 ${installed}`);
  const group = new compiler.TmplGroup();
  const diagnostics: Diagnostic[] = [];
  const files: string[] = [];
  const seen = new Set<string>();
  const display = (codePath: string, extension: string): string =>
    codePath.startsWith(NPM_PREFIX)
      ? `${codePath}${extension}`
      : paths.display(paths.file(codePath) + extension);

  const addScript = (codePath: string): void => {
    const name = codePath.replace(/\.wxs$/, '');
    const file = `${paths.file(name)}.wxs`;
    if (seen.has(file)) return;
    seen.add(file);
    files.push(file);
    if (!isFile(file)) {
      diagnostics.push({
        severity: 'error',
        file: display(name, '.wxs'),
        line: 0,
        message: 'WXS 文件不存在',
      });
      return;
    }
    const source = wxsToJs(fs.readFileSync(file, 'utf8'));
    group.addScript(name, source);
    // `require('./x.wxs')` inside WXS looks the module up with its suffix.
    group.addScript(`${name}.wxs`, source);
    addRequired(source, name);
  };
  const addRequired = (source: string, from: string): void => {
    for (const [, target = ''] of source.matchAll(REQUIRE_CALL))
      addScript(path.posix.join(path.posix.dirname(from), target));
  };

  const addTemplate = (codePath: string): void => {
    const file = `${paths.file(codePath)}.wxml`;
    if (seen.has(file)) return;
    seen.add(file);
    files.push(file);
    if (!isFile(file)) {
      diagnostics.push({
        severity: 'error',
        file: display(codePath, '.wxml'),
        line: 0,
        message: 'WXML 文件不存在',
      });
      return;
    }
    const messages = (group.addTmpl(codePath, fs.readFileSync(file, 'utf8')) ?? []) as CompilerMessage[];
    for (const { isError, message, startLine } of messages)
      diagnostics.push({
        severity: isError ? 'error' : 'warning',
        file: display(codePath, '.wxml'),
        line: startLine + 1,
        message,
      });
    for (const target of group.getDirectDependencies(codePath) as string[]) addTemplate(target);
    for (const target of group.getScriptDependencies(codePath) as string[]) addScript(target);
    for (const module of group.getInlineScriptModuleNames(codePath) as string[]) {
      const source = wxsToJs(group.getInlineScript(codePath, module));
      group.setInlineScript(codePath, module, source);
      addRequired(source, codePath);
    }
  };

  try {
    for (const codePath of codePaths) addTemplate(codePath);
    group.setExtraRuntimeScript(WXS_HOOKS);
    return { code: group.getTmplGenObjectGroups(), diagnostics, files };
  } finally {
    group.free();
  }
};
