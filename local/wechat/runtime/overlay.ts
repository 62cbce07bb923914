/** WeChat's own dialogs, drawn above the page. Text is set as text, never as HTML. */

import { createButton, createElement } from './dom.ts';
import { onEscape } from './keyboard.ts';

const button = (className: string, text: string, press: () => void): HTMLButtonElement =>
  createButton({ class: `wx-button ${className}` }, press, text);

/** Covers the page, so that nothing below receives touches. @returns a function that removes the cover */
const openMask = (content: HTMLElement, className: string, dismiss?: () => void): (() => void) => {
  const mask = createElement('div', { class: `wx-mask ${className}` }, content);
  if (dismiss !== undefined)
    mask.addEventListener('click', (event) => {
      if (event.target === mask) dismiss();
    });
  document.body.append(mask);
  return () => mask.remove();
};

interface Sheet {
  items: readonly string[];
  title?: string;
  selected?: number;
  role?: 'option' | 'button';
  chosen: (index: number) => void;
  cancelled: () => void;
}

/** A list at the lower edge of the screen: action sheet and picker. */
export const openSheet = (sheet: Sheet): void => {
  const list = createElement('div', {
    class: 'wx-sheet',
    role: 'dialog',
    'aria-modal': 'true',
    'aria-label': sheet.title || '选择',
  });
  if (sheet.title) list.append(createElement('div', { class: 'wx-sheet-title' }, sheet.title));
  const cancel = (): void => {
    close();
    sheet.cancelled();
  };
  sheet.items.forEach((text, index) => {
    const row = button('wx-sheet-row', text, () => {
      close();
      sheet.chosen(index);
    });
    if (sheet.role === 'option') row.setAttribute('role', 'option');
    if (sheet.selected === index) row.classList.add('wx-selected');
    list.append(row);
  });
  list.append(button('wx-sheet-row wx-sheet-cancel', '取消', cancel));
  onEscape(list, cancel);
  const close = openMask(list, 'wx-bottom', cancel);
};

interface Modal {
  title: string;
  content: string;
  confirmText: string;
  /** Absent: no button to cancel. */
  cancelText?: string;
}

/** @returns whether the person confirmed. */
export const openModal = (modal: Modal): Promise<boolean> =>
  new Promise((resolve) => {
    const { title, content, confirmText, cancelText } = modal;
    const answer = (confirm: boolean): void => {
      close();
      resolve(confirm);
    };
    const box = createElement(
      'div',
      { class: 'wx-modal', role: 'dialog', 'aria-modal': 'true', 'aria-label': title || content },
      ...(title === '' ? [] : [createElement('div', { class: 'wx-modal-title' }, title)]),
      createElement('div', { class: 'wx-modal-text' }, content),
      createElement(
        'div',
        { class: 'wx-modal-buttons' },
        ...(cancelText === undefined ? [] : [button('wx-modal-cancel', cancelText, () => answer(false))]),
        button('wx-modal-confirm', confirmText, () => answer(true)),
      ),
    );
    // A question without a second button has to be answered.
    onEscape(box, () => answer(false));
    const close = openMask(box, 'wx-center');
  });

let toast: HTMLElement | undefined;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

const hideToast = (): void => {
  clearTimeout(toastTimer);
  toast?.remove();
  toast = undefined;
};

/** @param icon `success`: with a tick */
export const showToast = (title: string, icon: string, durationMs: number): void => {
  hideToast();
  toast = createElement('div', { class: 'wx-toast', role: 'status' });
  if (icon === 'success') toast.append(createElement('div', { class: 'wx-toast-mark' }, '✓'));
  toast.append(createElement('div', {}, title));
  document.body.append(toast);
  toastTimer = setTimeout(hideToast, durationMs);
};
