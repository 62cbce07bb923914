import fs from 'node:fs';
import path from 'node:path';
import type { AssignmentExpression, MemberExpression, Node } from 'acorn';
import { parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import { transformSync } from 'esbuild';
import { newerApisIn } from '../library-level.ts';
import type { AppSource } from './components.ts';
import type { Diagnostic } from './diagnostics.ts';
import { NPM_PREFIX, type SourcePaths } from './paths.ts';
import type { BrowserRuntime } from './runtime.ts';

const TAG = /<([a-z][\w-]*)/g;
const NOT_MARKUP = /<!--[\s\S]*?-->|<wxs\b[^>]*>[\s\S]*?<\/wxs>|\{\{[\s\S]*?\}\}/g;

/** Same length, so that line numbers stay. */
const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/**
 * A tag that is neither a component nor known here would become an element without behaviour: the page would look
 * right on the phone only. Reported for our own pages and components.
 */
export const checkTags = (paths: SourcePaths, source: AppSource, known: ReadonlySet<string>): Diagnostic[] =>
  source.components
    .filter(({ codePath }) => !codePath.startsWith(NPM_PREFIX))
    .flatMap(({ base, config }) => {
      const file = `${base}.wxml`;
      const markup = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').replace(NOT_MARKUP, blank) : '';
      const components = { ...config.usingComponents, ...config.componentGenerics };
      return [...markup.matchAll(TAG)]
        .filter(([, tag = '']) => !known.has(tag) && !(tag in components))
        .map(({ 1: tag, index }) => ({
          severity: 'error' as const,
          file: paths.display(file),
          line: markup.slice(0, index).split('\n').length,
          message: `<${tag}> 既不是引用的组件，浏览器宿主也没有实现`,
        }));
    });

const nameOf = (node: MemberExpression): string | undefined => {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name;
  return node.computed && node.property.type === 'Literal' ? String(node.property.value) : undefined;
};

const isWx = (node: Node): boolean => node.type === 'Identifier' && (node as { name?: string }).name === 'wx';

const isMember = (node: Node | undefined): node is MemberExpression => node?.type === 'MemberExpression';

const toJavaScript = (source: string): string =>
  transformSync(source, { loader: 'ts', format: 'esm', target: 'es2022' }).code;

interface WxMembers {
  used: Set<string>;
  /** Those that the app adds itself, as the runtimes of frameworks do: `wx.createPage = …`. */
  added: Set<string>;
}

/**
 * The members of `wx` that a TypeScript source names: `wx.showToast`, `wx.cloud.callFunction`, and
 * `const { showToast } = wx`. Where `wx` itself is passed on, its members are not found here;
 * the runtime reports those at their first use.
 * @param known members that exist, nested ones as `cloud.init`: only of these namespaces are members looked at
 */
const wxMembersIn = (source: string, known: ReadonlySet<string>): WxMembers => {
  const namespaces = new Set(
    [...known].filter((member) => member.includes('.')).map((member) => member.split('.')[0]),
  );
  const used = new Set<string>();
  const added = new Set<string>();
  ancestor(parse(toJavaScript(source), { ecmaVersion: 2022, sourceType: 'module' }), {
    MemberExpression(node, _state, ancestors) {
      if (!isWx(node.object)) return;
      const name = nameOf(node);
      if (name === undefined) return;
      const outer = ancestors.at(-2);
      const inner =
        namespaces.has(name) && isMember(outer) && outer.object === node ? nameOf(outer) : undefined;
      used.add(inner === undefined ? name : `${name}.${inner}`);
      if (outer?.type === 'AssignmentExpression' && (outer as AssignmentExpression).left === node)
        added.add(name);
    },
    VariableDeclarator(node) {
      if (node.init == null || !isWx(node.init) || node.id.type !== 'ObjectPattern') return;
      for (const property of node.id.properties)
        if (property.type === 'Property' && property.key.type === 'Identifier') used.add(property.key.name);
    },
  });
  return { used, added };
};

/** A use of `wx` in our own scripts that the runtime does not have. */
export const checkWxUsage = (
  paths: SourcePaths,
  scripts: readonly string[],
  { wxMembers, folder }: BrowserRuntime,
): Diagnostic[] => {
  const found = scripts.map((file) => ({ file, ...wxMembersIn(fs.readFileSync(file, 'utf8'), wxMembers) }));
  const known = new Set([...wxMembers, ...found.flatMap(({ added }) => [...added])]);
  return found.flatMap(({ file, used }) =>
    [...used]
      .filter((member) => !known.has(member))
      .map((member) => ({
        severity: 'error' as const,
        file: paths.display(file),
        line: 0,
        message: `wx.${member} 在浏览器宿主中没有实现（${path.relative(process.cwd(), folder)}）`,
      })),
  );
};

/** A call in a script of the app, of an npm package included, to what phones with the minimum base library do not have. */
export const checkLibraryLevel = (paths: SourcePaths, scripts: readonly string[]): Diagnostic[] =>
  scripts.flatMap((file) =>
    newerApisIn(toJavaScript(fs.readFileSync(file, 'utf8'))).map((name) => ({
      severity: 'error' as const,
      file: paths.display(file),
      line: 0,
      message: `${name} 高于最低基础库的标准库（compile/library-level.ts）`,
    })),
  );
