import type { component, glassEasel } from 'glass-easel-miniprogram-adapter';

type Caller = component.GeneralComponent;
type Fields = Pick<WechatMiniprogram.Fields, 'rect' | 'size' | 'node'>;
type Result = Record<string, unknown>;
type Callback = (result: never) => void;

/** Positions are relative to the page's upper left corner, below the navigation bar. A canvas of type 2d is the browser's own. */
const measure = (element: glassEasel.Element, { rect, size, node }: Fields): Result => {
  const dom = element.getBackendElement() as unknown as HTMLElement;
  const { left, right, top, bottom, width, height } = dom.getBoundingClientRect();
  const origin = document.getElementById('wx-pages')?.getBoundingClientRect() ?? new DOMRect();
  const [x, y] = [origin.left, origin.top];
  return {
    ...(rect && { left: left - x, right: right - x, top: top - y, bottom: bottom - y }),
    ...(size && { width, height }),
    ...(node && { node: dom }),
  };
};

/**
 * `wx.createSelectorQuery`, in place of the framework's, which lacks canvas nodes: `select` and `selectViewport` with
 * `boundingClientRect` or `fields`.
 * @param page the page that is searched unless `in()` names a component
 */
export const createSelectorQuery = (page: () => Caller | undefined): WechatMiniprogram.SelectorQuery => {
  let scope: Caller | undefined;
  const jobs: (() => unknown)[] = [];
  const reference = (find: () => glassEasel.Element | null | undefined) => {
    const ask = (fields: Fields, callback?: Callback) => {
      jobs.push(() => {
        const found = find();
        const result = found ? measure(found, fields) : null;
        callback?.(result as never);
        return result;
      });
      return query;
    };
    return {
      fields: ask,
      boundingClientRect: (callback?: Callback) => ask({ rect: true, size: true }, callback),
    };
  };
  const query = {
    in: (component: Caller) => {
      scope = component;
      return query;
    },
    select: (selector: string) =>
      reference(
        () => (scope ?? page())?._$.getShadowRoot()?.querySelector(selector) as glassEasel.Element | null,
      ),
    selectViewport: () => reference(() => page()?._$ as unknown as glassEasel.Element | undefined),
    exec: (callback?: Callback) => {
      // Measured after the current update was drawn, as on the phone.
      requestAnimationFrame(() => callback?.(jobs.splice(0).map((job) => job()) as never));
      return query;
    },
  };
  return query as unknown as WechatMiniprogram.SelectorQuery;
};

/** @param page the page that is shown */
export const queryApi = (page: () => Caller | undefined) =>
  ({ createSelectorQuery: () => createSelectorQuery(page) }) satisfies Partial<WechatMiniprogram.Wx>;
