import fs from 'node:fs';
import path from 'node:path';
import { isFile, type SourcePaths } from './paths.ts';

/** The fields of app.json that the browser host reads. */
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
interface ComponentSource {
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

const APP = 'app';

/** Follows `usingComponents` from page to component and collects what must be compiled. */
class ComponentCollector {
  /** By code path, in the order in which they are met. */
  readonly found = new Map<string, ComponentSource>();
  readonly files = new Set<string>();
  readonly #paths: SourcePaths;
  readonly #global: Record<string, string>;

  /** @param global components of app.json, which every page and component may use */
  constructor(paths: SourcePaths, global: Record<string, string> | undefined) {
    this.#paths = paths;
    this.#global = this.#resolve(global, APP);
    for (const target of Object.values(this.#global)) this.add(target);
  }

  /** Names and references of `usingComponents` → names and code paths. */
  #resolve(using: Record<string, string> | undefined, from: string): Record<string, string> {
    return Object.fromEntries(
      Object.entries(using ?? {}).map(([name, reference]) => [name, this.#paths.component(reference, from)]),
    );
  }

  /** @throws Error when the page or component does not exist */
  add(codePath: string): void {
    if (this.found.has(codePath)) return;
    const base = this.#paths.file(codePath);
    const script = [`${base}.ts`, `${base}.js`].find(isFile);
    if (script === undefined) throw new Error(`找不到页面或组件 ${codePath}（${codePath}.ts）`);
    const jsonFile = `${base}.json`;
    const json = isFile(jsonFile) ? readJson<ComponentJson>(jsonFile) : {};
    this.files.add(jsonFile).add(script);
    const using = { ...this.#global, ...this.#resolve(json.usingComponents, codePath) };
    const { generics, fallbacks } = this.#generics(json, codePath);
    this.found.set(codePath, {
      codePath,
      base,
      script: fs.realpathSync(script),
      scope: SHARED_STYLES.test(isolationOf(json)) ? '' : `s${this.found.size.toString(36)}`,
      config: {
        ...json,
        componentGenerics: generics,
        usingComponents: Object.fromEntries(
          Object.entries(using).map(([name, target]) => [name, `/${target}`]),
        ),
      },
    });
    for (const target of [...Object.values(using), ...fallbacks]) this.add(target);
  }

  /** A generic component with a default names a component as `usingComponents` does. */
  #generics({ componentGenerics = {} }: ComponentJson, codePath: string) {
    const generics: Record<string, true | { default: string }> = {};
    const fallbacks: string[] = [];
    for (const [name, generic] of Object.entries(componentGenerics)) {
      const fallback = typeof generic === 'object' ? generic.default : undefined;
      const target = fallback === undefined ? undefined : this.#paths.component(fallback, codePath);
      generics[name] = target === undefined ? true : { default: `/${target}` };
      if (target !== undefined) fallbacks.push(target);
    }
    return { generics, fallbacks };
  }
}

/** Walks app.json → pages → usingComponents and returns everything that must be compiled. */
export const findComponents = (paths: SourcePaths): AppSource => {
  const appFile = path.join(paths.root, 'app.json');
  const app = readJson<AppJson>(appFile);
  const packages = app.subPackages ?? app.subpackages ?? [];
  const pages = [
    ...app.pages,
    ...packages.flatMap(({ root, pages: below }) => below.map((page) => path.posix.join(root, page))),
  ];
  const collector = new ComponentCollector(paths, app.usingComponents);
  for (const page of pages) collector.add(page);
  const themeFile = path.join(paths.root, app.themeLocation ?? 'theme.json');
  const theme = isFile(themeFile) ? readJson<AppSource['theme']>(themeFile) : { light: {}, dark: {} };
  return {
    app,
    pages,
    components: [...collector.found.values()],
    theme,
    files: new Set([appFile, ...collector.files, themeFile]),
  };
};
