import { openModal, openSheet, showToast } from '../overlay.ts';
import { asyncApi } from './call.ts';
import type { AskPrivacy } from './permissions.ts';

const DEFAULT_TOAST_MS = 1_500;
/** WeChat refuses a call with a longer button text. */
const MAX_BUTTON_CHARS = 4;
const MAX_SHEET_ITEMS = 6;

const checkButton = (text: string | undefined, name: string): void => {
  if (text !== undefined && text.length > MAX_BUTTON_CHARS)
    throw new Error(`${name} length should not larger than ${MAX_BUTTON_CHARS} Chinese characters`);
};

/** Dialogs, toasts and the like. */
export const interfaceApi = (askPrivacy: AskPrivacy) =>
  ({
    showToast: asyncApi<WechatMiniprogram.ShowToastOption>(
      'showToast',
      ({ title, icon = 'success', duration }) => showToast(title, icon, duration ?? DEFAULT_TOAST_MS),
    ),
    showModal: asyncApi<WechatMiniprogram.ShowModalOption>('showModal', async (options) => {
      checkButton(options.confirmText, 'confirmText');
      checkButton(options.cancelText, 'cancelText');
      const {
        title = '',
        content = '',
        confirmText = '确定',
        cancelText = '取消',
        showCancel = true,
      } = options;
      const confirm = await openModal({ title, content, confirmText, ...(showCancel && { cancelText }) });
      return { confirm, cancel: !confirm, content: '' };
    }),
    showActionSheet: asyncApi<WechatMiniprogram.ShowActionSheetOption>('showActionSheet', (options) => {
      if (options.itemList.length > MAX_SHEET_ITEMS) throw new Error('itemList should not be larger than 6');
      return new Promise((resolve, reject) => {
        openSheet({
          items: options.itemList,
          role: 'button',
          ...(options.alertText !== undefined && { title: options.alertText }),
          chosen: (tapIndex) => resolve({ tapIndex }),
          cancelled: () => reject(new Error('cancel')),
        });
      });
    }),
    setClipboardData: asyncApi<WechatMiniprogram.SetClipboardDataOption>(
      'setClipboardData',
      async ({ data }) => {
        await askPrivacy('Clipboard', 'setClipboardData');
        // A page without the focus may not write; on the phone the call would have succeeded.
        await navigator.clipboard?.writeText(data).catch(() => undefined);
        showToast('内容已复制', 'success', DEFAULT_TOAST_MS);
      },
    ),
  }) satisfies Partial<WechatMiniprogram.Wx>;
