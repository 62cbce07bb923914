import type { ExportFormat, SentenceView, SessionSummary } from '../../../contract/functions.ts';
import { wellFormed } from '../../../contract/text.ts';
import type { CloudApi } from '../../services/cloud.ts';
import { type Problem, problemOf } from '../../services/error-text.ts';
import { type SummaryView, summaryView } from '../../utils/summary.ts';
import {
  type Found,
  findIn,
  type RowWindow,
  type SentenceRow,
  STEP_ROWS,
  sentenceAt,
  sessionRows,
  WINDOW_ROWS,
  windowAround,
} from './rows.ts';

export type { Found, FoundRow, SentenceRow } from './rows.ts';

export interface SessionView {
  summary: SummaryView | null;
  /** Empty where the user gave none. */
  title: string;
  /** The rows in the window. */
  rows: SentenceRow[];
  /** Rows before and behind the window; those behind are read when they are asked for. */
  before: number;
  behind: number;
  /** The window is full: the rows behind it are shown in its place, when the user asks. */
  full: boolean;
  loading: boolean;
  /** Sentences read so far. */
  read: number;
  complete: boolean;
  problem: Problem | null;
  /** Moments that the user has marked, audio time in ms, in order. */
  marks: number[];
}

export interface ExportedFile {
  content: string;
  filename: string;
}
/** In the order of the page. Importing the contract's own list would bring its schema library into the mini-program. */
export const EXPORT_FORMATS = ['txt', 'srt', 'vtt', 'json'] as const satisfies readonly ExportFormat[];
export type { ExportFormat };

/**
 * One session with its sentences. It reads them page by page and keeps them all; the view has a window of them, so that a session of
 * eight hours costs the page no more than a short one. Edits are shown once the service has stored them.
 */
export class SessionModel {
  readonly #cloud: Pick<CloudApi, 'history'>;
  readonly #sessionId: string;
  readonly #now: () => number;
  readonly #changed: (view: SessionView) => void;
  #session: SessionSummary | null = null;
  #sentences: SentenceView[] = [];
  /** Of all that was read; null: to be made again. */
  #rows: SentenceRow[] | null = null;
  #window: RowWindow = { from: 0, to: 0 };
  #cursor: string | null = null;
  #complete = false;
  #loading: Promise<void> | null = null;
  #problem: SessionView['problem'] = null;

  constructor(
    cloud: Pick<CloudApi, 'history'>,
    sessionId: string,
    now: () => number,
    changed: (view: SessionView) => void,
  ) {
    this.#cloud = cloud;
    this.#sessionId = sessionId;
    this.#now = now;
    this.#changed = changed;
  }

  get view(): SessionView {
    const { from, to } = this.#window;
    const rows = this.#allRows();
    const known = this.#complete ? rows.length : Math.max(rows.length + 1, this.#session?.sentenceCount ?? 0);
    return {
      summary: this.#session && summaryView(this.#session, this.#now()),
      title: this.#session?.title ?? '',
      rows: rows.slice(from, to),
      before: from,
      behind: Math.max(0, known - to),
      full: to - from >= WINDOW_ROWS,
      loading: this.#loading !== null,
      read: this.#sentences.length,
      complete: this.#complete && to >= rows.length,
      problem: this.#problem,
      marks: this.#session?.marks ?? [],
    };
  }

  sentence(index: number): SentenceView | undefined {
    return this.#sentences.find((sentence) => sentence.index === index);
  }

  /** Shows the next rows, and reads them where needed; nothing where the window is full. */
  async more(): Promise<void> {
    const { from, to } = this.#window;
    if (to - from >= WINDOW_ROWS) return;
    await this.#show({ from, to: to + STEP_ROWS }, to);
  }

  /** Shows the rows behind the window in its place. */
  async next(): Promise<void> {
    const from = this.#window.to;
    await this.#show({ from, to: from + STEP_ROWS }, from);
  }

  /** Shows the rows before the window in its place. */
  async previous(): Promise<void> {
    const to = this.#window.from;
    if (to > 0) await this.#show({ from: Math.max(0, to - STEP_ROWS), to });
  }

  /** Shows a sentence that was read, with the rows around it. @returns whether it is there */
  async jumpTo(index: number): Promise<boolean> {
    const position = this.#allRows().findIndex((row) => row.index === index);
    if (position < 0) return false;
    await this.#show(windowAround(position));
    return true;
  }

