import type { BuiltinDefinition, BuiltinElement } from './define.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

const DEFAULT_MAX_LENGTH = 140;

const field = (self: BuiltinElement): Field => self.dom as Field;

const state = (self: BuiltinElement): { value: string; cursor: number; keyCode: number } => {
  const { value, selectionStart } = field(self);
  return { value, cursor: selectionStart ?? value.length, keyCode: 0 };
};

const listen = (self: BuiltinElement, multiline: boolean): void => {
  const { dom } = self;
  dom.addEventListener('input', () => {
    self.set('value', field(self).value);
    self.fire('input', state(self));
  });
  dom.addEventListener('blur', () => self.fire('blur', state(self)));
  dom.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing && !multiline) self.fire('confirm', state(self));
  });
};

/** The properties and events that the app uses; another one is reported as unknown. */
const definition = (tag: 'input' | 'textarea'): BuiltinDefinition => ({
  tag,
  properties: {
    value: String,
    placeholder: String,
    placeholderClass: String,
    maxlength: { type: Number, value: DEFAULT_MAX_LENGTH },
    confirmType: String,
  },
  // The compiler turns rules for a placeholder's class into rules for this attribute's `::placeholder`.
  reflected: ['placeholder', 'placeholderClass'],
  observers: {
    value: (self) => {
      const value = self.get<string>('value');
      if (field(self).value !== value) field(self).value = value;
    },
    maxlength: (self) => {
      const max = self.get<number>('maxlength');
      if (max >= 0) self.dom.setAttribute('maxlength', String(max));
      else self.dom.removeAttribute('maxlength');
    },
  },
  attached: (self) => listen(self, tag === 'textarea'),
});

export const input = definition('input');
export const textarea = definition('textarea');
