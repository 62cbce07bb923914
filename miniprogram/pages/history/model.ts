import type { HistoryAnswers, SearchMatch, SessionSummary } from '../../../contract/functions.ts';
import { MAX_QUERY_CHARS } from '../../../contract/limits.ts';
import { cutText, wellFormed } from '../../../contract/text.ts';
import type { CloudApi } from '../../services/cloud.ts';
import { type Problem, problemOf } from '../../services/error-text.ts';
import { excerptOf, type Segment } from '../../utils/highlight.ts';
import { type SummaryView, summaryView } from '../../utils/summary.ts';

export interface HistoryRow extends SummaryView {
  /** Sentences that a search found; empty in the plain list. */
  matches: { key: string; segments: Segment[] }[];
}

export interface HistoryView {
  rows: HistoryRow[];
  /** The first page is being loaded and there is nothing to show yet. */
  loading: boolean;
  loadingMore: boolean;
  /** The last page is loaded. */
  complete: boolean;
  query: string;
  problem: Problem | null;
  /** Title of the session that was just deleted and can be restored; empty: none. */
  undo: string;
}

export interface RemovedSession {
  sessionId: string;
  title: string;
  restorableUntil: number;
}

interface Entry {
  session: SessionSummary;
  matches: SearchMatch[];
}
interface Deletion {
  entry: Entry;
  /** The entry behind it, so that it is restored to its place. */
  beforeId: string | undefined;
  /** Settles when the service has answered: `restore` must not be sent before. */
  answered: Promise<unknown>;
}
type HistoryCloud = Pick<CloudApi, 'history'>;

const PAGE_SIZE = 20;
/** Matches shown of one session; the others are on its own page. */
const MATCHES_SHOWN = 3;

/** Two pages joined; an entry of both is taken once. */
function joinPages(first: Entry[], second: Entry[]): Entry[] {
  const known = new Set(first.map(({ session }) => session.sessionId));
  return [...first, ...second.filter(({ session }) => !known.has(session.sessionId))];
}

/**
 * The list of sessions, plain or searched. An answer to an older request than the last one is ignored, so a slow network never
 * mixes two lists.
 */
export class HistoryModel {
  readonly #cloud: HistoryCloud;
  readonly #now: () => number;
  readonly #changed: (view: HistoryView) => void;
  #entries: Entry[] = [];
  #cursor: string | null = null;
  #complete = false;
  #query = '';
  #lastRequest = 0;
  #loading: 'no' | 'first' | 'more' = 'no';
  #problem: HistoryView['problem'] = null;
  #lastDeletion: Deletion | null = null;

  constructor(cloud: HistoryCloud, now: () => number, changed: (view: HistoryView) => void) {
    this.#cloud = cloud;
    this.#now = now;
    this.#changed = changed;
  }

