import type { Clock } from '../../../lib/clock.ts';

/**
 * Time between two calls of `setData`, ms. What goes first may take the next turn before its time: at most 8 calls in any second, 7 a
 * second for long.
 */
export const SEND_EVERY_MS = 143;
/** Most data of one call of `setData`, UTF-8 bytes of JSON; WeChat advises against more. */
export const MAX_CALL_BYTES = 64 * 1024;
/** Room for the names and the punctuation that join the values of one call, bytes. */
const CALL_MARGIN_BYTES = 1024;

type Values = Record<string, unknown>;

/** Bytes of a value as JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  const json = JSON.stringify(value) ?? '';
  let bytes = 0;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    // Each half of a surrogate pair counts 2: together the 4 bytes of UTF-8.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return bytes;
}

const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** Collects one call of `setData` until it is full. */
class Call {
  readonly patch: Values = {};
  full = false;
  #bytes = CALL_MARGIN_BYTES;

  /** @returns false where the call has no room for it. An entry that alone exceeds the limit gets a call of its own. */
  add(path: string, value: unknown): boolean {
    const bytes = jsonBytes(path) + jsonBytes(value);
    if (this.#bytes + bytes > MAX_CALL_BYTES && this.#bytes > CALL_MARGIN_BYTES) {
      this.full = true;
      return false;
    }
    this.#bytes += bytes;
    this.patch[path] = value;
    return true;
  }

  /** As many of the first items as there is room for; at least one. */
  addFirst(path: string, items: readonly unknown[]): unknown[] {
    const taken: unknown[] = [];
    let bytes = this.#bytes + jsonBytes(path);
    for (const item of items) {
      bytes += jsonBytes(item) + 1;
      if (taken.length > 0 && bytes > MAX_CALL_BYTES) {
        this.full = true;
        break;
      }
      taken.push(item);
    }
    this.#bytes = bytes;
    this.patch[path] = taken;
    return taken;
  }
}

/**
 * What a page shows, sent to its view in small calls of `setData`: only what has changed, list items by their path (`rows[3]`), at
 * most 64 KB a call and 8 calls in a second, and nothing while the page is hidden. What does not
 * fit into a call follows in the next. What the user is waiting for goes first: see `setFirst`.
 * @example
 * view = new PageData<Data>((patch) => this.setData(patch), systemClock, this.data);
 * view.set({ rows, loading: false });
 */
export class PageData<T extends object> {
  readonly #send: (patch: Values) => void;
  readonly #clock: Clock;
  /** What the view has. */
  readonly #shown: Values;
  #wanted: Values = {};
  #visible = true;
  /** The next call's turn: the calls so far have used the time before it. */
  #turnAt = Number.NEGATIVE_INFINITY;
  /** Something that is wanted goes first. */
  #first = false;
  #timer: { at: number; cancel: () => void } | null = null;
  #waiting: (() => void)[] = [];

  /** @param send `setData` of the page or component @param initial its `data`, which the view has from the start */
  constructor(send: (patch: Record<string, unknown>) => void, clock: Clock, initial: Partial<T>) {
    this.#send = send;
    this.#clock = clock;
    this.#shown = { ...initial } as Values;
  }

  /** The values last set, or initial, whether or not they were sent. */
  get<K extends keyof T & string>(key: K): T[K] {
    return (key in this.#wanted ? this.#wanted[key] : this.#shown[key]) as T[K];
  }

  /** Values are not to be mutated afterwards. */
  set(values: Partial<T>): void {
    this.#wanted = { ...this.#wanted, ...values };
    this.#schedule();
  }

  /**
   * As `set`, for what the user is waiting for, such as recognised text: it does not wait for its turn because something else, such as a
   * meter, was drawn just before. Everything that was set goes in the same call.
   */
  setFirst(values: Partial<T>): void {
    this.#first = true;
    this.set(values);
  }

  /** Calls `fn` once everything that was set is sent. */
  whenShown(fn: () => void): void {
    if (Object.keys(this.#wanted).length === 0) fn();
    else this.#waiting.push(fn);
  }

  /** For the page's `onShow`. */
  show(): void {
    this.#visible = true;
    this.#schedule();
  }

  /** For the page's `onHide`: nothing is sent until `show`. */
  hide(): void {
    this.#visible = false;
    this.#stopTimer();
  }

  /** For the page's `onUnload`. */
  dispose(): void {
    this.hide();
    this.#wanted = {};
    this.#waiting = [];
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #schedule(): void {
    if (!this.#visible || Object.keys(this.#wanted).length === 0) return;
    const now = this.#clock.now();
    // Further ahead it is only where the clock was set back.
    this.#turnAt = Math.min(this.#turnAt, now + 2 * SEND_EVERY_MS);
    const at = Math.max(now, this.#first ? this.#turnAt - SEND_EVERY_MS : this.#turnAt);
    if (this.#timer !== null && this.#timer.at <= at) return;
    this.#stopTimer();
    // Not at once: values that are set in one turn go in one call.
    const cancel = this.#clock.after(at - now, () => {
      this.#timer = null;
      this.#flush();
    });
    this.#timer = { at, cancel };
  }

  #flush(): void {
    const call = new Call();
    for (const [key, value] of Object.entries(this.#wanted)) {
      const before = this.#shown[key];
      if (Array.isArray(value)) this.#addItems(call, key, value, Array.isArray(before) ? before : []);
      else if (isSame(before, value)) delete this.#wanted[key];
      else if (call.add(key, value)) {
        this.#shown[key] = value;
        delete this.#wanted[key];
      }
      if (call.full) break;
    }
    if (Object.keys(call.patch).length > 0) {
      this.#turnAt = Math.max(this.#clock.now(), this.#turnAt) + SEND_EVERY_MS;
      this.#send(call.patch);
    }
    if (Object.keys(this.#wanted).length === 0) {
      this.#first = false;
      for (const fn of this.#waiting.splice(0)) fn();
    }
    this.#schedule();
  }

  /** A list is replaced where it got shorter, because a path cannot remove; else its changed and new items are sent by path. */
  #addItems(call: Call, key: string, next: readonly unknown[], before: readonly unknown[]): void {
    if (next.length < before.length) {
      if (call.patch[key] === undefined && Object.keys(call.patch).length > 0) {
        // In a call of its own, so that it has all the room.
        call.full = true;
        return;
      }
      this.#shown[key] = call.addFirst(key, next);
    } else {
      const shown = [...before];
      for (let at = 0; at < next.length && !call.full; at++) {
        if (at < before.length && isSame(before[at], next[at])) continue;
        if (call.add(`${key}[${at}]`, next[at])) shown[at] = next[at];
      }
      this.#shown[key] = shown;
    }
    if (!call.full) delete this.#wanted[key];
  }
}
