const BARS = 28;
/** Silence is drawn as a dot. */
const MIN_HEIGHT = 0.06;

/** The loudness of the last ~3 s as bars, newest on the right. */
Component({
  properties: {
    /** 0 … 1. */
    level: { type: Number, value: 0 },
    /** Drawn in the accent colour; otherwise grey, while paused. */
    active: { type: Boolean, value: false },
  },
  data: { bars: Array.from({ length: BARS }, (_, at) => ({ at, height: MIN_HEIGHT })) },
  observers: {
    level(level: number) {
      const newest = Math.max(MIN_HEIGHT, Math.round(level * 100) / 100);
      const heights = [...this.data.bars.slice(1).map(({ height }) => height), newest];
      this.setData({ bars: heights.map((height, at) => ({ at, height })) });
    },
  },
});
