/** Width of what is uncovered, in px. */
export const ACTION_PX = 88;
/** Movements below this decide nothing yet. */
const DECIDE_PX = 8;
/** Past this share of the action's width, letting go opens (or closes). */
const SNAP = 0.4;

export interface Swipe {
  /** Where the finger came down, and how far the row was open then. */
  startX: number;
  startY: number;
  from: number;
  direction: 'open' | 'sideways' | 'vertical';
  /** How far the row is moved to the left, px. */
  offset: number;
}

export const swipeFrom = (x: number, y: number, offset: number): Swipe => ({
  startX: x,
  startY: y,
  from: offset,
  direction: 'open',
  offset,
});

/** The finger moved. The first clear movement decides once whether this is a swipe or a scroll of the page. */
export function swipeTo(swipe: Swipe, x: number, y: number): Swipe {
  const [dx, dy] = [swipe.startX - x, swipe.startY - y];
  let { direction } = swipe;
  if (direction === 'open' && Math.max(Math.abs(dx), Math.abs(dy)) >= DECIDE_PX) {
    direction = Math.abs(dx) > Math.abs(dy) ? 'sideways' : 'vertical';
  }
  const offset = direction === 'sideways' ? Math.min(ACTION_PX, Math.max(0, swipe.from + dx)) : swipe.from;
  return { ...swipe, direction, offset };
}

/** Where the row comes to rest. */
export function swipeEnd({ from, offset }: Swipe): number {
  const moved = offset - from;
  if (moved > ACTION_PX * SNAP) return ACTION_PX;
  return moved < -ACTION_PX * SNAP ? 0 : from;
}
