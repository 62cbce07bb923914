import { type TextSizeInfo, textScaleOf, textScaleStyle } from './text-size.ts';

/**
 * Gives a page the size of text that the user has chosen in WeChat, for `<page-meta page-style="{{pageStyle}}" />` at its beginning. The
 * setting can change while the app is in the background.
 */
export const textSize = Behavior({
  data: { pageStyle: '' },
  methods: {
    applyTextSize() {
      const isIos = wx.getDeviceInfo().platform === 'ios';
      const pageStyle = textScaleStyle(textScaleOf(wx.getAppBaseInfo() as TextSizeInfo, isIos));
      if (pageStyle !== this.data.pageStyle) this.setData({ pageStyle });
    },
  },
  lifetimes: {
    attached() {
      this.applyTextSize();
    },
  },
  pageLifetimes: {
    show() {
      this.applyTextSize();
    },
  },
});
