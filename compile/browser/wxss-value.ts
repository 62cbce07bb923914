const RPX = /(-?(?:\d*\.)?\d+)rpx\b/g;
/** `vh` means the page's own viewport, below the navigation bar: the runtime makes it a size container. */
const VH = /(-?(?:\d*\.)?\d+)vh\b/g;
const SAFE_AREA = /\b(?:env|constant)\(\s*safe-area-inset-(top|bottom|left|right)\s*(?:,[^()]*)?\)/g;

/** Properties that hold sizes of text, those of the widgets included: they grow with the user's setting. */
const TEXT_SIZE = /^(font|font-size|line-height|--td-font[\w-]*)$/;

/**
 * A value with rpx as multiples of `--rpx`. The unit itself is the window's width by 750, so that in landscape and on tablets everything
 * would be twice as large; app.wxss sets `--rpx` by the window's size, and `utils/text-size.ts` sets `--text-scale`.
 * @param property name of the declaration; '': not known
 */
export const scaledRpx = (value: string, property = ''): string =>
  value.replace(
    RPX,
    TEXT_SIZE.test(property) ? 'calc(var(--rpx) * $1 * var(--text-scale, 1))' : 'calc(var(--rpx) * $1)',
  );

/** What a WXSS value is in CSS; for style sheets at build time and for inline styles at run time. */
export const wxssValue = (value: string, property = ''): string =>
  scaledRpx(value, property).replace(VH, '$1cqh').replace(SAFE_AREA, 'var(--safe-area-$1)');
