import type { HistoryAnswers, SearchMatch, SessionSummary } from '../../../contract/functions.ts';
import type { Cloud } from '../../services/cloud.ts';
import { type Problem, problemOf } from '../../services/error-text.ts';
import { excerptOf, type Segment } from '../../utils/highlight.ts';
import { type SummaryView, summaryView } from '../../utils/summary.ts';

export interface HistoryRow extends SummaryView {
  /** Where a search hit it; empty in the plain list. */
  matches: { key: string; segments: Segment[] }[];
}

export interface HistoryView {
  rows: HistoryRow[];
  /** The first page is on its way and there is nothing to show yet. */
  loading: boolean;
  loadingMore: boolean;
  /** Nothing more to come. */
  complete: boolean;
  query: string;
  problem: Problem | null;
  /** Title of what was just deleted and can be brought back. */
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
interface Deleted {
  entry: Entry;
  /** The entry it stood before, so that it comes back to its place. */
  beforeId: string | undefined;
  /** Settled when the service has answered: a restore must not overtake its delete. */
  answered: Promise<unknown>;
}
type HistoryCloud = Pick<Cloud, 'history'>;

const PAGE_SIZE = 20;
/** Matches shown of one session; the others are on its own page. */
const MATCHES_SHOWN = 3;

/** Two pages as one; what stands in both is taken once. */
function joined(first: Entry[], second: Entry[]): Entry[] {
  const known = new Set(first.map(({ session }) => session.sessionId));
  return [...first, ...second.filter(({ session }) => !known.has(session.sessionId))];
}

/**
 * The list of sessions, plain or searched. An answer that comes after something else was asked for is thrown away, so
 * slow networks never mix two lists.
 */
export class HistoryModel {
  readonly #cloud: HistoryCloud;
  readonly #now: () => number;
  readonly #changed: (view: HistoryView) => void;
  #entries: Entry[] = [];
  #cursor: string | null = null;
  #complete = false;
  #query = '';
  #question = 0;
  #busy: 'no' | 'first' | 'more' = 'no';
  #problem: HistoryView['problem'] = null;
  #deleted: Deleted | null = null;

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
      loading: this.#busy === 'first' && this.#entries.length === 0,
      loadingMore: this.#busy === 'more',
      complete: this.#complete,
      query: this.#query,
      problem: this.#problem,
      undo: this.#deleted ? summaryView(this.#deleted.entry.session, now).title : '',
    };
  }

  /** Loads the first page anew. What is shown stays until the answer is there. */
  async refresh(): Promise<void> {
    await this.#load('first');
  }

  /** Looks for new sessions; later pages that were already loaded stay, and so does the reader's place. */
  async renew(): Promise<void> {
    await this.#load(this.#entries.length > PAGE_SIZE ? 'renew' : 'first');
  }

  /** Loads the next page, if there is one and none is on its way. */
  async more(): Promise<void> {
    if (this.#complete || this.#busy !== 'no') return;
    await this.#load(this.#entries.length === 0 ? 'first' : 'more');
  }

  /** Searches literally; an empty query is the plain list. */
  async search(query: string): Promise<void> {
    const wanted = query.trim().slice(0, 50);
    if (wanted === this.#query) return;
    this.#query = wanted;
    this.#entries = [];
    await this.#load('first');
  }

  /** Deletes at once on the screen; comes back, and answers null, where the service refuses. */
  async remove(sessionId: string): Promise<RemovedSession | null> {
    const at = this.#entries.findIndex(({ session }) => session.sessionId === sessionId);
    const entry = this.#entries[at];
    if (entry === undefined) return null;
    const request = this.#cloud.history('delete', { sessionId });
    const beforeId = this.#entries[at + 1]?.session.sessionId;
    const deleted = { entry, beforeId, answered: request.catch(() => {}) };
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#deleted = deleted;
    this.#tell();
    try {
      const { restorableUntil } = await request;
      return { sessionId, title: summaryView(entry.session, this.#now()).title, restorableUntil };
    } catch (error) {
      this.#putBack(deleted);
      this.#fail(error);
      return null;
    }
  }

  /** Brings back what was deleted last; answers its id, or null where that failed. */
  async undo(): Promise<string | null> {
    const deleted = this.#deleted;
    if (deleted === null) return null;
    this.#deleted = null;
    this.#tell();
    await deleted.answered;
    try {
      const { sessionId } = deleted.entry.session;
      await this.#cloud.history('restore', { sessionId });
      this.#putBack(deleted);
      this.#tell();
      return sessionId;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  /** Brings back what was deleted earlier, and reads the list anew. Answers whether it worked. */
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
    this.#deleted = null;
    this.#tell();
  }

  /** Reads one session again, after it was opened and perhaps edited. */
  async reread(sessionId: string): Promise<void> {
    try {
      const { session } = await this.#cloud.history('get', { sessionId, limit: 1 });
      this.#entries = this.#entries.map((entry) =>
        entry.session.sessionId === sessionId ? { ...entry, session } : entry,
      );
      this.#tell();
    } catch {
      // The list stays as it is: pulling down shows what is wrong.
    }
  }

  async #load(which: 'first' | 'renew' | 'more'): Promise<void> {
    const question = ++this.#question;
    this.#busy = which === 'more' ? 'more' : 'first';
    this.#problem = null;
    this.#tell();
    const cursor = which === 'more' ? this.#cursor : null;
    try {
      const answer = await this.#ask(cursor);
      if (question !== this.#question) return;
      if (which === 'renew') {
        const oldest = answer.entries.at(-1)?.session.startedAt ?? Number.POSITIVE_INFINITY;
        const later = this.#entries.filter(({ session }) => session.startedAt < oldest);
        this.#entries = joined(answer.entries, later);
      } else {
        this.#entries = which === 'more' ? joined(this.#entries, answer.entries) : answer.entries;
        this.#cursor = answer.cursor;
        this.#complete = answer.cursor === null;
      }
    } catch (error) {
      if (question !== this.#question) return;
      this.#fail(error);
    }
    this.#busy = 'no';
    this.#tell();
  }

  async #ask(cursor: string | null): Promise<{ entries: Entry[]; cursor: string | null }> {
    if (this.#query === '') {
      const answer: HistoryAnswers['list'] = await this.#cloud.history('list', { cursor, limit: PAGE_SIZE });
      return { entries: answer.items.map((session) => ({ session, matches: [] })), cursor: answer.cursor };
    }
    const answer = await this.#cloud.history('search', { query: this.#query, cursor });
    return { entries: answer.items, cursor: answer.cursor };
  }

  #putBack({ entry, beforeId }: Deleted): void {
    if (this.#deleted?.entry === entry) this.#deleted = null;
    if (this.#entries.some(({ session }) => session.sessionId === entry.session.sessionId)) return;
    const at = this.#entries.findIndex(({ session }) => session.sessionId === beforeId);
    const place = at < 0 ? this.#entries.length : at;
    this.#entries = [...this.#entries.slice(0, place), entry, ...this.#entries.slice(place)];
  }

  #fail(error: unknown): void {
    this.#problem = problemOf(error);
    this.#tell();
  }

  #tell(): void {
    this.#changed(this.view);
  }
}
