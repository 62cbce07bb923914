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
    stopPullDownRefresh: asyncApi<WechatMiniprogram.StopPullDownRefreshOption>('stopPullDownRefresh', () => {
      const page = pages().top;
      if (page === undefined) throw new Error('no page is open');
      stopRefresh(page);
    }),
  }) satisfies Partial<WechatMiniprogram.Wx>;
