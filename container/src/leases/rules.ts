/** How the instances share the streams of the account. Times in ms. */
export const LEASE_RULES = {
  /** Streams are taken in blocks of this many, so that a session that starts finds one without asking. */
  blockSlots: 20,
  /** With fewer free ones than this share of a block, the next block is taken. */
  spareShare: 0.25,

  /** A lease is renewed this often, and at each renewal the others are looked at. */
  renewMs: 10_000,
  /** An instance whose number has not changed in so many looks of renewals in a row, 30 s at least, is dead. */
  deadAfterLooks: 3,
  /** A lease that could not be renewed for this long is lost: the others have taken it for dead, or soon will. */
  lostMs: 30_000,
  /** After a failure that may pass; after another one, the time of a renewal. */
  retryMs: 2_000,
  /** While sessions wait, the others are looked at this often. These waits vary by half, so that instances do not act in step. */
  pollMs: 1_500,
  /** Two instances that asked for the same streams try again after this time, then after twice as long, and so on, up to the most. */
  claimMs: 300,
  maxClaimMs: 20_000,
  /** Between the first session that waits, or the loss of spare streams, and the question whether there are more. */
  askMs: 100,
  /** Between a stream that somebody else may want and the look whether somebody does. */
  giveMs: 1_000,
} as const;

export type LeaseRules = { [K in keyof typeof LEASE_RULES]: number };
