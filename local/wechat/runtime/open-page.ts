import type { component, Root } from 'glass-easel-miniprogram-adapter';

export type PageInstance = component.GeneralComponent & {
  route: string;
  options: Record<string, string>;
} & Record<string, unknown>;

/** One page that is open. */
export interface OpenPage {
  root: Root;
  instance: PageInstance;
  route: string;
  /** The page's own element, which scrolls. */
  scroller: HTMLElement;
}

/** Calls a life-cycle method if the page has it. */
export const callLifecycle = (page: OpenPage, name: string, ...args: unknown[]): unknown => {
  const method = page.instance[name];
  return typeof method === 'function' ? method.apply(page.instance, args) : undefined;
};
