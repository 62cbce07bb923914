import { showRefusal } from './privacy.ts';

/**
 * Copies a text and says so; where WeChat refuses, says why and what else can be done. Never rejects.
 * @param texts.done what is said when it is copied
 * @param texts.otherwise another way to the text, a sentence
 * @returns whether it was copied
 */
export async function copyText(
  data: string,
  { done, otherwise }: { done: string; otherwise: string },
): Promise<boolean> {
  try {
    await wx.setClipboardData({ data });
  } catch (error) {
    await showRefusal('clipboard', error, otherwise);
    return false;
  }
  void wx.showToast({ title: done, icon: 'success' });
  return true;
}
