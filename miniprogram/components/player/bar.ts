/** Where the position bar is on the screen, px. */
export interface BarRect {
  left: number;
  width: number;
}

/** The position that a touch of the bar means. */
export function positionAt(x: number, { left, width }: BarRect, durationMs: number): number {
  const share = width > 0 ? (x - left) / width : 0;
  return Math.round(Math.max(0, Math.min(1, share)) * durationMs);
}
