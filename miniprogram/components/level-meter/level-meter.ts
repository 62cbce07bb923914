import { SILENT_BARS } from './bars.ts';

/** Bars of loudness. It only draws: a meter that kept the bars itself would need a `setData` of its own for each frame. */
Component({
  properties: {
    /** Bars, newest last: from `LevelBars`. */
    levels: { type: Array, value: [...SILENT_BARS] },
    /** Drawn in the accent colour; otherwise grey, while paused. */
    active: { type: Boolean, value: false },
  },
});
