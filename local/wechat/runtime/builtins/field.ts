import type { BuiltinDefinition, BuiltinElement } from './define.ts';

type Field = HTMLInputElement | HTMLTextAreaElement;

const INPUT_MODES: Record<string, string> = { number: 'numeric', digit: 'decimal', idcard: 'text' };
const DEFAULT_MAX_LENGTH = 140;

const field = (self: BuiltinElement): Field => self.dom as Field;

const grow = (self: BuiltinElement): void => {
  if (!self.get<boolean>('autoHeight')) return;
  const { dom } = self;
  dom.style.height = 'auto';
  dom.style.height = `${dom.scrollHeight}px`;
};

const state = (self: BuiltinElement): { value: string; cursor: number; keyCode: number } => {
  const { value, selectionStart } = field(self);
  return { value, cursor: selectionStart ?? value.length, keyCode: 0 };
};

const focusSoon = (self: BuiltinElement, property: string): void => {
  const wanted = self.get<boolean>(property);
  queueMicrotask(() => {
    if (wanted) self.dom.focus();
    else if (property === 'focus' && document.activeElement === self.dom) self.dom.blur();
  });
};

const listen = (self: BuiltinElement, multiline: boolean): void => {
  const { dom } = self;
  let composing = false;
  dom.addEventListener('compositionstart', () => {
    composing = true;
  });
  dom.addEventListener('compositionend', () => {
    composing = false;
  });
  dom.addEventListener('input', () => {
    self.set('value', field(self).value);
    self.fire('input', state(self));
    if (multiline) grow(self);
  });
  dom.addEventListener('focus', () => self.fire('focus', { ...state(self), height: 0 }));
  dom.addEventListener('blur', () => self.fire('blur', state(self)));
  dom.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !composing && !multiline) self.fire('confirm', state(self));
  });
  if (multiline) grow(self);
};

const definition = (tag: 'input' | 'textarea'): BuiltinDefinition => {
  const multiline = tag === 'textarea';
  return {
    tag,
    properties: {
      value: String,
      placeholder: String,
      placeholderClass: String,
      disabled: Boolean,
      focus: Boolean,
      autoFocus: Boolean,
      autoHeight: Boolean,
      maxlength: { type: Number, value: DEFAULT_MAX_LENGTH },
      password: Boolean,
      type: { type: String, value: 'text' },
      name: String,
      confirmType: String,
      confirmHold: Boolean,
      cursor: Number,
      cursorSpacing: Number,
      selectionStart: Number,
      selectionEnd: Number,
      adjustPosition: { type: Boolean, value: true },
      holdKeyboard: Boolean,
      showConfirmBar: { type: Boolean, value: true },
      disableDefaultPadding: Boolean,
      fixed: Boolean,
      alwaysEmbed: Boolean,
    },
    // The compiler turns rules for a placeholder's class into rules for this attribute's `::placeholder`.
    reflected: ['placeholder', 'placeholderClass', 'disabled'],
    observers: {
      value: (self) => {
        const value = self.get<string>('value');
        if (field(self).value !== value) field(self).value = value;
        if (multiline) grow(self);
      },
      maxlength: (self) => {
        const max = self.get<number>('maxlength');
        if (max >= 0) self.dom.setAttribute('maxlength', String(max));
        else self.dom.removeAttribute('maxlength');
      },
      focus: (self) => focusSoon(self, 'focus'),
      autoFocus: (self) => focusSoon(self, 'autoFocus'),
      'type, password': (self) => {
        if (multiline) return;
        field(self).setAttribute('type', self.get<boolean>('password') ? 'password' : 'text');
        self.dom.inputMode = INPUT_MODES[self.get<string>('type')] ?? 'text';
      },
    },
    attached: (self) => listen(self, multiline),
  };
};

export const input = definition('input');
export const textarea = definition('textarea');
