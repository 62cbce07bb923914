import type { component, Root } from 'glass-easel-miniprogram-adapter';

/** How far a page that is scrolled to its top must be pulled to refresh, px. */
const PULL_PX = 60;

export type PageInstance = component.GeneralComponent & {
  route: string;
  options: Record<string, string>;
} & Record<string, unknown>;

/** One page that is open. */
export interface OpenPage {
  root: Root;
  instance: PageInstance;
  route: string;
  /** The page's own element, which scrolls. */
  scroller: HTMLElement;
}

/** Calls a life-cycle method if the page has it. */
export const callLifecycle = (page: OpenPage, name: string, ...args: unknown[]): unknown => {
  const method = page.instance[name];
  return typeof method === 'function' ? method.apply(page.instance, args) : undefined;
};

const refreshing = new WeakSet<OpenPage>();

/** Shows the mark of a refresh and calls `onPullDownRefresh`; nothing while a refresh is under way. */
export const startRefresh = (page: OpenPage): void => {
  if (refreshing.has(page)) return;
  refreshing.add(page);
  page.scroller.dataset.refreshing = '';
  callLifecycle(page, 'onPullDownRefresh');
};

export const stopRefresh = (page: OpenPage): void => {
  refreshing.delete(page);
  delete page.scroller.dataset.refreshing;
};

/** Starts a refresh when a finger pulls the page down from its top and lets go. */
const watchPull = (page: OpenPage, enabled: () => boolean): void => {
  const { scroller } = page;
  let startY: number | undefined;
  let pulledPx = 0;
  scroller.addEventListener('touchstart', (event) => {
    startY = enabled() && scroller.scrollTop <= 0 ? event.touches[0]?.clientY : undefined;
    pulledPx = 0;
  });
  scroller.addEventListener(
    'touchmove',
    (event) => {
      const y = event.touches[0]?.clientY;
      if (startY !== undefined && y !== undefined) pulledPx = scroller.scrollTop <= 0 ? y - startY : 0;
    },
    { passive: true },
  );
  scroller.addEventListener('touchend', () => {
    if (startY !== undefined && pulledPx > PULL_PX) startRefresh(page);
    startY = undefined;
  });
};

/**
 * Page-level scrolling: `onPageScroll`, `onReachBottom` and pulling down.
 * @param options.distancePx how near the bottom counts as reached
 */
export const watchPage = (page: OpenPage, options: { distancePx: number; canPull: () => boolean }): void => {
  const { scroller } = page;
  let atBottom = false;
  scroller.addEventListener('scroll', () => {
    callLifecycle(page, 'onPageScroll', { scrollTop: scroller.scrollTop });
    const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const near = left <= options.distancePx;
    if (near && !atBottom) callLifecycle(page, 'onReachBottom');
    atBottom = near;
  });
  watchPull(page, options.canPull);
};
