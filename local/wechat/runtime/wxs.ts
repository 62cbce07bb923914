import type { component } from 'glass-easel-miniprogram-adapter';

type WxsFunction = (...args: unknown[]) => unknown;

const wxsFunctions = new WeakSet<object>();

/** Called by compiled templates (the hooks are set in `compile/browser/templates.ts`). */
export const wxsHooks = {
  /** Records which functions come from a WXS module. */
  remember<T>(exports: T): T {
    if (typeof exports === 'object' && exports !== null)
      for (const value of Object.values(exports)) if (typeof value === 'function') wxsFunctions.add(value);
    return exports;
  },

  /** `change:prop="{{module.fn}}"`. */
  changeListener(): never {
    throw new Error('WXS 的 change: 监听在浏览器宿主中没有实现');
  },

  /**
   * `bind:tap="{{module.fn}}"` gets the event, without WeChat's ComponentDescriptor as `event.instance` and second
   * argument; `bind:tap="method"` calls the component's method.
   */
  eventListener: (caller: component.GeneralComponent, event: unknown, listener: WxsFunction): unknown =>
    wxsFunctions.has(listener) ? listener(event) : listener.call(caller, event),
};
