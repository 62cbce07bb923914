import { type Problem, problemOf } from 'cloudbase-voice';
import type { SessionSummary } from '../../../contract/functions.ts';
import { MAX_QUERY_CHARS, MAX_SESSIONS_AT_ONCE } from '../../../contract/limits.ts';
import { cutText, wellFormed } from '../../../contract/text.ts';
import type { CloudApi } from '../../services/cloud.ts';
import type { DeletedSession } from '../../utils/recently-deleted.ts';
import { fetchPage, PAGE_SIZE, type Page } from './fetch-page.ts';
import { type Entry, entryOf, type Item, itemsOf, type ListRow, rowOf } from './items.ts';
import { isBefore, joined, lastPinnedFirst } from './order.ts';
import { Removals } from './removals.ts';
import { ListWindow, type Measured } from './window.ts';

export type { ListRow } from './items.ts';

export interface HistoryView {
  /** The part of the list that is in the view, with the empty areas before and behind it, px. */
  rows: ListRow[];
  beforePx: number;
  behindPx: number;
  /** The list has nothing in it. */
  empty: boolean;
  /** The first page is being loaded and there is nothing to show yet. */
  loading: boolean;
  loadingMore: boolean;
  /** The last page is loaded. */
  complete: boolean;
  /** As many are loaded as a phone keeps: older ones are found by searching. */
  full: boolean;
  query: string;
  /** Tags to filter by, and the one that is chosen; empty: all sessions. */
  tags: string[];
  tag: string;
  problem: Problem | null;
  /** What was just deleted and can be restored; empty: nothing. */
  undo: string;
  selecting: boolean;
  /** Selected sessions. */
  selected: number;
}

/** Most sessions that are kept of the list: about 1 KB each. */
const MAX_ENTRIES = 20_000;
/** The next page is loaded when fewer items than this follow what is seen. */
const LOAD_AHEAD_ITEMS = 20;

/**
 * The list of sessions: plain, of one tag, or searched. An answer to an older request than the last one is ignored, so a slow network
 * never mixes two lists. However long the list is, the view has a bounded part of it.
 */
export class HistoryModel {
  readonly #cloud: Pick<CloudApi, 'history'>;
  readonly #now: () => number;
  readonly #changed: (view: HistoryView) => void;
  readonly #removals: Removals;
  readonly #window = new ListWindow();
  #entries: Entry[] = [];
  #pinned: Entry[] = [];
  #tags: string[] = [];
  /** Sessions that the page shows as recordings of this phone. */
  #elsewhere: ReadonlySet<string> = new Set();
  /** Of all entries; null: to be made again. */
  #items: Item[] | null = null;
  #cursor: string | null = null;
  #complete = false;
  #query = '';
  #tag = '';
  #lastRequest = 0;
  #loading: 'no' | 'first' | 'more' = 'no';
  #problem: HistoryView['problem'] = null;
  #selected: Set<string> | null = null;

  constructor(cloud: Pick<CloudApi, 'history'>, now: () => number, changed: (view: HistoryView) => void) {
    this.#cloud = cloud;
    this.#now = now;
    this.#changed = changed;
    this.#removals = new Removals(cloud);
  }

