import { stopRefresh } from '../open-page.ts';
import { asyncApi, type WxContext } from './call.ts';

/** Moving between pages, and the refresh mark of the current one. */
export const navigationApi = ({ pages }: WxContext) =>
  ({
    navigateTo: asyncApi<WechatMiniprogram.NavigateToOption>('navigateTo', ({ url }) =>
      pages().navigateTo(String(url)),
    ),
    switchTab: asyncApi<WechatMiniprogram.SwitchTabOption>('switchTab', ({ url }) =>
      pages().switchTab(String(url)),
    ),
    pageScrollTo: asyncApi<WechatMiniprogram.PageScrollToOption>(
      'pageScrollTo',
      ({ scrollTop, selector, offsetTop = 0 }) => {
        const scroller = pages().top?.scroller;
        if (scroller === undefined) throw new Error('no page is open');
        const target = selector === undefined ? undefined : scroller.querySelector(selector);
        if (target === null) throw new Error(`selector ${selector} does not exist`);
        const top =
          target === undefined
            ? (scrollTop ?? 0)
            : scroller.scrollTop +
              target.getBoundingClientRect().top -
              scroller.getBoundingClientRect().top +
              offsetTop;
        scroller.scrollTo({ top });
      },
    ),
    stopPullDownRefresh: asyncApi<WechatMiniprogram.StopPullDownRefreshOption>('stopPullDownRefresh', () => {
      const page = pages().top;
      if (page === undefined) throw new Error('no page is open');
      stopRefresh(page);
    }),
  }) satisfies Partial<WechatMiniprogram.Wx>;
