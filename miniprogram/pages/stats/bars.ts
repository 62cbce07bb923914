export interface Bar {
  /** Shown below the bar. */
  label: string;
  value: number;
  /** Shown above the bar; empty: nothing. */
  text: string;
}

export interface Size {
  width: number;
  height: number;
}
/** How text is drawn: a canvas knows neither rpx nor the page's size of text. */
export interface Lettering {
  /** Size of the font, px. */
  sizePx: number;
  /** Width of a text in that font, px. */
  widthOf(text: string): number;
}
export interface PlacedBar extends Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Middle of the label below the bar, or null: there is no room for it. */
  labelX: number | null;
  /** Middle of the text above the bar, or null: there is no room for it. */
  textX: number | null;
}

/** In sizes of the font: room for the labels below the bars and for the text above the highest, and where their baselines are. */
const LABEL_ROOM = 2.4;
const TEXT_ROOM = 2.2;
const LABEL_BELOW = 1.65;
const TEXT_ABOVE = 0.7;
/** Between two texts beside each other, in sizes of the font. */
const TEXT_GAP = 0.5;
const MAX_BAR_PX = 28;
/** So that a small value is visible. */
const MIN_BAR_PX = 3;
/** With at most this many bars each may show its value; with more, only the highest. */
const MAX_VALUED_BARS = 7;

/** Canvas height in the style sheet, rpx: tells how large an rpx is. */
const CANVAS_RPX = 360;
const FONT_RPX = 22;
const MIN_FONT_PX = 11;

/** Size of the chart's font on a canvas of `height` px, for text that is `scale` times as large as usual. */
export const fontSizePx = (height: number, scale: number): number =>
  Math.max(MIN_FONT_PX, (FONT_RPX * height) / CANVAS_RPX) * scale;

type Box = [left: number, top: number, right: number, bottom: number];
const overlap = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/** Places the texts of the bars, the highest first; another that would touch a text or bar, or not stand above its bar, is left out. */
function placeTexts(bars: PlacedBar[], width: number, { sizePx, widthOf }: Lettering): void {
  const taken = bars.map(({ x, y, width, height }): Box => [x, y, x + width, y + height]);
  const order = [...bars].sort((a, b) => b.value - a.value);
  for (const bar of order.slice(0, bars.length <= MAX_VALUED_BARS ? bars.length : 1)) {
    if (bar.text === '') continue;
    const half = widthOf(bar.text) / 2;
    const middle = centred(bar, half, width);
    // Moved inside, it would seem to belong to the bar beside it.
    if (bar !== order[0] && middle !== bar.x + bar.width / 2) continue;
    const baseline = bar.y - TEXT_ABOVE * sizePx;
    const reach = half + (TEXT_GAP * sizePx) / 2;
    const box: Box = [middle - reach, baseline - sizePx, middle + reach, baseline];
    if (taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    bar.textX = middle;
  }
}

/** The middle of a text of twice `half` above or below a bar, kept within the canvas. */
const centred = (bar: PlacedBar, half: number, width: number): number =>
  Math.min(Math.max(bar.x + bar.width / 2, half), width - half);

/** Position of each bar on a canvas of `size`, px, and of its texts. The newest day is always labelled. */
export function placeBars(bars: readonly Bar[], { width, height }: Size, lettering: Lettering): PlacedBar[] {
  if (bars.length === 0) return [];
  const { sizePx, widthOf } = lettering;
  const slot = width / bars.length;
  const barWidth = Math.min(MAX_BAR_PX, slot * 0.62);
  const baseline = height - LABEL_ROOM * sizePx;
  const plotHeight = baseline - TEXT_ROOM * sizePx;
  const top = Math.max(...bars.map((bar) => bar.value));
  const labelWidth = Math.max(...bars.map(({ label }) => widthOf(label)));
  // The first and the last label are moved inside by as much as they are wider than their slot.
  const moved = Math.max(0, (labelWidth - slot) / 2);
  const labelEvery = Math.max(1, Math.ceil((labelWidth + TEXT_GAP * sizePx + moved) / slot));
  const placed = bars.map((bar, i): PlacedBar => {
    const scaled = top > 0 ? (bar.value / top) * plotHeight : 0;
    const barHeight = bar.value > 0 ? Math.max(MIN_BAR_PX, scaled) : 0;
    const place = { x: slot * i + (slot - barWidth) / 2, width: barWidth };
    return { ...bar, ...place, y: baseline - barHeight, height: barHeight, labelX: null, textX: null };
  });
  for (let i = placed.length - 1; i >= 0; i -= labelEvery) {
    const bar = placed[i] as PlacedBar;
    bar.labelX = centred(bar, widthOf(bar.label) / 2, width);
  }
  placeTexts(placed, width, lettering);
  return placed;
}

/** The colours of one theme; a canvas cannot use style sheets. */
export interface BarColours {
  bar: string;
  track: string;
  label: string;
  value: string;
}
export const BAR_COLOURS: Record<'light' | 'dark', BarColours> = {
  light: { bar: '#2f55d4', track: '#eceef2', label: '#626977', value: '#15181e' },
  dark: { bar: '#8ea6ff', track: '#232730', label: '#9299a8', value: '#eceef3' },
};

/** The functions of the canvas's 2D context that are used. */
export type DrawingContext = Pick<
  WechatMiniprogram.CanvasRenderingContext.CanvasRenderingContext2D,
  | 'clearRect'
  | 'fillRect'
  | 'fillText'
  | 'measureText'
  | 'beginPath'
  | 'arc'
  | 'lineTo'
  | 'closePath'
  | 'fill'
  | 'fillStyle'
  | 'font'
  | 'textAlign'
>;

/** A bar with rounded upper corners. */
function fillBar(context: DrawingContext, { x, y, width, height }: PlacedBar): void {
  const radius = Math.min(width / 2, height, 6);
  const [right, bottom] = [x + width, y + height];
  context.beginPath();
  context.arc(x + radius, y + radius, radius, Math.PI, 1.5 * Math.PI);
  context.arc(right - radius, y + radius, radius, 1.5 * Math.PI, 2 * Math.PI);
  context.lineTo(right, bottom);
  context.lineTo(x, bottom);
  context.closePath();
  context.fill();
}

/**
 * Clears the canvas and draws the bars. Text is kept within the canvas's width.
 * @param scale how much larger than usual text is
 */
export function drawBars(
  context: DrawingContext,
  bars: readonly Bar[],
  size: Size,
  { colours, scale }: { colours: BarColours; scale: number },
): void {
  const sizePx = fontSizePx(size.height, scale);
  context.clearRect(0, 0, size.width, size.height);
  context.font = `${sizePx}px sans-serif`;
  context.textAlign = 'center';
  const baseline = size.height - LABEL_ROOM * sizePx;
  context.fillStyle = colours.track;
  context.fillRect(0, baseline, size.width, 1);
  const lettering = { sizePx, widthOf: (text: string) => context.measureText(text).width };
  for (const bar of placeBars(bars, size, lettering)) {
    context.fillStyle = colours.bar;
    if (bar.height > 0) fillBar(context, bar);
    context.fillStyle = colours.label;
    if (bar.labelX !== null) context.fillText(bar.label, bar.labelX, baseline + LABEL_BELOW * sizePx);
    context.fillStyle = colours.value;
    if (bar.textX !== null) context.fillText(bar.text, bar.textX, bar.y - TEXT_ABOVE * sizePx);
  }
}
