import { callLife, type OpenPage } from './pages.ts';
import { watchPull } from './pull.ts';

const refreshing = new WeakSet<OpenPage>();

/** Shows the mark of a refresh and tells the page. */
export const startRefresh = (page: OpenPage): void => {
  if (refreshing.has(page)) return;
  refreshing.add(page);
  page.scroller.dataset.refreshing = '';
  callLife(page, 'onPullDownRefresh');
};

export const stopRefresh = (page: OpenPage): void => {
  refreshing.delete(page);
  delete page.scroller.dataset.refreshing;
};

/** Page-level scrolling: `onPageScroll`, `onReachBottom` and pulling down. */
export const watchPage = (page: OpenPage, options: { distancePx: number; canPull: () => boolean }): void => {
  const { scroller } = page;
  let atBottom = false;
  scroller.addEventListener('scroll', () => {
    callLife(page, 'onPageScroll', { scrollTop: scroller.scrollTop });
    const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const near = left <= options.distancePx;
    if (near && !atBottom) callLife(page, 'onReachBottom');
    atBottom = near;
  });
  watchPull(scroller, options.canPull, () => startRefresh(page));
};
