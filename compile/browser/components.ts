import fs from 'node:fs';
import path from 'node:path';
import { isFile, type SourcePaths } from './paths.ts';

/** What app.json says, as far as the browser host cares. */
export interface AppJson {
  pages: string[];
  subPackages?: { root: string; pages: string[] }[];
  subpackages?: { root: string; pages: string[] }[];
  window?: Record<string, unknown>;
  tabBar?: {
    list: { pagePath: string; text: string; iconPath?: string; selectedIconPath?: string }[];
  } & Record<string, unknown>;
  usingComponents?: Record<string, string>;
  darkmode?: boolean;
  themeLocation?: string;
}

interface ComponentJson {
  component?: boolean;
  usingComponents?: Record<string, string>;
  componentGenerics?: Record<string, boolean | { default?: string }>;
  styleIsolation?: string;
  addGlobalClass?: boolean;
  [key: string]: unknown;
}

/** A page or a component: its files and the static configuration that the runtime needs. */
export interface ComponentSource {
  codePath: string;
  /** File without extension. */
  base: string;
  script: string;
  config: ComponentJson;
  /** Prefix of its class names, '' when its styles are shared with the page around it. */
  scope: string;
}

export interface AppSource {
  app: AppJson;
  pages: string[];
  components: ComponentSource[];
  /** theme.json: variables of `@name` values in app.json, by theme. */
  theme: Record<'light' | 'dark', Record<string, string>>;
  /** Every file that was read: what a watcher must look at. */
  files: Set<string>;
}

const readJson = <T>(file: string): T => JSON.parse(fs.readFileSync(file, 'utf8')) as T;

const SHARED_STYLES = /^(shared|page-shared)$/;

/** Pages share app.wxss and see no scope; components are isolated unless they ask otherwise. */
const isolationOf = (json: ComponentJson): string => {
  if (json.styleIsolation !== undefined) return json.styleIsolation;
  if (json.component !== true) return 'shared';
  return json.addGlobalClass === true ? 'apply-shared' : 'isolated';
};

/** Walks app.json → pages → usingComponents and returns everything that must be compiled. */
export const findComponents = (paths: SourcePaths): AppSource => {
  const files = new Set<string>();
  const appFile = path.join(paths.root, 'app.json');
  files.add(appFile);
  const app = readJson<AppJson>(appFile);
  const packages = app.subPackages ?? app.subpackages ?? [];
  const pages = [
    ...app.pages,
    ...packages.flatMap(({ root, pages: below }) => below.map((page) => path.posix.join(root, page))),
  ];
  const found = new Map<string, ComponentSource>();

  const resolveAll = (using: Record<string, string> | undefined, from: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(using ?? {}).map(([name, reference]) => [name, paths.component(reference, from)]),
    );
  const global = resolveAll(app.usingComponents, 'app');

  const visit = (codePath: string): void => {
    if (found.has(codePath)) return;
    const base = paths.file(codePath);
    const script = [`${base}.ts`, `${base}.js`].find(isFile);
    if (script === undefined) throw new Error(`找不到页面或组件 ${codePath}（${codePath}.ts）`);
    const jsonFile = `${base}.json`;
    const json = isFile(jsonFile) ? readJson<ComponentJson>(jsonFile) : {};
    files.add(jsonFile).add(script);
    const using = { ...global, ...resolveAll(json.usingComponents, codePath) };
    const generics: ComponentJson['componentGenerics'] = {};
    const fallbacks: string[] = [];
    for (const [name, generic] of Object.entries(json.componentGenerics ?? {})) {
      const fallback = typeof generic === 'object' ? generic.default : undefined;
      if (fallback === undefined) generics[name] = true;
      else {
        const target = paths.component(fallback, codePath);
        generics[name] = { default: `/${target}` };
        fallbacks.push(target);
      }
    }
    const component: ComponentSource = {
      codePath,
      base,
      script: fs.realpathSync(script),
      scope: SHARED_STYLES.test(isolationOf(json)) ? '' : `s${found.size.toString(36)}`,
      config: {
        ...json,
        componentGenerics: generics,
        usingComponents: Object.fromEntries(
          Object.entries(using).map(([name, target]) => [name, `/${target}`]),
        ),
      },
    };
    found.set(codePath, component);
    for (const target of [...Object.values(using), ...fallbacks]) visit(target);
  };
  for (const target of Object.values(global)) visit(target);
  for (const page of pages) visit(page);

  const themeFile = path.join(paths.root, app.themeLocation ?? 'theme.json');
  const theme = isFile(themeFile) ? readJson<AppSource['theme']>(themeFile) : { light: {}, dark: {} };
  files.add(themeFile);
  return { app, pages, components: [...found.values()], theme, files };
};
