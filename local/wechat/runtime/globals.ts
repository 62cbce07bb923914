import type { Engine } from './engine.ts';
import type { Pages } from './pages.ts';

type Definition = Record<string, unknown> & { behaviors?: unknown[] };

/** The object given to `App()`. */
export type AppInstance = Record<string, unknown> & { globalData?: Record<string, unknown> };

/** Behaviors that WeChat knows by name. */
const NAMED_BEHAVIORS: Record<string, Definition> = {
  'wx://form-field': { properties: { name: String, value: null } },
  'wx://form-field-button': {},
};

/** `App`, `Page`, `Component`, `Behavior`, `getApp` and `getCurrentPages`. */
export const installGlobals = (
  { codeSpace }: Engine,
  pages: () => Pages,
  extraGlobalData: Record<string, unknown>,
): { app: () => AppInstance } => {
  let app: AppInstance = { globalData: { ...extraGlobalData } };
  let current = '';
  const named = new Map<string, unknown>();

  const behaviorOf = (behavior: unknown): unknown => {
    if (typeof behavior !== 'string') return behavior;
    const known =
      named.get(behavior) ??
      codeSpace
        .behavior()
        .definition((NAMED_BEHAVIORS[behavior] ?? {}) as object)
        .register();
    named.set(behavior, known);
    return known;
  };
  const withBehaviors = (definition: Definition): object =>
    definition.behaviors === undefined
      ? definition
      : Object.assign(definition, { behaviors: definition.behaviors.map(behaviorOf) });

  Object.assign(globalThis, {
    // What WeChat calls the global object; the runtimes of frameworks put their functions there.
    global: globalThis,
    // Each component's script begins with this call (see compile/browser/bundle.ts).
    __wxEnter: (codePath: string) => {
      current = codePath;
    },
    App: (definition: AppInstance) => {
      app = definition;
      app.globalData = { ...definition.globalData, ...extraGlobalData };
    },
    Page: (definition: Definition) =>
      codeSpace
        .component(current)
        .pageDefinition(withBehaviors(definition) as Record<string, unknown>)
        .register(),
    Component: (definition: Definition) =>
      codeSpace.component(current).definition(withBehaviors(definition)).register(),
    Behavior: (definition: Definition) =>
      codeSpace.behavior().definition(withBehaviors(definition)).register(),
    getApp: () => app,
    getCurrentPages: () => pages().stack.map(({ instance }) => instance),
  });
  return { app: () => app };
};

/** Calls a method of the object given to `App()`. */
export const callApp = (app: AppInstance, name: string, detail: unknown): void => {
  const method = app[name];
  if (typeof method === 'function') method.call(app, detail);
};
