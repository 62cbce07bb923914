import { startRefresh, stopRefresh } from '../page-view.ts';
import type { OpenPage } from '../pages.ts';
import { api, type WxContext } from './call.ts';

type W = WechatMiniprogram.Wx;

export const navigationApi = ({ pages }: WxContext) =>
  ({
    navigateTo: api<WechatMiniprogram.NavigateToOption>('navigateTo', ({ url }) => {
      pages().navigateTo(String(url));
    }),
    redirectTo: api<WechatMiniprogram.RedirectToOption>('redirectTo', ({ url }) =>
      pages().redirectTo(String(url)),
    ),
    reLaunch: api<WechatMiniprogram.ReLaunchOption>('reLaunch', ({ url }) => pages().reLaunch(String(url))),
    switchTab: api<WechatMiniprogram.SwitchTabOption>('switchTab', ({ url }) =>
      pages().switchTab(String(url)),
    ),
    navigateBack: api<WechatMiniprogram.NavigateBackOption>('navigateBack', ({ delta = 1 }) => {
      if (pages().stack.length < 2) throw new Error('cannot navigate back at first page.');
      pages().back(delta);
    }),
  }) satisfies Partial<W>;

const top = (context: WxContext): OpenPage => {
  const page = context.pages().top;
  if (page === undefined) throw new Error('no page is open');
  return page;
};

export const pageApi = (context: WxContext) =>
  ({
    setNavigationBarTitle: api<WechatMiniprogram.SetNavigationBarTitleOption>(
      'setNavigationBarTitle',
      ({ title }) => {
        top(context).title = title;
        context.pages().refreshBars();
      },
    ),
    setNavigationBarColor: api<WechatMiniprogram.SetNavigationBarColorOption>(
      'setNavigationBarColor',
      ({ frontColor, backgroundColor }) => {
        Object.assign(top(context), { foreground: frontColor, background: backgroundColor });
        context.pages().refreshBars();
      },
    ),
    showNavigationBarLoading: api<WechatMiniprogram.ShowNavigationBarLoadingOption>(
      'showNavigationBarLoading',
      () => {
        top(context).loading = true;
        context.pages().refreshBars();
      },
    ),
    hideNavigationBarLoading: api<WechatMiniprogram.HideNavigationBarLoadingOption>(
      'hideNavigationBarLoading',
      () => {
        top(context).loading = false;
        context.pages().refreshBars();
      },
    ),
    setTabBarBadge: api<WechatMiniprogram.SetTabBarBadgeOption>('setTabBarBadge', ({ index, text }) =>
      context.pages().chrome.setBadge(index, text),
    ),
    removeTabBarBadge: api<WechatMiniprogram.RemoveTabBarBadgeOption>('removeTabBarBadge', ({ index }) =>
      context.pages().chrome.setBadge(index, undefined),
    ),
    pageScrollTo: api<WechatMiniprogram.PageScrollToOption>(
      'pageScrollTo',
      ({ scrollTop, selector, duration = 300 }) => {
        const { scroller } = top(context);
        const target = selector === undefined ? null : scroller.querySelector(selector);
        const place =
          target === null ? 0 : target.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
        scroller.scrollTo({
          top: scrollTop ?? scroller.scrollTop + place,
          behavior: duration === 0 ? 'auto' : 'smooth',
        });
      },
    ),
    startPullDownRefresh: api<WechatMiniprogram.StartPullDownRefreshOption>('startPullDownRefresh', () =>
      startRefresh(top(context)),
    ),
    stopPullDownRefresh: api<WechatMiniprogram.StopPullDownRefreshOption>('stopPullDownRefresh', () =>
      stopRefresh(top(context)),
    ),
  }) satisfies Partial<W>;
