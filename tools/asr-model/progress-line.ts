import type { Clock } from '../../lib/clock.ts';

/** A terminal's line is rewritten this often; elsewhere a line is printed this often, ms. */
const REWRITE_EVERY_MS = 200;
const PRINT_EVERY_MS = 5_000;
/** The speed is that of the last few seconds, ms. */
const SPEED_OVER_MS = 5_000;

interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

/** How long, for people: `1 分 5 秒`. */
const lasting = (seconds: number): string =>
  seconds < 60 ? `${Math.ceil(seconds)} 秒` : `${Math.floor(seconds / 60)} 分 ${Math.ceil(seconds % 60)} 秒`;

/** Says how far something large is: bytes, percent, speed, and how long it still takes. */
export class ProgressLine {
  readonly #what: string;
  readonly #output: Output;
  readonly #clock: Clock;
  #printedAt = Number.NEGATIVE_INFINITY;
  #seen: { at: number; bytes: number }[] = [];
  #open = false;

  /** @param what is being done, in a word: 下载 */
  constructor(what: string, output: Output, clock: Clock) {
    this.#what = what;
    this.#output = output;
    this.#clock = clock;
  }

  /** @param total undefined: not known */
  show(bytes: number, total: number | undefined): void {
    const now = this.#clock.now();
    this.#seen.push({ at: now, bytes });
    while ((this.#seen[0]?.at ?? now) < now - SPEED_OVER_MS) this.#seen.shift();
    const isOver = total !== undefined && bytes >= total;
    if (!isOver && now - this.#printedAt < (this.#output.isTTY ? REWRITE_EVERY_MS : PRINT_EVERY_MS)) return;
    this.#printedAt = now;
    const line = this.#line(bytes, total);
    this.#output.write(this.#output.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    this.#open = this.#output.isTTY === true;
  }

  /** Nothing more is shown; what is printed next begins on a line of its own. */
  end(): void {
    if (this.#open) this.#output.write('\n');
    this.#open = false;
    this.#seen = [];
    this.#printedAt = Number.NEGATIVE_INFINITY;
  }

  #line(bytes: number, total: number | undefined): string {
    const first = this.#seen[0];
    const passedMs = this.#clock.now() - (first?.at ?? 0);
    const perSecond = first === undefined || passedMs === 0 ? 0 : ((bytes - first.bytes) * 1000) / passedMs;
    const speed = perSecond > 0 ? `，每秒 ${megabytes(perSecond)} MB` : '';
    if (total === undefined) return `${this.#what} ${megabytes(bytes)} MB${speed}`;
    const left = perSecond > 0 && bytes < total ? `，还要 ${lasting((total - bytes) / perSecond)}` : '';
    const percent = Math.floor((bytes * 100) / total);
    return `${this.#what} ${megabytes(bytes)} / ${megabytes(total)} MB（${percent}%）${speed}${left}`;
  }
}
