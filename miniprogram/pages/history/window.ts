/** Most items of the list that the view has at a time. */
export const WINDOW_ITEMS = 48;
/** The window moves when fewer items than this lie between what is seen and its end. */
const MARGIN_ITEMS = 10;
/** Until the first of a kind is measured, px: a session's lines, its chips, a further found sentence, a heading. */
const ESTIMATES_PX = { session: 128, chips: 28, match: 26, day: 44 };
const MAX_MATCHES = 9;

/** Names a kind of item: all items of one kind have the same height. */
export const kindOf = (matches: number, chips: boolean): string => `r${matches}${chips ? 'c' : ''}`;
export const DAY_KIND = 'day';

function estimateOf(kind: string): number {
  if (kind === DAY_KIND) return ESTIMATES_PX.day;
  const matches = Math.min(MAX_MATCHES, Number(kind.charAt(1)));
  const lines = matches > 0 ? (matches - 1) * ESTIMATES_PX.match : 0;
  return ESTIMATES_PX.session + lines + (kind.endsWith('c') ? ESTIMATES_PX.chips : 0);
}

/** What a page measures, px. */
export interface Measured {
  /** Of the first item of each kind that is in the view. */
  heights: ReadonlyMap<string, number>;
  /** Distance of the list's upper edge from the page's. */
  listTopPx: number;
  viewportPx: number;
}

/**
 * Which items of a long list the view has: {@link WINDOW_ITEMS} around what is seen. The others are two empty areas as high as they
 * would be, so that the page scrolls as if all were there.
 */
export class ListWindow {
  readonly #heights = new Map<string, number>();
  #kinds: readonly string[] = [];
  /** `#offsets[i]`: where item i begins, px; one more than there are items. */
  #offsets: number[] = [0];
  #scrollTop = 0;
  #listTopPx = 0;
  #viewportPx = 800;
  #from = 0;
  #to = 0;

  get from(): number {
    return this.#from;
  }
  /** Behind the last one. */
  get to(): number {
    return this.#to;
  }
  get beforePx(): number {
    return this.#offsets[this.#from] as number;
  }
  get behindPx(): number {
    return (this.#offsets[this.#kinds.length] as number) - (this.#offsets[this.#to] as number);
  }
  /** Items behind the last one that is seen. */
  get ahead(): number {
    return this.#kinds.length - this.#seen().to;
  }

  /** @param kinds of all items, in order */
  setItems(kinds: readonly string[]): void {
    this.#kinds = kinds;
    this.#layOut();
  }

  /** @returns whether the window has moved */
  scrolled(scrollTop: number): boolean {
    this.#scrollTop = scrollTop;
    return this.#place();
  }

  /** @returns whether anything is different from what was assumed */
  measured({ heights, listTopPx, viewportPx }: Measured): boolean {
    const changed = [...heights].filter(([kind, px]) => px > 0 && this.#heights.get(kind) !== px);
    if (changed.length === 0 && listTopPx === this.#listTopPx && viewportPx === this.#viewportPx)
      return false;
    for (const [kind, px] of changed) this.#heights.set(kind, px);
    this.#listTopPx = listTopPx;
    this.#viewportPx = viewportPx;
    this.#layOut();
    return true;
  }

  #layOut(): void {
    let at = 0;
    const offsets = [0];
    for (const kind of this.#kinds) {
      at += this.#heights.get(kind) ?? estimateOf(kind);
      offsets.push(at);
    }
    this.#offsets = offsets;
    this.#place();
  }

  #seen(): { from: number; to: number } {
    const top = this.#scrollTop - this.#listTopPx;
    return {
      from: this.#itemAt(top),
      to: Math.min(this.#kinds.length, this.#itemAt(top + this.#viewportPx) + 1),
    };
  }

  /** The item at a height, the first or the last where it lies outside. */
  #itemAt(px: number): number {
    let [low, high] = [0, Math.max(0, this.#kinds.length - 1)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#offsets[middle] as number) <= px) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #place(): boolean {
    const { length } = this.#kinds;
    const seen = this.#seen();
    const isFull = this.#to - this.#from === Math.min(WINDOW_ITEMS, length) && this.#to <= length;
    const enough =
      seen.from - this.#from >= Math.min(MARGIN_ITEMS, seen.from) &&
      this.#to - seen.to >= Math.min(MARGIN_ITEMS, length - seen.to);
    if (isFull && enough) return false;
    const before = Math.floor(Math.max(0, WINDOW_ITEMS - (seen.to - seen.from)) / 2);
    const from = Math.max(0, Math.min(seen.from - before, length - WINDOW_ITEMS));
    const to = Math.min(length, from + WINDOW_ITEMS);
    const moved = from !== this.#from || to !== this.#to;
    this.#from = from;
    this.#to = to;
    return moved;
  }
}
