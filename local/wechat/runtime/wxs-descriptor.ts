import type { glassEasel } from 'glass-easel-miniprogram-adapter';

/**
 * The style segment that WXS writes: what a template sets later does not overwrite it, and it wins over that, as in WeChat
 * (glass-easel: `StyleSegmentIndex.TEMP_EXTRA`, a const enum without a value at run time).
 */
const WXS_SEGMENT = 3;
/** What the template writes (`StyleSegmentIndex.MAIN`). */
const TEMPLATE_SEGMENT = 0;

/** WeChat's `ComponentDescriptor`: how WXS reads and changes an element in the view (interactive-animation in WeChat's documentation). */
export interface WxsDescriptor {
  /** The first element that a selector finds in this component; null where there is none. */
  selectComponent(selector: string): WxsDescriptor | null;
  setStyle(style: string | Record<string, string>): WxsDescriptor;
  addClass(name: string): WxsDescriptor;
  removeClass(name: string): WxsDescriptor;
  hasClass(name: string): boolean;
  getDataset(): Record<string, unknown>;
  /** Values that live as long as the element, the same object each time. */
  getState(): Record<string, unknown>;
  /** Calls a method of the component, later, as from the view to the logic. */
  callMethod(name: string, args?: object): void;
}

type Element = glassEasel.Element;

const descriptors = new WeakMap<Element, WxsDescriptor>();

/** A component itself, or the component in whose template a plain element stands. */
const componentOf = (element: Element): glassEasel.GeneralComponent | undefined =>
  'getShadowRoot' in element
    ? (element as unknown as glassEasel.GeneralComponent)
    : element.ownerShadowRoot?.getHostNode();

const styleText = (style: string | Record<string, string>): string =>
  typeof style === 'string'
    ? style
    : Object.entries(style)
        .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${value}`)
        .join('; ');

const callMethod = (element: Element, name: string, args: object | undefined): void => {
  const component = componentOf(element);
  queueMicrotask(() => {
    const caller = component?.getMethodCaller() as unknown as Record<string, unknown> | undefined;
    const method = caller?.[name];
    if (typeof method !== 'function') throw new Error(`[wxs] callMethod：没有方法 ${name}`);
    method.call(caller, args);
  });
};

const create = (element: Element): WxsDescriptor => {
  const state: Record<string, unknown> = {};
  const descriptor: WxsDescriptor = {
    selectComponent: (selector) => {
      const found = componentOf(element)?.getShadowRoot()?.querySelector(selector);
      return found ? descriptorOf(found as Element) : null;
    },
    setStyle: (style) => {
      element.setNodeStyle(styleText(style), WXS_SEGMENT);
      return descriptor;
    },
    addClass: (name) => {
      element.toggleNodeClass(name, true, WXS_SEGMENT);
      return descriptor;
    },
    removeClass: (name) => {
      element.toggleNodeClass(name, false, WXS_SEGMENT);
      return descriptor;
    },
    hasClass: (name) =>
      [TEMPLATE_SEGMENT, WXS_SEGMENT].some((segment) => element.classList?.contains(name, segment) ?? false),
    getDataset: () => element.dataset as Record<string, unknown>,
    getState: () => state,
    callMethod: (name, args) => callMethod(element, name, args),
  };
  return descriptor;
};

/** The descriptor of an element, the same each time. */
export function descriptorOf(element: Element): WxsDescriptor {
  const known = descriptors.get(element) ?? create(element);
  descriptors.set(element, known);
  return known;
}
