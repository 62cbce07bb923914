import * as adapter from 'glass-easel-miniprogram-adapter';
import type { AppManifest } from '../../../compile/browser/runtime.ts';
import { wxssValue } from '../../../compile/browser/wxss-value.ts';
import { installBuiltins } from './builtins/index.ts';
import { BUILTIN_TAGS } from './builtins/tags.ts';
import { PageStyles } from './page-styles.ts';
import { emulateTouchWithMouse, LongPress } from './touch.ts';
import { createSelectorQuery } from './wx/query.ts';
import { wxsHooks } from './wxs.ts';

const { glassEasel } = adapter;
const RAW_EVENTS = /^(touch|mouse|click)/;

const plainTouches = (list: unknown): unknown[] =>
  [...((list as Iterable<Touch> | undefined) ?? [])].map(
    ({ identifier, pageX, pageY, clientX, clientY }) => ({
      identifier,
      pageX,
      pageY,
      clientX,
      clientY,
    }),
  );

/** WeChat's event fields: touch events carry `touches` instead of `detail`; a tap's `detail` is its position. */
const eventFields = (type: string, detail: Record<string, unknown>) => {
  const isTouch = type.startsWith('touch');
  return {
    detail: isTouch ? {} : detail,
    extraFields: isTouch
      ? { touches: plainTouches(detail.touches), changedTouches: plainTouches(detail.changedTouches) }
      : undefined,
  };
};

const createBackend = (press: LongPress): InstanceType<typeof glassEasel.CurrentWindowBackendContext> => {
  const backend = new glassEasel.CurrentWindowBackendContext();
  // glass-easel 0.12.1 leaves building the event to the host; without this no event reaches a component.
  backend.onEvent((target, type, detail, options) => {
    if (type === 'tap' && press.isTapConsumed()) return undefined;
    const { detail: shown, extraFields } = eventFields(type, detail as Record<string, unknown>);
    const event = new glassEasel.Event(type, shown, { ...options, ...(extraFields && { extraFields }) });
    glassEasel.Event.dispatchEvent(target, event);
    return event.getEventBubbleStatus();
  });
  // Built-ins fire their own `input`, `scroll`… with WeChat's detail; the DOM event of the same name is not delivered.
  const listen = backend.setListenerStats.bind(backend);
  backend.setListenerStats = (element, type, ...rest) => {
    if (type === 'longpress') press.listenOn(element as unknown as Element);
    const tag = (element as unknown as HTMLElement | null)?.localName;
    if (tag !== undefined && BUILTIN_TAGS.has(tag) && !RAW_EVENTS.test(type)) return;
    listen(element, type, ...rest);
  };
  return backend;
};

/** Compiles WXSS units in inline styles, and sets WeChat's attributes as their DOM counterparts (`aria-role` → `role`). */
const translateAttributes = (): void => {
  const element = glassEasel.Element.prototype;
  const setStyle = element.setNodeStyle;
  element.setNodeStyle = function (style, ...rest) {
    return setStyle.call(this, wxssValue(style), ...rest);
  };
  const native = glassEasel.NativeNode.prototype;
  const setAttribute = native.updateAttribute;
  native.updateAttribute = function (name, value) {
    const shown = name === 'aria-role' ? 'role' : name;
    if (shown.startsWith('aria-')) setAttribute.call(this, shown, String(value ?? ''));
    // WeChat's boolean attributes are absent when empty: `<button disabled="{{undefined}}">`.
    else if (value === undefined || value === null) this.removeAttribute(shown);
    else setAttribute.call(this, shown, value);
  };
};

const OWN_COMPONENT = /^(?!miniprogram_npm\/|wx\/)/;

/**
 * WeChat also calls a handler that the app has set on the page's instance, as the runtimes of frameworks do; glass-easel looks at
 * the definition's methods only.
 */
const callInstanceMethods = (): void => {
  const { Component } = glassEasel;
  const getMethod = Component.getMethod.bind(Component);
  Component.getMethod = (component, name) => {
    const caller = component.getMethodCaller() as unknown as Record<string, unknown>;
    const own = caller[name];
    return getMethod(component, name) ?? (typeof own === 'function' ? (own as never) : undefined);
  };
};

