/** Preloaded into a process: its clock is wrong by CLOCK_SHIFT_MS, as that of a machine whose time nobody sets. */
const RealDate = Date;
const shiftMs = Number(process.env.CLOCK_SHIFT_MS);

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + shiftMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
