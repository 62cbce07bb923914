import { openSheet } from '../overlay.ts';
import type { BuiltinDefinition, BuiltinElement } from './define.ts';

const labelOf = (item: unknown, key: string): string =>
  String(key === '' ? item : (item as Record<string, unknown>)[key]);

const openSelector = (self: BuiltinElement): void => {
  const key = self.get<string>('rangeKey');
  openSheet({
    title: self.get<string>('headerText'),
    items: self.get<unknown[]>('range').map((item) => labelOf(item, key)),
    selected: Number(self.get('value')),
    role: 'option',
    chosen: (index) => {
      self.set('value', index);
      self.fire('change', { value: index });
    },
    cancelled: () => self.fire('cancel', {}),
  });
};

/** Only `mode="selector"`, which is also WeChat's default. */
export const picker: BuiltinDefinition = {
  tag: 'picker',
  properties: {
    mode: { type: String, value: 'selector' },
    range: { type: Array, value: [] },
    rangeKey: String,
    value: null,
    disabled: Boolean,
    headerText: String,
  },
  attached: (self) => {
    self.dom.addEventListener('click', () => {
      if (self.get<boolean>('disabled')) return;
      const mode = self.get<string>('mode');
      if (mode === 'selector') openSelector(self);
      else console.error(`<picker mode="${mode}"> 在浏览器宿主中没有实现`);
    });
  },
};
