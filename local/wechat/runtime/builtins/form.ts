import type { BuiltinDefinition } from './define.ts';

interface FormValue {
  name: string;
  value: unknown;
}

const fields = new WeakMap<Element, () => FormValue>();

/** Lets the form around `dom` ask for its value. */
export const setFormField = (dom: Element, read: () => FormValue): void => {
  fields.set(dom, read);
};

const collect = (form: Element): Record<string, unknown> => {
  const values: Record<string, unknown> = {};
  for (const element of form.querySelectorAll('*')) {
    const read = fields.get(element);
    if (read === undefined) continue;
    const { name, value } = read();
    if (name !== '') values[name] = value;
  }
  return values;
};

/** The tag is a real HTML form: a button in it submits, and must not load another document. */
export const form: BuiltinDefinition = {
  tag: 'form',
  properties: { reportSubmit: Boolean },
  attached: (self) => {
    self.dom.addEventListener('submit', (event) => {
      event.preventDefault();
      const type = (event as SubmitEvent).submitter?.getAttribute('form-type');
      if (type === 'submit') self.fire('submit', { value: collect(self.dom) });
      if (type === 'reset') self.fire('reset', {});
    });
  },
};