/**
 * The framework's warnings about our own components become `console.error`, which tests count as failures.
 * @param foreign the app is another than this project's own
 */
const reportWarnings = (foreign: boolean): void => {
  // Rejections of `wx` are plain objects, which a browser reports as `[object Object]`.
  window.addEventListener('unhandledrejection', ({ reason }) => {
    if (!(reason instanceof Error)) console.error('[wx] unhandled rejection', JSON.stringify(reason));
  });
  glassEasel.addGlobalWarningListener((message, related) => {
    const is = typeof related === 'string' ? related : related.is;
    const own = OWN_COMPONENT.test(is);
    if (own) console[foreign ? 'warn' : 'error'](`[glass-easel] ${is}: ${message}`);
    return false;
  });
  glassEasel.addGlobalErrorListener((error, method) => {
    console.error(error, method ?? '');
    globalThis.dispatchEvent(new CustomEvent('wx-error', { detail: error }));
    return false;
  });
};

export interface Engine {
  codeSpace: adapter.CodeSpace;
  backend: adapter.AssociatedBackend;
  pageStyles: PageStyles;
}

/**
 * Sets up the component framework for one app in one document.
 * @param foreign the app is another than this project's own
 */
export const createEngine = (manifest: AppManifest, foreign: boolean): Engine => {
  Object.assign(globalThis, {
    __wxsHooks: wxsHooks,
    getRegExp: (pattern: string, flags?: string) => new RegExp(pattern, flags),
  });
  // Ids in WXML become DOM ids, so that tests can select by them.
  glassEasel.globalOptions.writeIdToDOM = true;
  translateAttributes();
  callInstanceMethods();
  reportWarnings(foreign);
  const env = new adapter.MiniProgramEnv();
  const press = new LongPress(window, (element, touch) => {
    const detail = { x: touch.pageX, y: touch.pageY };
    glassEasel.Event.triggerEvent(element, 'longpress', detail, { bubbles: true, composed: true });
  });
  const backend = createBackend(press);
  const codeSpace = env.createCodeSpace('', true);
  installBuiltins(env.getGlobalCodeSpace(), codeSpace.getComponentSpace());
  keepIds(codeSpace);
  const associated = env.associateBackend(backend);
  associated.registerStyleSheetContent('app', manifest.styles.app ?? '');
  codeSpace.addStyleSheet('app', 'app');
  emulateTouchWithMouse(window);
  adapter.component.ComponentCaller.prototype.createSelectorQuery = function () {
    return createSelectorQuery(() => this).in(this as never) as never;
  };
  return { codeSpace, backend: associated, pageStyles: new PageStyles() };
};

/** Turns off the prefix that the framework gives to ids of components: there is one app in the document. */
const keepIds = (codeSpace: adapter.CodeSpace): void => {
  const internals = codeSpace as unknown as {
    prepareComponentOptions(is: string, options: unknown): [Record<string, unknown>, ...unknown[]];
  };
  const prepare = internals.prepareComponentOptions.bind(codeSpace);
  internals.prepareComponentOptions = (is, options) => {
    const prepared = prepare(is, options);
    prepared[0].idPrefixGenerator = null;
    prepared[0].writeIdToDOM = true;
    return prepared;
  };
};

/** Gives the framework templates, styles and static configuration of every component. */
export const registerSources = (
  { codeSpace, backend, pageStyles }: Engine,
  manifest: AppManifest,
  templates: Templates,
): void => {
  for (const [codePath, { config, scope }] of Object.entries(manifest.components)) {
    codeSpace.addComponentStaticConfig(codePath, config as adapter.types.ComponentStaticConfig);
    const content = templates[codePath];
    if (content !== undefined)
      codeSpace.addCompiledTemplate(codePath, {
        groupList: templates,
        content,
        fallbackListenerOnNativeNode: true,
      });
    const css = manifest.styles[codePath];
    if (scope === '' && manifest.pages.includes(codePath)) {
      pageStyles.add(codePath, css ?? '');
      continue;
    }
    if (css === undefined && scope === '') continue;
    backend.registerStyleSheetContent(codePath, css ?? '');
    codeSpace.addStyleSheet(codePath, codePath, scope === '' ? undefined : scope);
  }
};

export type Templates = adapter.glassEasel.template.ProcGenGroupList;
