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
}

/** @returns whether the person confirmed. */
export const openModal = (modal: Modal): Promise<boolean> =>
  new Promise((resolve) => {
    const box = element('wx-modal', undefined, 'dialog');
    if (modal.title !== '') box.append(element('wx-modal-title', modal.title));
    box.append(element('wx-modal-text', modal.content));
    const row = element('wx-modal-buttons');
    const answer = (confirm: boolean): void => {
      close();
      resolve(confirm);
    };
    if (modal.cancelText !== undefined)
      row.append(button('wx-modal-cancel', modal.cancelText, () => answer(false)));
    row.append(button('wx-modal-confirm', modal.confirmText, () => answer(true)));
    box.append(row);
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
  toast = element('wx-toast', undefined, 'status');
  if (icon === 'success') toast.append(element('wx-toast-mark', '✓'));
  toast.append(element('wx-toast-text', title));
  document.body.append(toast);
  toastTimer = setTimeout(hideToast, durationMs);
};
