import { openSheet } from '../overlay.ts';
import type { BuiltinDefinition, BuiltinElement } from './define.ts';

const open = (self: BuiltinElement): void =>
  openSheet({
    items: self.get<unknown[]>('range').map(String),
    selected: Number(self.get('value')),
    role: 'option',
    chosen: (index) => {
      self.set('value', index);
      self.fire('change', { value: index });
    },
    cancelled: () => undefined,
  });

/** Only `mode="selector"`, which is also WeChat's default, over a list of texts. */
export const picker: BuiltinDefinition = {
  tag: 'picker',
  properties: {
    mode: { type: String, value: 'selector' },
    range: { type: Array, value: [] },
    value: null,
  },
  attached: (self) => {
    self.dom.addEventListener('click', () => {
      const mode = self.get<string>('mode');
      if (mode === 'selector') open(self);
      else console.error(`<picker mode="${mode}"> 在浏览器宿主中没有实现`);
    });
  },
};
