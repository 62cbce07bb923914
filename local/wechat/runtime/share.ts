import { callLifecycle } from './open-page.ts';
import { openModal } from './overlay.ts';
import type { Pages } from './pages.ts';

interface ShareCard {
  title?: string;
  path?: string;
  imageUrl?: string;
}

/**
 * `<button open-type="share">`: asks the page for its card, as WeChat does, and shows what it says, in place of a choice of chats. A page
 * without `onShareAppMessage` cannot be shared.
 */
export const watchShareButtons = (pages: Pages): void => {
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button[open-type="share"]') : null;
    const page = pages.top;
    if (button === null || page === undefined) return;
    const card = callLifecycle(page, 'onShareAppMessage', { from: 'button' }) as ShareCard | undefined;
    if (card === undefined) return;
    const { title = '（小程序的名称）', path = `/${page.route}`, imageUrl = '当前页面的截图' } = card;
    const content = `标题：${title}\n打开：${path}\n图片：${imageUrl}`;
    void openModal({ title: '分享卡片', content, confirmText: '知道了' });
  });
};
