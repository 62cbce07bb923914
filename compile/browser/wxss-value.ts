const RPX = /(-?(?:\d*\.)?\d+)rpx\b/g;
/** `vh` means the page's own viewport, below the navigation bar: the runtime makes it a size container. */
const VH = /(-?(?:\d*\.)?\d+)vh\b/g;
const SAFE_AREA = /\b(?:env|constant)\(\s*safe-area-inset-(top|bottom|left|right)\s*(?:,[^()]*)?\)/g;

/** What a WXSS value is in CSS; for style sheets at build time and for inline styles at run time. */
export const wxssValue = (value: string): string =>
  value.replace(RPX, 'calc(var(--rpx) * $1)').replace(VH, '$1cqh').replace(SAFE_AREA, 'var(--safe-area-$1)');