  /** Shows the sentence that was spoken at a moment. @returns its index; null: there is none, or it could not be read */
  async jumpToTime(ms: number): Promise<number | null> {
    while (!this.#complete && (this.#sentences[this.#sentences.length - 1]?.startMs ?? 0) <= ms) {
      await this.#readPage();
      if (this.#problem !== null) return null;
    }
    const sentence = sentenceAt(this.#sentences, ms);
    return sentence !== undefined && (await this.jumpTo(sentence.index)) ? sentence.index : null;
  }

  /** The whole text, one sentence a line; nothing of it goes to the view. @throws Error with a text for the user */
  async fullText(): Promise<string> {
    await this.#readAll();
    return this.#sentences.map((sentence) => sentence.text).join('\n');
  }

  /** Sentences that contain `query`, in the whole session. @throws Error with a text for the user */
  async find(query: string): Promise<Found> {
    await this.#readAll();
    return findIn(this.#sentences, query);
  }

  /** @throws VoiceError, LocalError */
  async rename(typed: string): Promise<void> {
    const title = wellFormed(typed);
    const answer = await this.#cloud.history('rename', { sessionId: this.#sessionId, title });
    if (this.#session) this.#session = { ...this.#session, title: answer.title };
    this.#notify();
  }

  /** Replaces a sentence's text; null restores the recognised text. @throws VoiceError, LocalError */
  async edit(index: number, typed: string | null): Promise<void> {
    const text = typed === null ? null : wellFormed(typed);
    const answer = await this.#cloud.history('edit', { sessionId: this.#sessionId, index, text });
    this.#sentences = this.#sentences.map((sentence) =>
      sentence.index === index ? answer.sentence : sentence,
    );
    this.#rows = null;
    this.#notify();
    // Without a title of its own, the session is called by its first sentences.
    if (this.#session?.title === '') await this.#rereadSummary();
  }

  /** The session as a file's content; a long one is fetched in parts and joined. @throws VoiceError, LocalError */
  async export(format: ExportFormat): Promise<ExportedFile> {
    let content = '';
    let cursor: string | null = null;
    for (;;) {
      const part: { content: string; filename: string; cursor: string | null } = await this.#cloud.history(
        'export',
        {
          sessionId: this.#sessionId,
          format,
          cursor,
        },
      );
      content += part.content;
      cursor = part.cursor;
      if (cursor === null) return { content, filename: part.filename };
    }
  }

  async #rereadSummary(): Promise<void> {
    try {
      const { session } = await this.#cloud.history('get', { sessionId: this.#sessionId, limit: 1 });
      this.#session = session;
      this.#notify();
    } catch {
      // The edit is stored; the heading is only older.
    }
  }

  /**
   * Moves the window. Where reading fails, the view says so and the window stays.
   * @param beyond reads until there are more rows than this, or all
   */
  async #show({ from, to }: RowWindow, beyond = 0): Promise<void> {
    while (!this.#complete && this.#allRows().length <= beyond) {
      await this.#readPage();
      if (this.#problem !== null) return;
    }
    const { length } = this.#allRows();
    if (from < length) this.#window = { from, to: Math.min(to, length) };
    this.#notify();
  }

  async #readAll(): Promise<void> {
    while (!this.#complete) {
      await this.#readPage();
      if (this.#problem !== null) throw new Error(this.#problem.title);
    }
  }

  /** Reads the next page; asked again while it is on its way, it is the same page. */
  #readPage(): Promise<void> {
    this.#loading ??= this.#requestPage().finally(() => {
      this.#loading = null;
      this.#notify();
    });
    this.#notify();
    return this.#loading;
  }

  async #requestPage(): Promise<void> {
    this.#problem = null;
    try {
      const { session, sentences, cursor } = await this.#cloud.history('get', {
        sessionId: this.#sessionId,
        cursor: this.#cursor,
        limit: STEP_ROWS,
      });
      this.#session = session;
      this.#sentences = [...this.#sentences, ...sentences];
      this.#rows = null;
      this.#cursor = cursor;
      this.#complete = cursor === null;
    } catch (error) {
      this.#problem = problemOf(error);
    }
  }

  #allRows(): SentenceRow[] {
    this.#rows ??= sessionRows(
      this.#sentences,
      this.#session?.losses ?? [],
      this.#complete,
      this.#session?.marks,
    );
    return this.#rows;
  }

  #notify(): void {
    this.#changed(this.view);
  }
}
