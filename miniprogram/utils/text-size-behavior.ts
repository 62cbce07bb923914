import { type TextSizeInfo, textScaleOf, textScaleStyle } from './text-size.ts';

/** How much larger than usual the user wants text to be; may change while the app is in the background. */
export const textScale = (): number =>
  textScaleOf(wx.getAppBaseInfo() as TextSizeInfo, wx.getDeviceInfo().platform === 'ios');

/**
 * Gives a page the size of text that the user has chosen in WeChat, for `<page-meta page-style="{{pageStyle}}" />` at its beginning. The
 * setting can change while the app is in the background.
 */
export const textSize = Behavior({
  data: { pageStyle: '' },
  methods: {
    applyTextSize() {
      const pageStyle = textScaleStyle(textScale());
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
