import type { glassEasel } from 'glass-easel-miniprogram-adapter';

/** WeChat's `longpress` comes after this long without a move of more than {@link MOVE_LIMIT_PX}. */
const LONG_PRESS_MS = 350;
const MOVE_LIMIT_PX = 10;
const MOUSE_ID = 1;

const touchOf = (event: MouseEvent, target: EventTarget): Touch =>
  new Touch({
    identifier: MOUSE_ID,
    target,
    clientX: event.clientX,
    clientY: event.clientY,
    pageX: event.pageX,
    pageY: event.pageY,
    screenX: event.screenX,
    screenY: event.screenY,
  });

const dispatch = (type: string, target: EventTarget, touch: Touch): void => {
  const ended = type === 'touchend';
  target.dispatchEvent(
    new TouchEvent(type, {
      bubbles: true,
      cancelable: true,
      composed: true,
      touches: ended ? [] : [touch],
      targetTouches: ended ? [] : [touch],
      changedTouches: [touch],
    }),
  );
};

/**
 * A mouse works as a finger, as in WeChat DevTools: pages listen for touch events only.
 * Once a touch was seen the framework ignores the mouse, so nothing is tapped twice.
 */
export const useMouseAsFinger = (window: Window): void => {
  let target: EventTarget | undefined;
  const options = { capture: true } as const;
  window.addEventListener(
    'mousedown',
    (event) => {
      if (event.button !== 0 || event.target === null) return;
      target = event.target;
      dispatch('touchstart', target, touchOf(event, target));
    },
    options,
  );
  window.addEventListener(
    'mousemove',
    (event) => {
      if (target !== undefined) dispatch('touchmove', target, touchOf(event, target));
    },
    options,
  );
  window.addEventListener(
    'mouseup',
    (event) => {
      if (target === undefined) return;
      const from = target;
      target = undefined;
      dispatch('touchend', from, touchOf(event, from));
    },
    options,
  );
};

/** Calls `fire` with the framework's element under the finger when it has rested there. */
export const watchLongPress = (
  window: Window,
  fire: (element: glassEasel.Element, touch: Touch) => void,
): void => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from: Touch | undefined;
  const stop = (): void => clearTimeout(timer);
  window.addEventListener('touchstart', (event) => {
    stop();
    const touch = event.changedTouches[0];
    if (touch === undefined) return;
    from = touch;
    timer = setTimeout(() => {
      let node = event.target as (Node & { __wxElement?: glassEasel.Element }) | null;
      while (node !== null && node.__wxElement === undefined) node = node.parentNode;
      if (node?.__wxElement !== undefined) fire(node.__wxElement, touch);
    }, LONG_PRESS_MS);
  });
  window.addEventListener('touchmove', (event) => {
    const touch = event.changedTouches[0];
    if (touch === undefined || from === undefined) return;
    if (Math.hypot(touch.clientX - from.clientX, touch.clientY - from.clientY) > MOVE_LIMIT_PX) stop();
  });
  window.addEventListener('touchend', stop);
  window.addEventListener('touchcancel', stop);
};
