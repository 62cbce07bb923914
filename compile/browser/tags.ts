import fs from 'node:fs';
import type { AppSource } from './components.ts';
import type { Diagnostic } from './diagnostics.ts';
import { NPM_PREFIX, type SourcePaths } from './paths.ts';

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
