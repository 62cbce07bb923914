/** What WeChat tells of the size of text that the user has chosen; older base libraries tell less. */
export interface TextSizeInfo {
  /** How much larger than usual (since WeChat 8.0). */
  fontSizeScaleFactor?: number;
  /** Size of usual text, px (since base library 2.23.4). */
  fontSizeSetting?: number;
}

/** Size of text in WeChat unless the user changes it, px: 16 on Android, 17 on iOS. */
const USUAL_PX = { ios: 17, other: 16 } as const;
/** Text is not made smaller than the app was drawn, nor so large that controls do not fit on a small phone. */
const MIN_SCALE = 1;
export const MAX_SCALE = 1.4;

/**
 * How much larger the app's text is to be, from the setting 「字体大小」 of WeChat.
 * @param isIos the usual size is another there
 */
export function textScaleOf({ fontSizeScaleFactor, fontSizeSetting }: TextSizeInfo, isIos: boolean): number {
  const usualPx = isIos ? USUAL_PX.ios : USUAL_PX.other;
  const scale = fontSizeScaleFactor ?? (fontSizeSetting ?? usualPx) / usualPx;
  if (!Number.isFinite(scale)) return MIN_SCALE;
  return Math.min(MAX_SCALE, Math.max(MIN_SCALE, Math.round(scale * 100) / 100));
}

/** The style of the page's root; every size of text in the package is a multiple of this variable (compile/browser/wxss-value.ts). */
export const textScaleStyle = (scale: number): string => `--text-scale: ${scale}`;
