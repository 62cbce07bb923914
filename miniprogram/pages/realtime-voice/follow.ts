/** Up to this distance from the end the transcript counts as scrolled to the end, px. */
const NEAR_END_PX = 48;
/** Smaller changes of `scrollTop` come from the layout, not from the user, px. */
const USER_SCROLL_PX = 4;

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
 * Whether to follow after a scroll event. Scrolling up stops following; scrolling back to the end resumes it. Text that shrinks
 * (a sentence is replaced by a shorter one) also lowers `scrollTop`, but then the end is in view.
 */
export function afterScroll(before: Follow, { scrollTop, scrollHeight, viewHeight }: ScrollPosition): Follow {
  const nearEnd = scrollHeight - scrollTop - viewHeight <= NEAR_END_PX;
  const movedUp = scrollTop < before.scrollTop - USER_SCROLL_PX;
  return { following: nearEnd || (before.following && !movedUp), scrollTop };
}
