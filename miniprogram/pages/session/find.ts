import { errorTextOf } from 'cloudbase-voice';
import type { SentenceView } from '../../../contract/functions.ts';
import { literalFinder } from '../../../lib/literal-search.ts';

/** What the find bar shows. */
export interface FindView {
  open: boolean;
  text: string;
  /** What the hits are of; empty before the first search. */
  query: string;
  /** Sentences that contain it, and which of them is shown, from 1; 0: none. */
  total: number;
  current: number;
  busy: boolean;
  problem: string;
}

export const CLOSED_FIND: FindView = {
  open: false,
  text: '',
  query: '',
  total: 0,
  current: 0,
  busy: false,
  problem: '',
};
/** No sentence is marked. */
export const NONE = -1;

export interface FindDeps {
  /** A part of the search; `cursor` goes on. */
  find(query: string, cursor: string | null): Promise<{ indexes: number[]; cursor: string | null }>;
  /** Shows a sentence, and marks it. */
  show(index: number): Promise<void>;
  highlight(query: string): void;
  /** Index of the first sentence that is shown: the search begins there. */
  firstShown(): number;
}

/** Search within one session: which sentences contain a text, one after another. */
export class FindModel {
  readonly #deps: FindDeps;
  readonly #changed: (view: FindView) => void;
  #view = CLOSED_FIND;
  /** Not in the view while it is typed: sent back, an older text would overwrite what is typed meanwhile. */
  #typed = '';
  /** Indexes of the hits, ascending. */
  #hits: number[] = [];
  /** Number of searches begun: an earlier one's answer is dropped. */
  #searches = 0;

  constructor(deps: FindDeps, changed: (view: FindView) => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  get query(): string {
    return this.#view.query;
  }

  open(): void {
    this.#set({ open: true });
    this.#deps.highlight(this.#view.query);
  }

  /** The hits stay for the next time that it is opened. */
  close(): void {
    this.#set({ open: false, text: this.#typed });
    this.#deps.highlight('');
  }

  type(text: string): void {
    this.#typed = text;
  }

  /** Searches for what was typed; asked again, shows the next hit. */
  async submit(): Promise<void> {
    const query = this.#typed.trim();
    if (query === '' || query === this.#view.query) return this.#view.total > 0 ? this.next() : undefined;
    await this.#search(query);
    const from = this.#deps.firstShown();
    const first = this.#hits.find((index) => index >= from) ?? this.#hits[0];
    if (first !== undefined && this.#view.query === query) await this.#goTo(first);
  }

  /** Opens at a hit that was found elsewhere: a search of all records. */
  async openAt(query: string, index: number): Promise<void> {
    this.#typed = query;
    this.#set({ open: true, text: query });
    this.#deps.highlight(query);
    await Promise.all([this.#search(query), this.#deps.show(index)]);
    this.#set({ current: this.#hits.indexOf(index) + 1 });
  }

  /** Searches again for the same, where sentences were changed. */
  async refresh(): Promise<void> {
    const { query } = this.#view;
    if (query === '') return;
    const at = this.#hits[this.#view.current - 1] ?? 0;
    await this.#search(query);
    this.#set({ current: this.#hits.indexOf(at) + 1 });
  }

  next(): Promise<void> {
    const { current } = this.#view;
    return this.#goToHit(current >= this.#hits.length ? 0 : current);
  }

  previous(): Promise<void> {
    const { current } = this.#view;
    return this.#goToHit((current <= 1 ? this.#hits.length : current - 1) - 1);
  }

  /** A sentence was edited: it may have become a hit, or no longer be one. */
  update({ index, text }: SentenceView): void {
    const { query } = this.#view;
    if (query === '') return;
    const at = this.#hits[this.#view.current - 1];
    const others = this.#hits.filter((hit) => hit !== index);
    const isHit = literalFinder(query)(text).length > 0;
    this.#hits = isHit ? [...others, index].sort((a, b) => a - b) : others;
    this.#set({ total: this.#hits.length, current: at === undefined ? 0 : this.#hits.indexOf(at) + 1 });
  }

  async #search(query: string): Promise<void> {
    this.#searches += 1;
    const search = this.#searches;
    this.#set({ busy: true, problem: '' });
    const hits: number[] = [];
    try {
      let cursor: string | null = null;
      do {
        const part: { indexes: number[]; cursor: string | null } = await this.#deps.find(query, cursor);
        if (search !== this.#searches) return;
        hits.push(...part.indexes);
        cursor = part.cursor;
      } while (cursor !== null);
      this.#hits = hits;
      this.#set({ query, total: hits.length, current: 0 });
      if (this.#view.open) this.#deps.highlight(query);
    } catch (error) {
      if (search !== this.#searches) return;
      const { title, hint } = errorTextOf(error);
      this.#set({ problem: `${title}。${hint}` });
    }
    this.#set({ busy: false });
  }

  async #goToHit(at: number): Promise<void> {
    const index = this.#hits[at];
    if (index !== undefined) await this.#goTo(index);
  }

  async #goTo(index: number): Promise<void> {
    this.#set({ current: this.#hits.indexOf(index) + 1 });
    await this.#deps.show(index);
  }

  #set(change: Partial<FindView>): void {
    this.#view = { ...this.#view, ...change };
    this.#changed(this.#view);
  }
}
