import type { component, glassEasel } from 'glass-easel-miniprogram-adapter';
import { descriptorOf, type WxsDescriptor } from './wxs-descriptor.ts';

type WxsFunction = (...args: unknown[]) => unknown;
type WxsObserver = (value: unknown, before: unknown, owner: WxsDescriptor, instance: WxsDescriptor) => void;

const wxsFunctions = new WeakSet<object>();

/** The event as WXS sees it: with the descriptor of the element that listens. */
const wxsEvent = (event: object): object => {
  const { currentTarget } = event as { currentTarget: glassEasel.Element };
  return Object.create(event, {
    instance: { value: descriptorOf(currentTarget), enumerable: true },
  }) as object;
};

/** Called by compiled templates (the hooks are set in `compile/browser/templates.ts`). */
export const wxsHooks = {
  /** Records which functions come from a WXS module. */
  remember<T>(exports: T): T {
    if (typeof exports === 'object' && exports !== null)
      for (const value of Object.values(exports)) if (typeof value === 'function') wxsFunctions.add(value);
    return exports;
  },

  /** `change:prop="{{module.fn}}"`: called with the first value of `prop`, and whenever it is another. */
  changeListener:
    (listener: WxsObserver) =>
    (value: unknown, before: unknown, host: glassEasel.GeneralComponent, element: glassEasel.Element): void =>
      listener(value, before, descriptorOf(host), descriptorOf(element)),

  /** `bind:tap="{{module.fn}}"` gets the event and its component's descriptor; `bind:tap="method"` calls the component's method. */
  eventListener: (caller: component.GeneralComponent, event: object, listener: WxsFunction): unknown =>
    wxsFunctions.has(listener)
      ? listener(wxsEvent(event), descriptorOf(caller._$ as glassEasel.GeneralComponent))
      : listener.call(caller, event),
};
