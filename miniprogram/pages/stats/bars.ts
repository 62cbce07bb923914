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
export interface PlacedBar extends Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Whether the label is drawn. */
  labelled: boolean;
  /** Whether the text is drawn. */
  valued: boolean;
}

const LABEL_HEIGHT_PX = 26;
const TEXT_HEIGHT_PX = 24;
const LABEL_WIDTH_PX = 36;
const MAX_BAR_PX = 28;
/** So that a small value is visible. */
const MIN_BAR_PX = 3;
/** With at most this many bars each shows its value; with more, only the highest. */
const MAX_VALUED_BARS = 7;

/** Position of each bar on a canvas of `size`, px. The newest day is always labelled. */
export function placeBars(bars: readonly Bar[], { width, height }: Size): PlacedBar[] {
  if (bars.length === 0) return [];
  const slot = width / bars.length;
  const barWidth = Math.min(MAX_BAR_PX, slot * 0.62);
  const baseline = height - LABEL_HEIGHT_PX;
  const plotHeight = baseline - TEXT_HEIGHT_PX;
  const top = Math.max(...bars.map((bar) => bar.value));
  const labelEvery = Math.max(1, Math.ceil(LABEL_WIDTH_PX / slot));
  const highest = bars.findIndex((bar) => bar.value === top);
  return bars.map((bar, i) => {
    const scaled = top > 0 ? (bar.value / top) * plotHeight : 0;
    const barHeight = bar.value > 0 ? Math.max(MIN_BAR_PX, scaled) : 0;
    return {
      ...bar,
      x: slot * i + (slot - barWidth) / 2,
      y: baseline - barHeight,
      width: barWidth,
      height: barHeight,
      labelled: (bars.length - 1 - i) % labelEvery === 0,
      valued: bar.text !== '' && (bars.length <= MAX_VALUED_BARS || i === highest),
    };
  });
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

/** Clears the canvas and draws the bars. Text is kept within the canvas's width. */
export function drawBars(
  context: DrawingContext,
  bars: readonly Bar[],
  size: Size,
  colours: BarColours,
): void {
  const baseline = size.height - LABEL_HEIGHT_PX;
  context.clearRect(0, 0, size.width, size.height);
  context.fillStyle = colours.track;
  context.fillRect(0, baseline, size.width, 1);
  context.font = '11px sans-serif';
  context.textAlign = 'center';
  const centred = (text: string, middle: number): number => {
    const half = context.measureText(text).width / 2;
    return Math.min(Math.max(middle, half), size.width - half);
  };
  for (const bar of placeBars(bars, size)) {
    const middle = bar.x + bar.width / 2;
    context.fillStyle = colours.bar;
    if (bar.height > 0) fillBar(context, bar);
    context.fillStyle = colours.label;
    if (bar.labelled) context.fillText(bar.label, centred(bar.label, middle), baseline + 18);
    context.fillStyle = colours.value;
    if (bar.valued) context.fillText(bar.text, centred(bar.text, middle), bar.y - 8);
  }
}
