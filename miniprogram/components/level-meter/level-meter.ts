const BARS = 28;
/** A bar is never shorter than a dot. */
const MIN_HEIGHT = 0.06;

/** The last ~3 s of loudness as bars, newest on the right. */
Component({
  properties: {
    /** 0 … 1. */
    level: { type: Number, value: 0 },
    /** Drawn in the accent colour; else grey, for a recording that stands still. */
    active: { type: Boolean, value: false },
  },
  data: { bars: new Array<number>(BARS).fill(MIN_HEIGHT) },
  observers: {
    level(level: number) {
      const bars = [...this.data.bars.slice(1), Math.max(MIN_HEIGHT, Math.round(level * 100) / 100)];
      this.setData({ bars });
    },
  },
});
