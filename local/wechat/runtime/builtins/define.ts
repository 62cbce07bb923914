import type { CodeSpace, glassEasel } from 'glass-easel-miniprogram-adapter';

type PropertyType = StringConstructor | NumberConstructor | BooleanConstructor | ArrayConstructor | null;

/** An instance of a built-in component, as its definition uses it. */
export interface BuiltinElement {
  /** The element in the page: its tag is the tag in WXML. */
  readonly dom: HTMLElement;
  get<T>(property: string): T;
  /** Changes a property as user input does, so that two-way bindings (`model:`) are updated. */
  set(property: string, value: unknown): void;
  fire(event: string, detail: unknown): void;
}

export interface BuiltinDefinition {
  tag: string;
  properties: Record<string, PropertyType | { type: PropertyType; value: unknown }>;
  /** Properties that are also set as DOM attributes. */
  reflected?: readonly string[];
  /** Called with the element after any of the named properties (`'src, mode'`) changed. */
  observers?: Record<string, (self: BuiltinElement) => void>;
  attached?: (self: BuiltinElement) => void;
}

/** Attributes that every built-in takes. */
const COMMON = [
  'hidden',
  'ariaLabel',
  'ariaRole',
  'ariaHidden',
  'ariaDisabled',
  'ariaChecked',
  'ariaHaspopup',
  'tabindex',
] as const;
/** Accepted everywhere and without effect in a browser. */
const IGNORED = [
  'hoverClass',
  'hoverStopPropagation',
  'hoverStartTime',
  'hoverStayTime',
  'animation',
] as const;

const toKebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const reflect = (dom: HTMLElement, property: string, value: unknown): void => {
  const name = property === 'ariaRole' ? 'role' : toKebab(property);
  if (value === undefined || value === null || value === '') dom.removeAttribute(name);
  else if (name.startsWith('aria-')) dom.setAttribute(name, String(value));
  else if (value === false) dom.removeAttribute(name);
  else dom.setAttribute(name, value === true ? '' : String(value));
};

interface Caller {
  _$: glassEasel.GeneralComponent;
  data: Record<string, unknown>;
  triggerEvent(name: string, detail: unknown, options: object): void;
}

const wrap = (caller: Caller): BuiltinElement => ({
  dom: caller._$.getBackendElement() as unknown as HTMLElement,
  get: <T>(property: string): T => caller.data[property] as T,
  set: (property, value) => {
    caller._$.replaceDataOnPath([property], value);
    caller._$.applyDataUpdates();
  },
  fire: (event, detail) => caller.triggerEvent(event, detail, { bubbles: false, composed: false }),
});

/** Registers a built-in for all components of a code space. */
export const defineBuiltin = (
  codeSpace: CodeSpace,
  space: glassEasel.ComponentSpace,
  definition: BuiltinDefinition,
): void => {
  const properties: Record<string, unknown> = { ...definition.properties };
  for (const name of [...COMMON, ...IGNORED]) properties[name] ??= { type: null, value: undefined };
  const observers: Record<string, (this: Caller) => void> = {};
  for (const name of [...COMMON, ...(definition.reflected ?? [])])
    observers[name] = function () {
      reflect(wrap(this).dom, name, this.data[name]);
    };
  for (const [names, observer] of Object.entries(definition.observers ?? {})) {
    const before = observers[names];
    observers[names] = function () {
      before?.call(this);
      observer(wrap(this));
    };
  }
  const type = codeSpace
    .component(`wx/${definition.tag}`)
    .definition({
      properties,
      observers,
      lifetimes: {
        attached(this: Caller) {
          definition.attached?.(wrap(this));
        },
      },
    } as object)
    .register();
  const { _$: registered } = type as unknown as { _$: glassEasel.GeneralComponentDefinition };
  space.setGlobalUsingComponent(definition.tag, registered);
};
