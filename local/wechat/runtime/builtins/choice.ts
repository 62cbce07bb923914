import type { BuiltinDefinition, BuiltinElement } from './define.ts';
import { setFormField } from './form.ts';

const tint = (self: BuiltinElement): void => {
  const color = self.get<string>('color');
  if (color !== '') self.dom.style.setProperty('--choice-color', color);
};

/** A click, or a space or enter on the focused element. */
const onPress = (dom: HTMLElement, press: () => void): void => {
  dom.tabIndex = 0;
  dom.addEventListener('click', press);
  dom.addEventListener('keydown', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    press();
  });
};

const showChecked = (self: BuiltinElement): void => {
  self.dom.setAttribute('aria-checked', String(self.get<boolean>('checked')));
};

export const switchBuiltin: BuiltinDefinition = {
  tag: 'switch',
  properties: { checked: Boolean, disabled: Boolean, color: String, name: String, type: String },
  reflected: ['checked', 'disabled'],
  observers: { color: tint, checked: showChecked },
  attached: (self) => {
    self.dom.setAttribute('role', 'switch');
    showChecked(self);
    setFormField(self.dom, () => ({ name: self.get('name'), value: self.get('checked') }));
    onPress(self.dom, () => {
      if (self.get<boolean>('disabled')) return;
      self.set('checked', !self.get<boolean>('checked'));
      self.fire('change', { value: self.get('checked') });
    });
  },
};

/** Boxes tell their group by a DOM event, since the group may be several components above. */
const CHOSEN = 'wx-chosen';

const box = (tag: 'checkbox' | 'radio'): BuiltinDefinition => ({
  tag,
  properties: { value: String, checked: Boolean, disabled: Boolean, color: String },
  reflected: ['checked', 'disabled'],
  observers: {
    color: tint,
    checked: showChecked,
    value: (self) => {
      self.dom.dataset.value = self.get<string>('value');
    },
  },
  attached: (self) => {
    self.dom.setAttribute('role', tag);
    self.dom.dataset.value = self.get<string>('value');
    showChecked(self);
    self.dom.addEventListener('wx-uncheck', () => self.set('checked', false));
    onPress(self.dom, () => {
      if (self.get<boolean>('disabled')) return;
      if (tag === 'radio' && self.get<boolean>('checked')) return;
      self.set('checked', !self.get<boolean>('checked'));
      self.dom.dispatchEvent(new CustomEvent(CHOSEN, { bubbles: true }));
    });
  },
});

const checkedValues = (dom: HTMLElement, tag: string): string[] =>
  [...dom.querySelectorAll<HTMLElement>(`${tag}[checked]`)].map(({ dataset }) => dataset.value ?? '');

const group = (tag: 'checkbox-group' | 'radio-group'): BuiltinDefinition => {
  const member = tag === 'radio-group' ? 'radio' : 'checkbox';
  const value = (dom: HTMLElement): string | string[] =>
    member === 'radio' ? (checkedValues(dom, member)[0] ?? '') : checkedValues(dom, member);
  return {
    tag,
    properties: { name: String },
    attached: (self) => {
      setFormField(self.dom, () => ({ name: self.get('name'), value: value(self.dom) }));
      self.dom.addEventListener(CHOSEN, (event) => {
        if (member === 'radio')
          for (const other of self.dom.querySelectorAll('radio[checked]'))
            if (other !== event.target) other.dispatchEvent(new CustomEvent('wx-uncheck'));
        self.fire('change', { value: value(self.dom) });
      });
    },
  };
};

export const checkbox = box('checkbox');
export const radio = box('radio');
export const checkboxGroup = group('checkbox-group');
export const radioGroup = group('radio-group');

export const slider: BuiltinDefinition = {
  tag: 'slider',
  properties: {
    min: { type: Number, value: 0 },
    max: { type: Number, value: 100 },
    step: { type: Number, value: 1 },
    value: { type: Number, value: 0 },
    disabled: Boolean,
    name: String,
    showValue: Boolean,
    activeColor: String,
    backgroundColor: String,
    blockSize: Number,
    blockColor: String,
  },
  observers: {
    'min, max, step, value, disabled': (self) => {
      const range = self.dom.querySelector('input');
      if (range !== null) apply(self, range);
    },
  },
  attached: (self) => {
    const range = document.createElement('input');
    range.type = 'range';
    apply(self, range);
    self.dom.append(range);
    setFormField(self.dom, () => ({ name: self.get('name'), value: range.valueAsNumber }));
    range.addEventListener('input', () => self.fire('changing', { value: range.valueAsNumber }));
    range.addEventListener('change', () => {
      self.set('value', range.valueAsNumber);
      self.fire('change', { value: range.valueAsNumber });
    });
  },
};

const apply = (self: BuiltinElement, range: HTMLInputElement): void => {
  range.min = String(self.get('min'));
  range.max = String(self.get('max'));
  range.step = String(self.get('step'));
  range.value = String(self.get('value'));
  range.disabled = self.get<boolean>('disabled');
};

/** A tap anywhere on a label is a tap on the box or switch in it. */
export const forwardLabelTaps = (document: Document): void => {
  document.addEventListener('click', (event) => {
    const target = event.target as Element;
    const inside = target.closest('label')?.querySelector<HTMLElement>('checkbox,radio,switch');
    if (inside && !inside.contains(target)) inside.click();
  });
};
