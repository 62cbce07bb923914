import { createButton, createElement } from '../dom.ts';

/** A titled part of what stands beside the phone. */
export const section = (title: string, ...content: (Node | string)[]): HTMLElement =>
  createElement('section', {}, createElement('h2', {}, title), ...content);

/** A button that is on or off. It stays in the document, so that the focus does. */
export interface Toggle {
  element: HTMLButtonElement;
  setPressed(pressed: boolean): void;
}

export const createToggle = (text: string, press: () => void, hint?: HTMLElement): Toggle => {
  const described: Record<string, string> = hint === undefined ? {} : { 'aria-describedby': hint.id };
  const element = createButton({ 'aria-pressed': 'false', ...described }, press, text);
  return { element, setPressed: (pressed) => element.setAttribute('aria-pressed', String(pressed)) };
};

/** Buttons of which one is chosen. */
export const createChoice = <T extends string>(
  options: readonly (readonly [value: T, text: string])[],
  choose: (value: T) => void,
): { element: HTMLElement; show(chosen: T): void } => {
  const toggles = options.map(([value, text]) => ({
    value,
    toggle: createToggle(text, () => choose(value)),
  }));
  return {
    element: createElement('div', { class: 'row' }, ...toggles.map(({ toggle }) => toggle.element)),
    show: (chosen) => {
      for (const { value, toggle } of toggles) toggle.setPressed(value === chosen);
    },
  };
};
