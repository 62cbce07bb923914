import type { Socket } from 'node:net';

/** How a link behaves for now. */
export interface LinkManners {
  /** Each piece is held back this long, ms; the order stays. */
  latencyMs: readonly [least: number, most: number];
  /** Bytes a second in each direction; undefined: as fast as it goes. */
  bytesPerSecond: number | undefined;
  /** Nothing goes on either way, and nothing is refused. */
  stalled: boolean;
}

export const GOOD_MANNERS: LinkManners = { latencyMs: [0, 0], bytesPerSecond: undefined, stalled: false };

/** More than this held back stops reading, so that the sender feels it. */
const MAX_HELD_BYTES = 65_536;
/** A slow link passes pieces of about this much time, ms. */
const SLICE_MS = 50;

/** One direction of a proxied connection. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #manners: () => LinkManners;
  readonly #random: () => number;
  #held: { bytes: Buffer; dueAt: number }[] = [];
  #heldBytes = 0;
  #newestDueAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #afterCut: (() => void) | undefined;
  /** It was cut: what comes behind must never arrive, TCP has no holes. */
  #dead = false;

  constructor(from: Socket, to: Socket, manners: () => LinkManners, random: () => number) {
    this.#from = from;
    this.#to = to;
    this.#manners = manners;
    this.#random = random;
    from.on('data', (bytes) => this.#take(bytes));
    from.on('end', () => {
      this.#ended = true;
      this.move();
    });
  }

  /** Taken and not passed on yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The next piece goes on in part only and nothing behind it, then `then` is called. */
  cutNext(then: () => void): void {
    this.#afterCut = then;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#held = [];
    this.#heldBytes = 0;
  }

  /** Passes on what is due; called again by itself while something is held. */
  move(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { stalled, bytesPerSecond } = this.#manners();
    if (stalled || this.#dead || this.#to.destroyed) return;
    let room = bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : (bytesPerSecond * SLICE_MS) / 1000;
    const now = performance.now();
    for (let first = this.#held[0]; first && first.dueAt <= now && room > 0; first = this.#held[0]) {
      const part = first.bytes.subarray(0, Math.ceil(room));
      room -= part.length;
      this.#heldBytes -= part.length;
      if (part.length === first.bytes.length) this.#held.shift();
      else first.bytes = first.bytes.subarray(part.length);
      this.#to.write(part);
    }
    if (this.#heldBytes <= MAX_HELD_BYTES && this.#from.isPaused()) this.#from.resume();
    const [next] = this.#held;
    if (next) this.#timer = setTimeout(() => this.move(), Math.max(SLICE_MS, next.dueAt - now));
    else if (this.#ended) this.#to.end();
  }

  #take(bytes: Buffer): void {
    if (this.#dead) return;
    if (this.#afterCut) {
      this.#cut(bytes, this.#afterCut);
      return;
    }
    const { latencyMs, bytesPerSecond, stalled } = this.#manners();
    const [least, most] = latencyMs;
    if (most === 0 && bytesPerSecond === undefined && !stalled && this.#held.length === 0) {
      this.#to.write(bytes);
      return;
    }
    const dueAt = performance.now() + least + this.#random() * (most - least);
    this.#newestDueAt = Math.max(this.#newestDueAt, dueAt);
    this.#held.push({ bytes, dueAt: this.#newestDueAt });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#from.pause();
    if (!this.#timer)
      this.#timer = setTimeout(() => this.move(), Math.max(0, this.#newestDueAt - performance.now()));
  }

  #cut(bytes: Buffer, then: () => void): void {
    this.#dead = true;
    // behind what is held back the piece does not arrive at all
    if (this.#held.length === 0)
      this.#to.write(bytes.subarray(0, Math.max(1, Math.floor(bytes.length * this.#random()))));
    then();
  }
}
