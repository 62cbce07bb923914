import { vi } from 'vitest';

/** A page's definition as `Page()` gets it. */
type Definition = { data?: Record<string, unknown> } & Record<string, unknown>;

/** A page outside of WeChat: its methods, its data, and every call of `setData`. */
export interface FakePage {
  data: Record<string, unknown>;
  /** The patches, oldest first. */
  calls: Record<string, unknown>[];
  call(method: string, ...args: unknown[]): unknown;
}

/** A module is evaluated once in a worker, so definitions outlive the test that was first. */
const definitions = new Map<string, Definition>();

/** Sets what a path such as `rows[3]` names, as WeChat does. */
export function applyPatch(data: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [path, value] of Object.entries(patch)) {
    const item = /^(\w+)\[(\d+)\]$/.exec(path);
    if (!item) data[path] = Array.isArray(value) ? [...value] : value;
    else (data[item[1] as string] as unknown[])[Number(item[2])] = value;
  }
}

/**
 * Opens a page.
 * @param load imports the page's module, which calls `Page()`
 */
export async function openFakePage(
  name: string,
  load: () => Promise<unknown>,
  query: Record<string, string> = {},
): Promise<FakePage> {
  vi.stubGlobal('Behavior', (definition: object) => definition);
  vi.stubGlobal('Page', (definition: Definition) => definitions.set(name, definition));
  await load();
  const definition = definitions.get(name);
  if (definition === undefined) throw new Error(`${name} has defined no page`);
  const calls: Record<string, unknown>[] = [];
  const instance: Definition = {
    ...definition,
    data: structuredClone(definition.data ?? {}),
    /** A page outside of WeChat has no components. */
    selectComponent: () => null,
    setData(patch: Record<string, unknown>, shown?: () => void) {
      calls.push(patch);
      applyPatch(instance.data as Record<string, unknown>, patch);
      shown?.();
    },
  };
  const page: FakePage = {
    data: instance.data as Record<string, unknown>,
    calls,
    call: (method, ...args) => (instance[method] as (...args: unknown[]) => unknown).apply(instance, args),
  };
  page.call('onLoad', query);
  return page;
}
