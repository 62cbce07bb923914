export interface Bar {
  /** Below the bar. */
  label: string;
  value: number;
  /** Above the bar; empty: nothing. */
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
  /** Whether its label and its text have room. */
  labelled: boolean;
  valued: boolean;
}

const LABEL_ROOM_PX = 26;
const TEXT_ROOM_PX = 24;
const LABEL_WIDTH_PX = 36;
const MAX_BAR_PX = 28;
/** A day that was used at all is seen. */
const MIN_BAR_PX = 3;
/** Up to so many bars each has its value above it; with more, only the highest. */
const ALL_VALUED = 7;

/** Where each bar stands on a canvas of `size`, in px. The newest day is always labelled. */
export function placeBars(bars: readonly Bar[], { width, height }: Size): PlacedBar[] {
  if (bars.length === 0) return [];
  const slot = width / bars.length;
  const barWidth = Math.min(MAX_BAR_PX, slot * 0.62);
  const ground = height - LABEL_ROOM_PX;
  const room = ground - TEXT_ROOM_PX;
  const top = Math.max(...bars.map((bar) => bar.value));
  const labelEvery = Math.max(1, Math.ceil(LABEL_WIDTH_PX / slot));
  const highest = bars.findIndex((bar) => bar.value === top);
  return bars.map((bar, i) => {
    const full = top > 0 ? (bar.value / top) * room : 0;
    const tall = bar.value > 0 ? Math.max(MIN_BAR_PX, full) : 0;
    return {
      ...bar,
      x: slot * i + (slot - barWidth) / 2,
      y: ground - tall,
      width: barWidth,
      height: tall,
      labelled: (bars.length - 1 - i) % labelEvery === 0,
      valued: bar.text !== '' && (bars.length <= ALL_VALUED || i === highest),
    };
  });
}

/** The colours of one theme: a canvas does not read style sheets. */
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

/** What is used of a 2D drawing context. */
export type Brush = Pick<
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

/** A bar with a round top. */
function fillBar(brush: Brush, { x, y, width, height }: PlacedBar): void {
  const radius = Math.min(width / 2, height, 6);
  const [right, bottom] = [x + width, y + height];
  brush.beginPath();
  brush.arc(x + radius, y + radius, radius, Math.PI, 1.5 * Math.PI);
  brush.arc(right - radius, y + radius, radius, 1.5 * Math.PI, 2 * Math.PI);
  brush.lineTo(right, bottom);
  brush.lineTo(x, bottom);
  brush.closePath();
  brush.fill();
}

/** Draws the bars over whatever was there. Text never leaves the canvas at its sides. */
export function drawBars(brush: Brush, bars: readonly Bar[], size: Size, colours: BarColours): void {
  const ground = size.height - LABEL_ROOM_PX;
  brush.clearRect(0, 0, size.width, size.height);
  brush.fillStyle = colours.track;
  brush.fillRect(0, ground, size.width, 1);
  brush.font = '11px sans-serif';
  brush.textAlign = 'center';
  const centred = (text: string, middle: number): number => {
    const half = brush.measureText(text).width / 2;
    return Math.min(Math.max(middle, half), size.width - half);
  };
  for (const bar of placeBars(bars, size)) {
    const middle = bar.x + bar.width / 2;
    brush.fillStyle = colours.bar;
    if (bar.height > 0) fillBar(brush, bar);
    brush.fillStyle = colours.label;
    if (bar.labelled) brush.fillText(bar.label, centred(bar.label, middle), ground + 18);
    brush.fillStyle = colours.value;
    if (bar.valued) brush.fillText(bar.text, centred(bar.text, middle), bar.y - 8);
  }
}
