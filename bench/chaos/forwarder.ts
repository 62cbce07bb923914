import type { Socket } from 'node:net';

/** How a link behaves at present, the same in both directions. */
export interface LinkConditions {
  /** Each chunk is delayed by a random time in this range, ms; the order stays. */
  latencyMs: readonly [least: number, most: number];
  /** Bytes per second in each direction; undefined: unlimited. */
  bytesPerSecond: number | undefined;
  /** Nothing is forwarded; connections stay open and new ones are accepted. */
  stalled: boolean;
}

export const PERFECT_LINK: LinkConditions = { latencyMs: [0, 0], bytesPerSecond: undefined, stalled: false };

/** Above this many queued bytes the source is no longer read, so that TCP slows the sender down. */
const MAX_QUEUED_BYTES = 65_536;
/** With limited bandwidth the queue is written in slices of about this much time, ms. */
const SLICE_MS = 50;

/** Forwards one direction of a proxied connection under the link's current conditions. */
export class Forwarder {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #conditions: () => LinkConditions;
  readonly #random: () => number;
  #queue: { bytes: Buffer; dueAt: number }[] = [];
  #queuedBytes = 0;
  #newestDueAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #sourceEnded = false;
  #onTruncated: (() => void) | undefined;
  /** A chunk was truncated: nothing after it may be forwarded, because TCP never leaves a gap. */
  #truncated = false;

  constructor(source: Socket, target: Socket, conditions: () => LinkConditions, random: () => number) {
    this.#source = source;
    this.#target = target;
    this.#conditions = conditions;
    this.#random = random;
    source.on('data', (bytes) => this.#receive(bytes));
    source.on('end', () => {
      this.#sourceEnded = true;
      this.flush();
    });
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Forwards only a part of the next chunk and nothing after it, then calls `onTruncated`. */
  truncateNext(onTruncated: () => void): void {
    this.#onTruncated = onTruncated;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** Writes what is due, and schedules itself again while something is queued. To be called when the conditions change. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { stalled, bytesPerSecond } = this.#conditions();
    if (stalled || this.#truncated || this.#target.destroyed) return;
    let budget = bytesPerSecond === undefined ? Number.POSITIVE_INFINITY : (bytesPerSecond * SLICE_MS) / 1000;
    const now = performance.now();
    for (let first = this.#queue[0]; first && first.dueAt <= now && budget > 0; first = this.#queue[0]) {
      const part = first.bytes.subarray(0, Math.ceil(budget));
      budget -= part.length;
      this.#queuedBytes -= part.length;
      if (part.length === first.bytes.length) this.#queue.shift();
      else first.bytes = first.bytes.subarray(part.length);
      this.#target.write(part);
    }
    if (this.#queuedBytes <= MAX_QUEUED_BYTES && this.#source.isPaused()) this.#source.resume();
    const [next] = this.#queue;
    if (next) this.#timer = setTimeout(() => this.flush(), Math.max(SLICE_MS, next.dueAt - now));
    else if (this.#sourceEnded) this.#target.end();
  }

  #receive(bytes: Buffer): void {
    if (this.#truncated) return;
    if (this.#onTruncated) {
      this.#truncate(bytes, this.#onTruncated);
      return;
    }
    const { latencyMs, bytesPerSecond, stalled } = this.#conditions();
    const [least, most] = latencyMs;
    if (most === 0 && bytesPerSecond === undefined && !stalled && this.#queue.length === 0) {
      this.#target.write(bytes);
      return;
    }
    const dueAt = performance.now() + least + this.#random() * (most - least);
    this.#newestDueAt = Math.max(this.#newestDueAt, dueAt);
    this.#queue.push({ bytes, dueAt: this.#newestDueAt });
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#source.pause();
    if (!this.#timer)
      this.#timer = setTimeout(() => this.flush(), Math.max(0, this.#newestDueAt - performance.now()));
  }

  #truncate(bytes: Buffer, onTruncated: () => void): void {
    this.#truncated = true;
    // with chunks still queued, no byte of this one may be written before them
    if (this.#queue.length === 0)
      this.#target.write(bytes.subarray(0, Math.max(1, Math.floor(bytes.length * this.#random()))));
    onTruncated();
  }
}
