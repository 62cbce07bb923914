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
 * Dispatches touch events for the mouse, as WeChat DevTools does: pages listen for touch events only.
 * After the first touch event the framework ignores mouse events, so that nothing is tapped twice.
 */
export const emulateTouchWithMouse = (window: Window): void => {
  /** What the mouse was pressed on. */
  let target: EventTarget | null = null;
  const translate = (mouse: 'mousedown' | 'mousemove' | 'mouseup', touch: string): void =>
    window.addEventListener(
      mouse,
      (event) => {
        if (mouse === 'mousedown' && event.button === 0) target = event.target;
        else if (mouse === 'mousedown') return;
        if (target === null) return;
        dispatch(touch, target, touchOf(event, target));
        if (mouse === 'mouseup') target = null;
      },
      { capture: true },
    );
  translate('mousedown', 'touchstart');
  translate('mousemove', 'touchmove');
  translate('mouseup', 'touchend');
};

/** Taps the middle of an element, as a finger does. */
export const tapElement = (element: Element): void => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  const touch = new Touch({
    identifier: MOUSE_ID,
    target: element,
    clientX: x,
    clientY: y,
    pageX: x,
    pageY: y,
  });
  dispatch('touchstart', element, touch);
  dispatch('touchend', element, touch);
};

type FrameworkElement = glassEasel.Element;
type FrameworkNode = Node & { __wxElement?: FrameworkElement };

/**
 * WeChat's `longpress`, which the framework leaves to its host. An element with a listener for it gets no `tap` after
 * a long press.
 */
export class LongPress {
  readonly #listening = new WeakSet<Element>();
  readonly #fire: (element: FrameworkElement, touch: Touch) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #from: Touch | undefined;
  #consumed = false;

  constructor(window: Window, fire: (element: FrameworkElement, touch: Touch) => void) {
    this.#fire = fire;
    const stop = (): void => clearTimeout(this.#timer);
    const options = { capture: true } as const;
    window.addEventListener('touchstart', (event) => this.#start(event), options);
    window.addEventListener('touchmove', (event) => this.#move(event), options);
    window.addEventListener('touchend', stop, options);
    window.addEventListener('touchcancel', stop, options);
  }

  /** Called when a listener for `longpress` is added to an element. */
  listenOn(element: Element): void {
    this.#listening.add(element);
  }

  /** Whether the touch that is ending was handled as a long press. */
  isTapConsumed(): boolean {
    return this.#consumed;
  }

  #start(event: TouchEvent): void {
    clearTimeout(this.#timer);
    this.#consumed = false;
    const touch = event.changedTouches[0];
    if (touch === undefined || event.touches.length > 1) return;
    this.#from = touch;
    this.#timer = setTimeout(() => this.#press(event.target as FrameworkNode | null, touch), LONG_PRESS_MS);
  }

  #move(event: TouchEvent): void {
    const touch = event.changedTouches[0];
    if (touch === undefined || this.#from === undefined) return;
    const moved = Math.hypot(touch.clientX - this.#from.clientX, touch.clientY - this.#from.clientY);
    if (moved > MOVE_LIMIT_PX) clearTimeout(this.#timer);
  }

  #press(target: FrameworkNode | null, touch: Touch): void {
    let node = target;
    let pressed: FrameworkElement | undefined;
    for (; node !== null; node = node.parentNode) {
      pressed ??= node.__wxElement;
      if (this.#listening.has(node as unknown as Element)) this.#consumed = true;
    }
    if (pressed !== undefined) this.#fire(pressed, touch);
  }
}
