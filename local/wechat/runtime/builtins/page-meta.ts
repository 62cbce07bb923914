import type { BuiltinDefinition, BuiltinElement } from './define.ts';

/** Sets the declarations on the page's own element, beside those of the host. */
const apply = (self: BuiltinElement): void => {
  const page = self.dom.closest<HTMLElement>('page');
  for (const declaration of self.get<string>('pageStyle').split(';')) {
    const [name = '', ...value] = declaration.split(':');
    if (name.trim() !== '') page?.style.setProperty(name.trim(), value.join(':').trim());
  }
};

/** Only `page-style`, and of it only declarations without a colon or semicolon in a string. */
export const pageMeta: BuiltinDefinition = {
  tag: 'page-meta',
  properties: { pageStyle: String },
  observers: { pageStyle: apply },
  attached: apply,
};
