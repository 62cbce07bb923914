/** @throws Error when the page has no such element */
export const elementById = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
};

/** Creates an element with attributes and children; texts become text, never HTML. */
export const createElement = <N extends keyof HTMLElementTagNameMap>(
  name: N,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[N] => {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
};

/** @param press called when it is pressed */
export const createButton = (
  attributes: Record<string, string>,
  press: () => void,
  ...children: (Node | string)[]
): HTMLButtonElement => {
  const made = createElement('button', { type: 'button', ...attributes }, ...children);
  made.addEventListener('click', press);
  return made;
};
