/** How far a finger must pull a list that stands at its top before it refreshes. */
const PULL_PX = 60;

/** Calls `refresh` when a finger pulls `scroller` down from its top and lets go. */
export const watchPull = (scroller: HTMLElement, enabled: () => boolean, refresh: () => void): void => {
  let startY: number | undefined;
  let pulled = 0;
  scroller.addEventListener('touchstart', (event) => {
    startY = enabled() && scroller.scrollTop <= 0 ? event.touches[0]?.clientY : undefined;
    pulled = 0;
  });
  scroller.addEventListener(
    'touchmove',
    (event) => {
      const y = event.touches[0]?.clientY;
      if (startY !== undefined && y !== undefined) pulled = scroller.scrollTop <= 0 ? y - startY : 0;
    },
    { passive: true },
  );
  scroller.addEventListener('touchend', () => {
    if (startY !== undefined && pulled > PULL_PX) refresh();
    startY = undefined;
  });
};