  get view(): HistoryView {
    const items = this.#allItems();
    const now = this.#now();
    const selected = this.#selected ?? new Set();
    const tags = this.#tag === '' || this.#tags.includes(this.#tag) ? this.#tags : [this.#tag, ...this.#tags];
    return {
      rows: items.slice(this.#window.from, this.#window.to).map((item) => rowOf(item, selected, now)),
      beforePx: this.#window.beforePx,
      behindPx: this.#window.behindPx,
      empty: items.length === 0,
      loading: this.#loading === 'first' && items.length === 0,
      loadingMore: this.#loading === 'more',
      complete: this.#complete,
      full: this.#entries.length >= MAX_ENTRIES,
      query: this.#query,
      tags,
      tag: this.#tag,
      problem: this.#problem,
      undo: this.#removals.undoText,
      selecting: this.#selected !== null,
      selected: selected.size,
    };
  }

  /** A session of the list. */
  session(sessionId: string): SessionSummary | undefined {
    return [...this.#pinned, ...this.#entries].find(({ session }) => session.sessionId === sessionId)
      ?.session;
  }

  /** Index of the first sentence of a session that the search found; −1: none. */
  firstMatch(sessionId: string): number {
    const entry = this.#entries.find(({ session }) => session.sessionId === sessionId);
    return entry?.matches.find(({ index }) => index >= 0)?.index ?? -1;
  }

  // --- loading ----------------------------------------------------------------------------------------

  /** Loads the first page again. The list stays as it is until the answer arrives. */
  async refresh(): Promise<void> {
    await this.#load('first');
  }

  /** Looks for new sessions; later pages that are already loaded stay, so the scroll position stays, too. */
  async renew(): Promise<void> {
    await this.#load(this.#entries.length > PAGE_SIZE ? 'renew' : 'first');
  }

  /** Loads the next page, if there is one and nothing is being loaded. */
  async more(): Promise<void> {
    if (this.#complete || this.#loading !== 'no' || this.#entries.length >= MAX_ENTRIES) return;
    await this.#load(this.#entries.length === 0 ? 'first' : 'more');
  }

  /** Searches literally; an empty query is the plain list. */
  async search(query: string): Promise<void> {
    const wanted = cutText(wellFormed(query.trim()), MAX_QUERY_CHARS);
    if (wanted === this.#query) return;
    this.#query = wanted;
    await this.#startOver();
  }

  /** Shows only sessions of this tag; empty: all. */
  async filter(tag: string): Promise<void> {
    if (tag === this.#tag) return;
    this.#tag = tag;
    await this.#startOver();
  }

  /** Reads one session again, after it was opened and perhaps edited. */
  async reread(sessionId: string): Promise<void> {
    try {
      const { session } = await this.#cloud.history('get', { sessionId, limit: 1 });
      this.#update([sessionId], () => session);
    } catch {
      // The list stays as it is; a refresh by the user shows the error.
    }
  }

  // --- what is seen -----------------------------------------------------------------------------------

  scrolled(scrollTop: number): void {
    if (this.#window.scrolled(scrollTop)) this.#notify();
    if (this.#window.ahead < LOAD_AHEAD_ITEMS && this.#problem === null) void this.more();
  }

  measured(measured: Measured): void {
    if (this.#window.measured(measured)) this.#notify();
  }

  /** Leaves out the sessions that the page shows otherwise. */
  hide(sessionIds: readonly string[]): void {
    if (sessionIds.length === this.#elsewhere.size && sessionIds.every((id) => this.#elsewhere.has(id)))
      return;
    this.#elsewhere = new Set(sessionIds);
    this.#listChanged();
  }

  // --- changing sessions ------------------------------------------------------------------------------

  /** @throws VoiceError, LocalError */
  async rename(sessionId: string, typed: string): Promise<void> {
    const { title } = await this.#cloud.history('rename', { sessionId, title: wellFormed(typed) });
    this.#update([sessionId], (session) => ({ ...session, title }));
  }

  /** Pins a session, or takes that back; where the service refuses, the view says why. */
  async pin(sessionId: string, pinned: boolean): Promise<void> {
    try {
      const { pinnedAt } = await this.#cloud.history('pin', { sessionId, pinned });
      this.#update([sessionId], ({ pinnedAt: _, ...session }) => ({
        ...session,
        ...(pinnedAt !== null && { pinnedAt }),
      }));
      const entry = this.#entries.find(({ session }) => session.sessionId === sessionId);
      const others = this.#pinned.filter(({ session }) => session.sessionId !== sessionId);
      this.#pinned = pinnedAt !== null && entry ? [{ ...entry, matches: [] }, ...others] : others;
      this.#listChanged();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Replaces a session's tags. @throws VoiceError, LocalError */
  async setTags(sessionId: string, wanted: readonly string[]): Promise<void> {
    const { tags } = await this.#cloud.history('tags', { sessionId, tags: [...wanted] });
    this.#tags = [...tags, ...this.#tags.filter((tag) => !tags.includes(tag))];
    if (this.#tag !== '' && !tags.includes(this.#tag)) this.#take([sessionId]);
    this.#update([sessionId], ({ tags: _, ...session }) => ({
      ...session,
      ...(tags.length > 0 && { tags }),
    }));
  }

  /** Removes sessions from the list at once. Where the service refuses, puts them back and resolves with none. */
  async remove(sessionIds: readonly string[]): Promise<DeletedSession[]> {
    const entries = this.#take(sessionIds);
    if (entries.length === 0) return [];
    const request = this.#removals.remove(entries);
    this.#notify();
    try {
      return await request;
    } catch (error) {
      this.#putBack(entries);
      this.#fail(error);
      return [];
    }
  }

  /** Restores what was deleted last. Resolves with the ids; with none where that failed. */
  async undo(): Promise<string[]> {
    const request = this.#removals.undo();
    this.#notify();
    try {
      const restored = await request;
      this.#putBack(restored);
      return restored.map(({ session }) => session.sessionId);
    } catch (error) {
      this.#fail(error);
      return [];
    }
  }

  /** Restores a session that was deleted earlier, and loads the list again. Resolves with whether it worked. */
  async restore(sessionId: string): Promise<boolean> {
    try {
      await this.#cloud.history('restore', { sessionId });
    } catch (error) {
      this.#fail(error);
      return false;
    }
    await this.refresh();
    return true;
  }

  forgetUndo(): void {
    this.#removals.forget();
    this.#notify();
  }

  // --- selecting --------------------------------------------------------------------------------------

  /** In the order of the list. */
  get selected(): string[] {
    const ids = [...this.#pinned, ...this.#entries].map(({ session }) => session.sessionId);
    return [...new Set(ids)].filter((id) => this.#selected?.has(id));
  }

  /** Begins to select. */
  select(sessionId: string): void {
    this.#selected = new Set([sessionId]);
    this.#notify();
  }

  /** @returns false: no more can be selected */
  toggle(sessionId: string): boolean {
    const selected = this.#selected;
    if (selected === null) return true;
    if (!selected.delete(sessionId)) {
      if (selected.size >= MAX_SESSIONS_AT_ONCE) return false;
      selected.add(sessionId);
    }
    this.#notify();
    return true;
  }

  endSelecting(): void {
    this.#selected = null;
    this.#notify();
  }

  // ----------------------------------------------------------------------------------------------------

  async #startOver(): Promise<void> {
    this.#entries = [];
    this.#pinned = [];
    this.#selected = null;
    this.#items = null;
    // What was deleted from another list does not belong into this one; 「最近删除」 restores it.
    this.#removals.forget();
    await this.#load('first');
  }

  async #load(which: 'first' | 'renew' | 'more'): Promise<void> {
    const request = ++this.#lastRequest;
    this.#loading = which === 'more' ? 'more' : 'first';
    this.#problem = null;
    this.#notify();
    try {
      const page = await fetchPage(this.#cloud, {
        query: this.#query,
        tag: this.#tag,
        cursor: which === 'more' ? this.#cursor : null,
      });
      if (request !== this.#lastRequest) return;
      this.#takePage(page, which);
    } catch (error) {
      if (request !== this.#lastRequest) return;
      this.#problem = problemOf(error);
    }
    this.#loading = 'no';
    this.#listChanged();
  }

  #takePage({ entries, cursor, pinned, tags }: Page, which: 'first' | 'renew' | 'more'): void {
    this.#pinned = pinned ?? this.#pinned;
    this.#tags = tags ?? this.#tags;
    if (which === 'renew') {
      const oldest = entries[entries.length - 1]?.session;
      const later = oldest ? this.#entries.filter(({ session }) => isBefore(oldest, session)) : [];
      this.#entries = joined(entries, later);
      return;
    }
    this.#entries = which === 'more' ? joined(this.#entries, entries) : entries;
    this.#cursor = cursor;
    this.#complete = cursor === null;
  }

  #allItems(): Item[] {
    if (this.#items === null) {
      const pinned = new Set(this.#pinned.map(({ session }) => session.sessionId));
      const shown = ({ session }: Entry) => !this.#elsewhere.has(session.sessionId);
      this.#items = itemsOf(
        this.#pinned.filter(shown),
        this.#entries.filter((entry) => shown(entry) && !pinned.has(entry.session.sessionId)),
        this.#now(),
      );
      this.#window.setItems(this.#items.map(({ kind }) => kind));
    }
    return this.#items;
  }

  /** Changes sessions wherever they stand in the list. */
  #update(sessionIds: readonly string[], change: (session: SessionSummary) => SessionSummary): void {
    const changed = (entry: Entry): Entry =>
      sessionIds.includes(entry.session.sessionId)
        ? { ...entryOf(change(entry.session)), matches: entry.matches }
        : entry;
    this.#entries = this.#entries.map(changed);
    this.#pinned = this.#pinned.map(changed);
    this.#listChanged();
  }

  /** Takes sessions out of the list. @returns those that were in it */
  #take(sessionIds: readonly string[]): Entry[] {
    const isMeant = ({ session }: Entry) => sessionIds.includes(session.sessionId);
    const taken = joined(this.#entries.filter(isMeant), this.#pinned.filter(isMeant));
    this.#entries = this.#entries.filter((entry) => !isMeant(entry));
    this.#pinned = this.#pinned.filter((entry) => !isMeant(entry));
    this.#selected = null;
    this.#items = null;
    return taken;
  }

  /** Puts sessions where they belong. */
  #putBack(entries: readonly Entry[]): void {
    this.#entries = joined(this.#entries, entries);
    const pinned = entries.filter(({ session }) => session.pinnedAt !== undefined && this.#query === '');
    this.#pinned = lastPinnedFirst(joined(this.#pinned, pinned));
    this.#listChanged();
  }

  #fail(error: unknown): void {
    this.#problem = problemOf(error);
    this.#notify();
  }

  #listChanged(): void {
    this.#items = null;
    this.#notify();
  }

  #notify(): void {
    this.#changed(this.view);
  }
}
