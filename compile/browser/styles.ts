import fs from 'node:fs';
import path from 'node:path';
import postcss, { type AtRule, type ChildNode, type Root, type Rule } from 'postcss';
import type { Diagnostic } from './diagnostics.ts';
import { isFile, type SourcePaths, splitPackage } from './paths.ts';
import { wxssValue } from './wxss-value.ts';

const IMPORT_TARGET = /^(?:url\()?\s*['"]?([^'")]+)['"]?\s*\)?/;
const RPX = /(-?(?:\d*\.)?\d+)rpx\b/g;
const CLASS_NAME = /\.(-?[_a-zA-Z\u0080-\uffff][\w\u0080-\uffff-]*)/g;
/** The class at the end of a selector. */
const LAST_CLASS = /\.([\w-]+)$/;
const DARK = /^\(\s*prefers-color-scheme\s*:\s*dark\s*\)$/;
const LIGHT = /^\(\s*prefers-color-scheme\s*:\s*light\s*\)$/;

const insideKeyframes = (rule: Rule): boolean =>
  rule.parent?.type === 'atrule' && /keyframes$/.test((rule.parent as AtRule).name);

/** Turns WXSS files into CSS for one document: imports, units, theme, and a scope for each isolated component. */
export class StyleCompiler {
  readonly diagnostics: Diagnostic[] = [];
  readonly files = new Set<string>();
  readonly #paths: SourcePaths;
  readonly #placeholderClasses: ReadonlySet<string>;

  /** @param placeholderClasses names that the app's WXML gives to `placeholder-class` */
  constructor(paths: SourcePaths, placeholderClasses: ReadonlySet<string> = new Set()) {
    this.#paths = paths;
    this.#placeholderClasses = placeholderClasses;
  }

  /** @param scope prefix of class names, '' for shared styles. */
  compile(file: string, scope: string): string {
    const root = postcss.root({ nodes: this.#inline(file, []) });
    root.walkDecls((declaration) => {
      declaration.value = wxssValue(declaration.value, declaration.prop);
    });
    root.walkAtRules((rule) => {
      // Media queries take no variables; 2rpx is 1px at the reference width.
      rule.params = rule.params.replace(RPX, (_, n: string) => `${Number(n) / 2}px`);
    });
    root.walkRules((rule) => {
      if (insideKeyframes(rule)) return;
      rule.selectors = rule.selectors.flatMap((selector) => this.#withPlaceholder(selector, scope));
    });
    this.#themes(root);
    return root.toString();
  }

  /** A placeholder is no element in a browser: a rule for its class gets a second selector for the pseudo-element. */
  #withPlaceholder(selector: string, scope: string): string[] {
    const scoped = this.#selector(selector, scope);
    const name = LAST_CLASS.exec(selector)?.[1];
    if (name === undefined || !this.#placeholderClasses.has(name)) return [scoped];
    const field = selector.replace(LAST_CLASS, `[placeholder-class~="${name}"]::placeholder`);
    return [scoped, this.#selector(field, scope)];
  }

  #selector(selector: string, scope: string): string {
    const hosted = selector.replace(
      /:host(?:\(([^)]*)\))?/g,
      (_, inner?: string) => `[wx-host="${scope}"]${inner ?? ''}`,
    );
    return scope === '' ? hosted : hosted.replace(CLASS_NAME, `.${scope}--$1`);
  }

  /**
   * The theme is switched by the host's button, and a media query cannot be switched from a page:
   * its rules become rules below `[data-theme]`, in `:where()` so that their weight stays the same.
   */
  #themes(root: Root): void {
    root.walkAtRules('media', (media) => {
      const theme = DARK.test(media.params) ? 'dark' : LIGHT.test(media.params) ? 'light' : undefined;
      if (theme === undefined) return;
      media.walkRules((rule) => {
        if (insideKeyframes(rule)) return;
        rule.selectors = rule.selectors.map((selector) => `:where(:root[data-theme="${theme}"]) ${selector}`);
      });
      media.replaceWith(media.nodes ?? []);
    });
  }

  #inline(file: string, stack: readonly string[]): ChildNode[] {
    if (stack.includes(file)) return [];
    this.files.add(file);
    const root = postcss.parse(fs.readFileSync(file, 'utf8'), { from: file });
    root.walkAtRules('import', (rule) => {
      const target = IMPORT_TARGET.exec(rule.params)?.[1] ?? '';
      const found = this.#importTarget(target, file);
      if (found === undefined) {
        this.diagnostics.push({
          severity: 'error',
          file: this.#paths.display(file),
          line: rule.source?.start?.line ?? 0,
          message: `@import 的 ${target} 不存在`,
        });
        rule.remove();
      } else rule.replaceWith(this.#inline(found, [...stack, file]));
    });
    return root.nodes;
  }

  #importTarget(target: string, from: string): string | undefined {
    const direct = target.startsWith('/')
      ? path.join(this.#paths.root, target)
      : path.resolve(path.dirname(from), target);
    if (isFile(direct)) return direct;
    const [name, rest] = splitPackage(target.replace(/^\.?\/?(miniprogram_npm\/)?/, ''));
    const folder = this.#paths.packageRoot(name);
    const inPackage = folder === undefined ? '' : path.join(folder, rest);
    return isFile(inPackage) ? inPackage : undefined;
  }
}
