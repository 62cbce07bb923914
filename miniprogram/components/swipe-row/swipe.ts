/** Width of the action behind the row, px. */
export const ACTION_PX = 88;
/** A shorter movement has no direction yet, px. */
const DECIDE_PX = 8;
/** Moved by more than this share of the action's width, the row opens (or closes) when the finger is lifted. */
const SNAP = 0.4;

export interface Swipe {
  /** Where the touch started, px. */
  startX: number;
  startY: number;
  /** `offset` when the touch started. */
  from: number;
  direction: 'undecided' | 'horizontal' | 'vertical';
  /** Distance by which the row is moved to the left, px. */
  offset: number;
}

export const startSwipe = (x: number, y: number, offset: number): Swipe => ({
  startX: x,
  startY: y,
  from: offset,
  direction: 'undecided',
  offset,
});

/** After a movement. The first one of at least {@link DECIDE_PX} decides whether this is a swipe or a scroll of the page. */
export function moveSwipe(swipe: Swipe, x: number, y: number): Swipe {
  const [dx, dy] = [swipe.startX - x, swipe.startY - y];
  let { direction } = swipe;
  if (direction === 'undecided' && Math.max(Math.abs(dx), Math.abs(dy)) >= DECIDE_PX) {
    direction = Math.abs(dx) > Math.abs(dy) ? 'horizontal' : 'vertical';
  }
  const offset = direction === 'horizontal' ? Math.min(ACTION_PX, Math.max(0, swipe.from + dx)) : swipe.from;
  return { ...swipe, direction, offset };
}

/** The row's `offset` after the touch has ended. */
export function endSwipe({ from, offset }: Swipe): number {
  const moved = offset - from;
  if (moved > ACTION_PX * SNAP) return ACTION_PX;
  return moved < -ACTION_PX * SNAP ? 0 : from;
}
