import { openSheet } from '../overlay.ts';
import type { BuiltinDefinition, BuiltinElement } from './define.ts';
import { setFormField } from './form.ts';

const label = (item: unknown, key: string): string =>
  String(key === '' ? item : (item as Record<string, unknown>)[key]);

const choose = (self: BuiltinElement, value: unknown): void => {
  self.set('value', value);
  self.fire('change', { value });
};

const openSelector = (self: BuiltinElement): void => {
  const items = self.get<unknown[]>('range').map((item) => label(item, self.get('rangeKey')));
  openSheet({
    title: self.get<string>('headerText'),
    items,
    selected: Number(self.get('value')),
    role: 'option',
    chosen: (index) => choose(self, index),
    cancelled: () => self.fire('cancel', {}),
  });
};

const openNative = (self: BuiltinElement, type: 'date' | 'time'): void => {
  const field = document.createElement('input');
  field.type = type;
  field.value = String(self.get<unknown>('value') ?? '');
  field.min = self.get<string>('start');
  field.max = self.get<string>('end');
  const close = openSheet({
    title: self.get<string>('headerText'),
    items: ['确定'],
    content: field,
    chosen: () => choose(self, field.value),
    cancelled: () => self.fire('cancel', {}),
  });
  field.addEventListener('change', () => {
    close();
    choose(self, field.value);
  });
};

export const picker: BuiltinDefinition = {
  tag: 'picker',
  properties: {
    mode: { type: String, value: 'selector' },
    range: { type: Array, value: [] },
    rangeKey: String,
    value: null,
    disabled: Boolean,
    headerText: String,
    start: String,
    end: String,
    fields: String,
    name: String,
  },
  attached: (self) => {
    setFormField(self.dom, () => ({ name: self.get('name'), value: self.get('value') }));
    self.dom.addEventListener('click', () => {
      if (self.get<boolean>('disabled')) return;
      const mode = self.get<string>('mode');
      if (mode === 'selector') openSelector(self);
      else if (mode === 'date' || mode === 'time') openNative(self, mode);
      else console.error(`<picker mode="${mode}"> 在浏览器宿主中没有实现`);
    });
  },
};
