/** WeChat's own dialogs, drawn above the page. Text is set as text, never as HTML. */

const element = (className: string, text?: string, role?: string): HTMLElement => {
  const made = document.createElement('div');
  made.className = className;
  if (text !== undefined) made.textContent = text;
  if (role !== undefined) made.setAttribute('role', role);
  return made;
};

const button = (className: string, text: string, press: () => void): HTMLButtonElement => {
  const made = document.createElement('button');
  made.className = `wx-button ${className}`;
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', press);
  return made;
};

/** Covers the page, so that nothing below receives touches. @returns a function that removes the cover */
const openMask = (content: HTMLElement, className: string, dismiss?: () => void): (() => void) => {
  const mask = element(`wx-mask ${className}`);
  mask.append(content);
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
  itemColor?: string;
  selected?: number;
  role?: 'option' | 'button';
  chosen: (index: number) => void;
  cancelled: () => void;
}

/** A list at the lower edge of the screen: action sheet and picker. */
export const openSheet = (sheet: Sheet): void => {
  const list = element('wx-sheet', undefined, 'dialog');
  if (sheet.title) list.append(element('wx-sheet-title', sheet.title));
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
    if (sheet.itemColor !== undefined) row.style.color = sheet.itemColor;
    if (sheet.selected === index) row.classList.add('wx-selected');
    list.append(row);
  });
  list.append(button('wx-sheet-row wx-sheet-cancel', '取消', cancel));
  const close = openMask(list, 'wx-bottom', cancel);
};

interface Modal {
  title: string;
  content: string;
  confirmText: string;
  /** Absent: no button to cancel. */
  cancelText?: string;
  confirmColor?: string;
  /** Present: a text field with this placeholder replaces the content. */
  placeholder?: string;
  initial?: string;
}

/** @returns whether the person confirmed, and what was typed. */
export const openModal = (modal: Modal): Promise<{ confirm: boolean; typed: string }> =>
  new Promise((resolve) => {
    const box = element('wx-modal', undefined, 'dialog');
    if (modal.title !== '') box.append(element('wx-modal-title', modal.title));
    const field = document.createElement('textarea');
    field.className = 'wx-modal-field';
    if (modal.placeholder === undefined) box.append(element('wx-modal-text', modal.content));
    else {
      field.placeholder = modal.placeholder;
      field.value = modal.initial ?? '';
      box.append(field);
    }
    const row = element('wx-modal-buttons');
    const answer = (confirm: boolean): void => {
      close();
      resolve({ confirm, typed: field.value });
    };
    if (modal.cancelText !== undefined)
      row.append(button('wx-modal-cancel', modal.cancelText, () => answer(false)));
    const confirm = button('wx-modal-confirm', modal.confirmText, () => answer(true));
    if (modal.confirmColor !== undefined) confirm.style.color = modal.confirmColor;
    row.append(confirm);
    box.append(row);
    const close = openMask(box, 'wx-center');
  });

const TOAST_MARKS: Record<string, string> = { success: '✓', error: '✕', loading: '', none: '' };

let toast: HTMLElement | undefined;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

const hideToast = (): void => {
  clearTimeout(toastTimer);
  toast?.remove();
  toast = undefined;
};

/** @param durationMs absent: stays until {@link hideToast} (a loading mark). */
export const showToast = (title: string, icon: string, durationMs?: number): void => {
  hideToast();
  toast = element(`wx-toast wx-toast-${icon}`, undefined, 'status');
  if (icon !== 'none') toast.append(element('wx-toast-mark', TOAST_MARKS[icon] ?? ''));
  toast.append(element('wx-toast-text', title));
  document.body.append(toast);
  if (durationMs !== undefined) toastTimer = setTimeout(hideToast, durationMs);
};
