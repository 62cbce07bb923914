/**
 * The keyboard in the browser: every control can be reached and pressed, and an open dialog holds the focus. On the phone the
 * screen reader does this from the same roles.
 */

import { tapElement } from './touch.ts';

const CONTROL_ROLES = 'button switch combobox radio checkbox option link tab'.split(' ');
const CONTROLS = CONTROL_ROLES.map((role) => `[role="${role}"]`).join(',');
const FOCUSABLE = 'button:not([disabled]), input, textarea, [tabindex="0"]';
const DIALOGS = '[role="dialog"][aria-modal="true"]';
const HIDDEN = '[aria-hidden="true"], [hidden]';

const dismissals = new WeakMap<Element, () => void>();
/** What Escape does in a dialog of the host. */
export const onEscape = (dialog: Element, dismiss: () => void): void => {
  dismissals.set(dialog, dismiss);
};

const isVisible = (element: Element): boolean =>
  element.getClientRects().length > 0 && element.closest(HIDDEN) === null;

const controlsIn = (root: ParentNode): HTMLElement[] =>
  [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(isVisible);

interface OpenDialog {
  dialog: HTMLElement;
  /** What had the focus before. */
  before: Element | null;
}

class Keyboard {
  readonly #open: OpenDialog[] = [];

  constructor() {
    const changes = {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['role', 'aria-modal'],
    };
    new MutationObserver(() => this.#look()).observe(document.body, changes);
    window.addEventListener('keydown', (event) => this.#press(event), { capture: true });
  }

  #look(): void {
    // A view with the role of a control is no control to the browser.
    for (const control of document.querySelectorAll(`#wx-pages :is(${CONTROLS}, scroll-view[scroll-y])`))
      if (!control.matches(FOCUSABLE) && !control.matches('button'))
        control.setAttribute('tabindex', control.closest('[aria-hidden="true"]') ? '-1' : '0');
    for (const dialog of document.querySelectorAll<HTMLElement>(DIALOGS))
      if (!this.#open.some((known) => known.dialog === dialog)) this.#enter(dialog);
    const closed = this.#open.filter(({ dialog }) => !dialog.isConnected);
    for (const gone of closed.reverse()) this.#leave(gone);
  }

  #enter(dialog: HTMLElement): void {
    this.#open.push({ dialog, before: document.activeElement });
    dialog.setAttribute('tabindex', '-1');
    dialog.focus({ preventScroll: true });
  }

  #leave(gone: OpenDialog): void {
    this.#open.splice(this.#open.indexOf(gone), 1);
    const { before } = gone;
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  }

  #press(event: KeyboardEvent): void {
    const dialog = this.#open[this.#open.length - 1]?.dialog;
    if (event.key === 'Escape' && dialog !== undefined) this.#dismiss(dialog);
    else if (event.key === 'Tab' && dialog !== undefined) this.#keepInside(dialog, event);
    else if ((event.key === 'Enter' || event.key === ' ') && !event.isComposing) this.#activate(event);
  }

  #dismiss(dialog: HTMLElement): void {
    const dismiss = dismissals.get(dialog);
    dismiss?.();
    const overlay = dialog.closest('.t-popup')?.parentElement?.querySelector('.t-overlay');
    if (overlay) tapElement(overlay);
  }

  #keepInside(dialog: HTMLElement, event: KeyboardEvent): void {
    const controls = controlsIn(dialog);
    const at = controls.indexOf(document.activeElement as HTMLElement);
    const next = event.shiftKey ? (at <= 0 ? controls.length - 1 : at - 1) : (at + 1) % controls.length;
    event.preventDefault();
    controls[next]?.focus();
  }

  /** The framework hears touches only; the host's own buttons and pickers hear clicks. */
  #activate(event: KeyboardEvent): void {
    const target = document.activeElement;
    if (!(target instanceof HTMLElement) || target.closest('#wx-pages') === null) return;
    if (!target.matches(`button, ${CONTROLS}`) || target.matches('[disabled], [aria-disabled="true"]'))
      return;
    event.preventDefault();
    if (target.localName === 'picker') target.click();
    else tapElement(target);
  }
}

export const installKeyboard = (): void => {
  new Keyboard();
};
