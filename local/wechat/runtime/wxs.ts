import type { component, glassEasel } from 'glass-easel-miniprogram-adapter';

type Caller = component.GeneralComponent;
type GeneralComponent = glassEasel.GeneralComponent;
type WxsFunction = (...args: unknown[]) => unknown;

const wxsFunctions = new WeakSet<object>();
const states = new WeakMap<glassEasel.Element, Record<string, unknown>>();

/** WeChat's ComponentDescriptor: the methods that a WXS function has for an element. */
const describe = (element: glassEasel.Element): Record<string, unknown> => {
  const component = 'getMethodCaller' in element ? (element as GeneralComponent) : undefined;
  const dom = (): HTMLElement => element.getBackendElement() as unknown as HTMLElement;
  const query = (selector: string): glassEasel.Element[] =>
    (component?.getShadowRoot()?.querySelectorAll(selector) ?? []) as glassEasel.Element[];
  return {
    selectComponent: (selector: string) => query(selector).map(describe)[0],
    selectAllComponents: (selector: string) => query(selector).map(describe),
    setStyle: (style: string | Record<string, string>) => {
      if (typeof style === 'string') dom().style.cssText = style;
      else for (const [name, value] of Object.entries(style)) setStyleProperty(dom(), name, value);
    },
    addClass: (name: string) => element.classList?.toggle(name, true),
    removeClass: (name: string) => element.classList?.toggle(name, false),
    hasClass: (name: string) => element.classList?.contains(name) ?? false,
    getDataset: () => element.dataset,
    getState: () => {
      const state = states.get(element) ?? {};
      states.set(element, state);
      return state;
    },
    callMethod: (name: string, detail: unknown) => {
      const caller = component?.getMethodCaller() as Record<string, WxsFunction> | undefined;
      // On the phone the call goes to another thread, so it arrives after the current update.
      queueMicrotask(() => caller?.[name]?.(detail));
    },
    triggerEvent: (name: string, detail: unknown) => queueMicrotask(() => element.triggerEvent(name, detail)),
    requestAnimationFrame: (callback: () => void) => requestAnimationFrame(callback),
    getBoundingClientRect: () => dom().getBoundingClientRect(),
    getComputedStyle: (names: string[]) => {
      const computed = getComputedStyle(dom());
      return Object.fromEntries(names.map((name) => [name, computed.getPropertyValue(name)]));
    },
    setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms),
    clearTimeout: (id: number) => clearTimeout(id),
  };
};

const setStyleProperty = (dom: HTMLElement, name: string, value: string): void => {
  dom.style.setProperty(
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    value,
  );
};

/** Called by compiled templates (the hooks are set in `compile/browser/templates.ts`). */
export const wxsHooks = {
  /** Records which functions come from a WXS module. */
  remember<T>(exports: T): T {
    if (typeof exports === 'object' && exports !== null)
      for (const value of Object.values(exports)) if (typeof value === 'function') wxsFunctions.add(value);
    return exports;
  },

  /** `change:prop="{{module.fn}}"`. */
  changeListener:
    (listener: WxsFunction) =>
    (now: unknown, old: unknown, host: GeneralComponent, element: glassEasel.Element): unknown =>
      listener(now, old, describe(host), describe(element)),

  /** `bind:tap="{{module.fn}}"` gets WXS's arguments, `bind:tap="method"` the component's. */
  eventListener(caller: Caller, event: { currentTarget: unknown }, listener: WxsFunction): unknown {
    if (!wxsFunctions.has(listener)) return listener.call(caller, event);
    const target = event.currentTarget as { _$?: glassEasel.Element } & glassEasel.Element;
    const wxsEvent = Object.assign(Object.create(event as object), {
      instance: describe(target._$ ?? target),
    });
    return listener(wxsEvent, describe(caller._$ as unknown as glassEasel.Element));
  },
};
