/** Distance from the end, in px, up to which a reader counts as being at the end. */
const NEAR_END_PX = 48;
/** Movements smaller than this are the layout's, not the reader's. */
const READER_MOVE_PX = 4;

export interface ScrollPosition {
  scrollTop: number;
  scrollHeight: number;
  viewHeight: number;
}
export interface Follow {
  /** Whether the transcript scrolls along with the newest words. */
  following: boolean;
  scrollTop: number;
}
export const FOLLOWING: Follow = { following: true, scrollTop: 0 };

/**
 * What a scroll event says about the reader. Moving up leaves the newest words; coming back to the end follows again.
 * Text that shrinks (a sentence is replaced by a shorter one) also lowers `scrollTop`, but then the end is in view.
 */
export function afterScroll(before: Follow, { scrollTop, scrollHeight, viewHeight }: ScrollPosition): Follow {
  const nearEnd = scrollHeight - scrollTop - viewHeight <= NEAR_END_PX;
  const movedUp = scrollTop < before.scrollTop - READER_MOVE_PX;
  return { following: nearEnd || (before.following && !movedUp), scrollTop };
}
