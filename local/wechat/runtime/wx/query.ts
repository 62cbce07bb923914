import type { component, glassEasel } from 'glass-easel-miniprogram-adapter';

type Caller = component.GeneralComponent;
type Fields = WechatMiniprogram.Fields;
type Result = Record<string, unknown>;
type Callback = (result: never) => void;

/** A canvas of type 2d is the browser's own, with the methods that WeChat adds. */
const canvasNode = (dom: Element): Element => {
  if (!(dom instanceof HTMLCanvasElement)) return dom;
  return Object.assign(dom, {
    createImage: () => new Image(),
    requestAnimationFrame: (callback: FrameRequestCallback) => requestAnimationFrame(callback),
    cancelAnimationFrame: (id: number) => cancelAnimationFrame(id),
  });
};

const measure = (element: glassEasel.Element, fields: Fields): Result => {
  const dom = element.getBackendElement() as unknown as HTMLElement;
  const box = dom.getBoundingClientRect();
  // Positions are relative to the page's upper left corner, below the navigation bar.
  const origin = document.getElementById('wx-pages')?.getBoundingClientRect() ?? new DOMRect();
  const result: Result = {};
  if (fields.id) result.id = element.id;
  if (fields.dataset) result.dataset = element.dataset ?? {};
  if (fields.rect)
    Object.assign(result, {
      left: box.left - origin.left,
      right: box.right - origin.left,
      top: box.top - origin.top,
      bottom: box.bottom - origin.top,
    });
  if (fields.size) Object.assign(result, { width: box.width, height: box.height });
  if (fields.scrollOffset) Object.assign(result, { scrollLeft: dom.scrollLeft, scrollTop: dom.scrollTop });
  if (fields.scrollOffset)
    Object.assign(result, { scrollWidth: dom.scrollWidth, scrollHeight: dom.scrollHeight });
  if (fields.node || fields.context) result.node = canvasNode(dom);
  const computed = getComputedStyle(dom);
  for (const name of fields.computedStyle ?? []) result[name] = computed[name as keyof CSSStyleDeclaration];
  const { data } = element as { data?: Record<string, unknown> };
  for (const name of fields.properties ?? []) result[name] = data?.[name];
  return result;
};

/**
 * `wx.createSelectorQuery`, in place of the framework's, which lacks canvas nodes and computed styles.
 * @param page the page that is searched unless `in()` names a component
 */
export const createSelectorQuery = (page: () => Caller | undefined): WechatMiniprogram.SelectorQuery => {
  let scope: Caller | undefined;
  const jobs: (() => unknown)[] = [];
  const root = () => (scope ?? page())?._$.getShadowRoot();
  const viewport = (fields: Fields): Result => {
    const scroller = (page()?._$ as unknown as glassEasel.Element | undefined) ?? undefined;
    return scroller === undefined ? {} : measure(scroller, fields);
  };
  const reference = (find: (fields: Fields) => unknown) => {
    const ask = (fields: Fields, callback?: Callback) => {
      jobs.push(() => {
        const result = find(fields);
        callback?.(result as never);
        return result;
      });
      return query;
    };
    return {
      fields: ask,
      boundingClientRect: (callback?: Callback) =>
        ask({ id: true, dataset: true, rect: true, size: true }, callback),
      scrollOffset: (callback?: Callback) => ask({ id: true, dataset: true, scrollOffset: true }, callback),
      node: (callback?: Callback) => ask({ node: true }, callback),
      context: (callback?: Callback) => ask({ context: true }, callback),
    };
  };
  const query = {
    in: (component: Caller) => {
      scope = component;
      return query;
    },
    select: (selector: string) =>
      reference((fields) => {
        const found = root()?.querySelector(selector);
        return found ? measure(found as glassEasel.Element, fields) : null;
      }),
    selectAll: (selector: string) =>
      reference((fields) =>
        ((root()?.querySelectorAll(selector) ?? []) as glassEasel.Element[]).map((found) =>
          measure(found, fields),
        ),
      ),
    selectViewport: () => reference(viewport),
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