  get view(): HistoryView {
    const now = this.#now();
    return {
      rows: this.#entries.map(({ session, matches }) => ({
        ...summaryView(session, now),
        matches: matches.slice(0, MATCHES_SHOWN).map((match) => ({
          key: String(match.index),
          segments: excerptOf(match.text, match.ranges),
        })),
      })),
      loading: this.#loading === 'first' && this.#entries.length === 0,
      loadingMore: this.#loading === 'more',
      complete: this.#complete,
      query: this.#query,
      problem: this.#problem,
      undo: this.#lastDeletion ? summaryView(this.#lastDeletion.entry.session, now).title : '',
    };
  }

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
    if (this.#complete || this.#loading !== 'no') return;
    await this.#load(this.#entries.length === 0 ? 'first' : 'more');
  }

  /** Searches literally; an empty query is the plain list. */
  async search(query: string): Promise<void> {
    const wanted = cutText(wellFormed(query.trim()), MAX_QUERY_CHARS);
    if (wanted === this.#query) return;
    this.#query = wanted;
    this.#entries = [];
    await this.#load('first');
  }

  /** Removes it from the list at once. Where the service refuses, puts it back and resolves with null. */
  async remove(sessionId: string): Promise<RemovedSession | null> {
    const at = this.#entries.findIndex(({ session }) => session.sessionId === sessionId);
    const entry = this.#entries[at];
    if (entry === undefined) return null;
    const request = this.#cloud.history('delete', { sessionId });
    const beforeId = this.#entries[at + 1]?.session.sessionId;
    const deletion = { entry, beforeId, answered: request.catch(() => {}) };
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#lastDeletion = deletion;
    this.#notify();
    try {
      const { restorableUntil } = await request;
      return { sessionId, title: summaryView(entry.session, this.#now()).title, restorableUntil };
    } catch (error) {
      this.#putBack(deletion);
      this.#fail(error);
      return null;
    }
  }

  /** Restores the session that was deleted last. Resolves with its id, or with null where that failed. */
  async undo(): Promise<string | null> {
    const deletion = this.#lastDeletion;
    if (deletion === null) return null;
    this.#lastDeletion = null;
    this.#notify();
    await deletion.answered;
    try {
      const { sessionId } = deletion.entry.session;
      await this.#cloud.history('restore', { sessionId });
      this.#putBack(deletion);
      this.#notify();
      return sessionId;
    } catch (error) {
      this.#fail(error);
      return null;
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
    this.#lastDeletion = null;
    this.#notify();
  }

  /** Reads one session again, after it was opened and perhaps edited. */
  async reread(sessionId: string): Promise<void> {
    try {
      const { session } = await this.#cloud.history('get', { sessionId, limit: 1 });
      this.#entries = this.#entries.map((entry) =>
        entry.session.sessionId === sessionId ? { ...entry, session } : entry,
      );
      this.#notify();
    } catch {
      // The list stays as it is; a refresh by the user shows the error.
    }
  }

  async #load(which: 'first' | 'renew' | 'more'): Promise<void> {
    const request = ++this.#lastRequest;
    this.#loading = which === 'more' ? 'more' : 'first';
    this.#problem = null;
    this.#notify();
    const cursor = which === 'more' ? this.#cursor : null;
    try {
      const answer = await this.#fetchPage(cursor);
      if (request !== this.#lastRequest) return;
      if (which === 'renew') {
        const oldest =
          answer.entries[answer.entries.length - 1]?.session.startedAt ?? Number.POSITIVE_INFINITY;
        const later = this.#entries.filter(({ session }) => session.startedAt < oldest);
        this.#entries = joinPages(answer.entries, later);
      } else {
        this.#entries = which === 'more' ? joinPages(this.#entries, answer.entries) : answer.entries;
        this.#cursor = answer.cursor;
        this.#complete = answer.cursor === null;
      }
    } catch (error) {
      if (request !== this.#lastRequest) return;
      this.#fail(error);
    }
    this.#loading = 'no';
    this.#notify();
  }

  async #fetchPage(cursor: string | null): Promise<{ entries: Entry[]; cursor: string | null }> {
    if (this.#query === '') {
      const answer: HistoryAnswers['list'] = await this.#cloud.history('list', { cursor, limit: PAGE_SIZE });
      return { entries: answer.items.map((session) => ({ session, matches: [] })), cursor: answer.cursor };
    }
    const answer = await this.#cloud.history('search', { query: this.#query, cursor });
    return { entries: answer.items, cursor: answer.cursor };
  }

  #putBack({ entry, beforeId }: Deletion): void {
    if (this.#lastDeletion?.entry === entry) this.#lastDeletion = null;
    if (this.#entries.some(({ session }) => session.sessionId === entry.session.sessionId)) return;
    const at = this.#entries.findIndex(({ session }) => session.sessionId === beforeId);
    const place = at < 0 ? this.#entries.length : at;
    this.#entries = [...this.#entries.slice(0, place), entry, ...this.#entries.slice(place)];
  }

  #fail(error: unknown): void {
    this.#problem = problemOf(error);
    this.#notify();
  }

  #notify(): void {
    this.#changed(this.view);
  }
}
