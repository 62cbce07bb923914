import type { Problem } from 'cloudbase-voice';
import type { ExportFormat, SentenceView } from '../../../contract/functions.ts';
import { joinSentences } from '../../../contract/paragraphs.ts';
import { wellFormed } from '../../../contract/text.ts';
import { literalFinder } from '../../../lib/literal-search.ts';
import type { CloudApi } from '../../services/cloud.ts';
import { type SummaryView, summaryView } from '../../utils/summary.ts';
import { SentenceReader } from './reader.ts';
import {
  type Highlight,
  LEAD_ROWS,
  type ParagraphRow,
  paragraphRows,
  type RowWindow,
  type SentenceRow,
  STEP_ROWS,
  sentenceAt,
  sessionRows,
  type TimedRow,
  WINDOW_ROWS,
  windowAround,
} from './rows.ts';

export interface SessionView {
  summary: SummaryView | null;
  /** Empty where the user gave none. */
  title: string;
  /** Length of its audio, ms. */
  durationMs: number;
  /** The rows in the window, one by one or joined: one of the two is empty. */
  rows: SentenceRow[];
  paragraphs: ParagraphRow[];
  /** Rows before and behind the window; those that were not read yet are read when they are asked for. */
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
  /** Of `content`: text as it is, or the bytes of a file. */
  encoding: 'utf8' | 'base64';
  filename: string;
}

/** How the whole text is copied. */
export interface CopyOptions {
  times: boolean;
  paragraphs: boolean;
}

const NOTHING_FOUND: Highlight = () => [];
const textOf = (pieces: ParagraphRow['pieces']): string => joinSentences(pieces.map(({ text }) => text));

/** Before anything was read. */
const EMPTY_SESSION = { losses: [] };

/**
 * One session with its sentences, read page by page from where it is opened; the view has a window of those that were read, so that a
 * session of eight hours costs the page no more than a short one. Edits are shown once the service has stored them.
 */
export class SessionModel {
  readonly #cloud: Pick<CloudApi, 'history'>;
  readonly #sessionId: string;
  readonly #now: () => number;
  readonly #changed: (view: SessionView) => void;
  readonly #reader: SentenceReader;
  /** Of all that was read; null: to be made again. */
  #rows: TimedRow[] | null = null;
  #window: RowWindow = { from: 0, to: 0 };
  #highlight = NOTHING_FOUND;
  #joined = false;
  #earlier: Promise<void> | null = null;

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
    this.#reader = new SentenceReader(cloud, sessionId, () => {
      this.#rows = null;
      this.#notify();
    });
  }

  get view(): SessionView {
    const { from, to } = this.#window;
    const { session, sentences, atStart, atEnd, loading, problem } = this.#reader;
    const all = this.#allRows();
    const shown = all.slice(from, to);
    // Indexes have few gaps: what is before the first that was read are about as many as its index says.
    const unread = atStart ? 0 : (sentences[0]?.index ?? 0);
    const known = atEnd ? all.length : Math.max(all.length + 1, (session?.sentenceCount ?? 0) - unread);
    return {
      summary: session && summaryView(session, this.#now()),
      title: session?.title ?? '',
      durationMs: session?.durationMs ?? 0,
      rows: this.#joined ? [] : shown.map(({ row }) => row),
      paragraphs: this.#joined ? paragraphRows(shown) : [],
      before: from + unread,
      behind: Math.max(0, known - to),
      full: to - from >= WINDOW_ROWS,
      loading,
      read: sentences.length,
      complete: atEnd && to >= all.length,
      problem,
      marks: session?.marks ?? [],
    };
  }

  /** Those that were read, in the order of the audio. */
  get sentences(): readonly SentenceView[] {
    return this.#reader.sentences;
  }

  sentence(index: number): SentenceView | undefined {
    return this.#reader.sentence(index);
  }

  /** Whether a sentence is among those that are shown. */
  isShown(index: number): boolean {
    const { from, to } = this.#window;
    return this.#allRows()
      .slice(from, to)
      .some(({ row }) => row.index === index);
  }

  /** Index of the first sentence that is shown. */
  get firstShown(): number {
    const { from, to } = this.#window;
    return (
      this.#allRows()
        .slice(from, to)
        .find(({ row }) => !row.loss)?.row.index ?? 0
    );
  }

  /** Shows sentences one by one, or joined into paragraphs. */
  setJoined(joined: boolean): void {
    this.#joined = joined;
    this.#notify();
  }

  /** Marks what contains `query`; empty: nothing. */
  setHighlight(query: string): void {
    this.#highlight = query === '' ? NOTHING_FOUND : literalFinder(query);
    this.#rows = null;
    this.#notify();
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
    if (this.#window.from === 0) await this.#readEarlier();
    const to = this.#window.from;
    if (to > 0) await this.#show({ from: Math.max(0, to - STEP_ROWS), to });
  }

  /**
   * Shows a sentence with those around it, in one request at most: those that were read are shown from there on, else the session is
   * read from there. @returns whether it is there
   */
  async jumpTo(index: number): Promise<boolean> {
    if (this.#positionOf(index) >= 0) {
      await this.#show(windowAround(this.#positionOf(index)));
      return true;
    }
    await this.#reader.readFrom(Math.max(0, index - LEAD_ROWS));
    // The session may have become shorter than whoever asks believes.
    const isBehindAll = this.#reader.problem === null && this.#reader.sentences.length === 0;
    if (isBehindAll && index > 0) await this.#reader.readFrom(0);
    if (this.#reader.problem !== null) return false;
    this.#window = { from: 0, to: Math.min(STEP_ROWS, this.#allRows().length) };
    this.#notify();
    return this.#positionOf(index) >= 0;
  }

  /**
   * Shows the sentence that was spoken at a moment. Sentences are about evenly spread, so it begins to read near it.
   * @returns its index; null: there is none, or it could not be read
   */
  async jumpToTime(ms: number): Promise<number | null> {
    const reader = this.#reader;
    const isLater = () =>
      !reader.atEnd && (reader.sentences[reader.sentences.length - 1]?.startMs ?? 0) <= ms;
    const isEarlier = () => !reader.atStart && (reader.sentences[0]?.startMs ?? 0) > ms;
    if (isLater() || isEarlier()) await reader.readFrom(this.#indexNear(ms));
    while (reader.problem === null && isLater()) await reader.readLater();
    while (reader.problem === null && isEarlier()) await this.#readEarlier();
    const sentence = reader.problem === null ? sentenceAt(reader.sentences, ms) : undefined;
    return sentence !== undefined && (await this.jumpTo(sentence.index)) ? sentence.index : null;
  }

  /** The whole text; nothing of it goes to the view. @throws Error with a text for the user */
  async fullText({ times, paragraphs }: CopyOptions): Promise<string> {
    await this.#readAll();
    const rows = this.#allRows().filter(({ row }) => !row.loss || times);
    const lines = paragraphs
      ? paragraphRows(rows).map(({ time, loss, pieces }) => ({ time, loss, text: textOf(pieces) }))
      : rows.map(({ row }) => row);
    return lines
      .map(({ time, loss, text }) => `${times ? `${time} ` : ''}${loss ? `〔${text}〕` : text}`)
      .join('\n');
  }

  /** The text of the paragraph that a sentence is in, as it is shown. */
  paragraphText(index: number): string {
    const { from, to } = this.#window;
    const found = paragraphRows(this.#allRows().slice(from, to)).find(({ pieces }) =>
      pieces.some((piece) => piece.index === index),
    );
    return textOf(found?.pieces ?? []);
  }

  /** @throws VoiceError, LocalError */
  async rename(typed: string): Promise<void> {
    const title = wellFormed(typed);
    const answer = await this.#cloud.history('rename', { sessionId: this.#sessionId, title });
    this.#reader.setTitle(answer.title);
    this.#notify();
  }

  /** Moments that were marked while a sentence was spoken, ms. */
  marksOf(index: number): number[] {
    const { sentences, session } = this.#reader;
    return (session?.marks ?? []).filter((ms) => sentenceAt(sentences, ms)?.index === index);
  }

  /** Removes the marks of a sentence. @throws VoiceError, LocalError */
  async unmark(index: number): Promise<void> {
    const remove = this.marksOf(index);
    if (remove.length === 0) return;
    const { marks } = await this.#cloud.history('marks', { sessionId: this.#sessionId, remove });
    this.#reader.setMarks(marks);
    this.#rows = null;
    this.#notify();
  }

  /** Replaces a sentence's text; null restores the recognised text. @throws VoiceError, LocalError */
  async edit(index: number, typed: string | null): Promise<SentenceView> {
    const text = typed === null ? null : wellFormed(typed);
    const { sentence } = await this.#cloud.history('edit', { sessionId: this.#sessionId, index, text });
    await this.apply([sentence]);
    return sentence;
  }

  /** Shows sentences that were changed in the service. */
  async apply(changed: readonly SentenceView[]): Promise<void> {
    this.#reader.replace(changed);
    this.#rows = null;
    this.#notify();
    // Without a title of its own, the session is called by its first sentences.
    if (this.#reader.session?.title === '') await this.#rereadSummary();
  }

  /** The session as a file's content; a long one is fetched in parts and joined. @throws VoiceError, LocalError */
  async export(format: ExportFormat): Promise<ExportedFile> {
    let content = '';
    let cursor: string | null = null;
    for (;;) {
      const part: ExportedFile & { cursor: string | null } = await this.#cloud.history('export', {
        sessionId: this.#sessionId,
        format,
        cursor,
      });
      content += part.content;
      cursor = part.cursor;
      if (cursor === null) return { content, encoding: part.encoding, filename: part.filename };
    }
  }

  async #rereadSummary(): Promise<void> {
    try {
      await this.#reader.rereadSession();
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
    while (!this.#reader.atEnd && this.#allRows().length <= beyond) {
      await this.#reader.readLater();
      if (this.#reader.problem !== null) return;
    }
    const { length } = this.#allRows();
    if (from < length) this.#window = { from, to: Math.min(to, length) };
    this.#notify();
  }

  /** Reads the page before; the window stays on its rows, which have moved. */
  #readEarlier(): Promise<void> {
    this.#earlier ??= this.#requestEarlier().finally(() => {
      this.#earlier = null;
    });
    return this.#earlier;
  }

  async #requestEarlier(): Promise<void> {
    const first = this.#allRows()[0]?.row.key;
    await this.#reader.readEarlier();
    const added = Math.max(
      0,
      this.#allRows().findIndex(({ row }) => row.key === first),
    );
    this.#window = { from: this.#window.from + added, to: this.#window.to + added };
    this.#notify();
  }

  async #readAll(): Promise<void> {
    while (!this.#reader.atEnd) await this.#orFail(this.#reader.readLater());
    while (!this.#reader.atStart) await this.#orFail(this.#readEarlier());
  }

  async #orFail(reading: Promise<void>): Promise<void> {
    await reading;
    if (this.#reader.problem !== null) throw new Error(this.#reader.problem.title);
  }

  #indexNear(ms: number): number {
    const { sentenceCount = 0, durationMs = 0 } = this.#reader.session ?? {};
    if (durationMs === 0) return 0;
    return Math.max(
      0,
      Math.min(sentenceCount - 1, Math.floor((sentenceCount * ms) / durationMs)) - LEAD_ROWS,
    );
  }

  #positionOf(index: number): number {
    return this.#allRows().findIndex(({ row }) => row.index === index);
  }

  #allRows(): TimedRow[] {
    const { sentences, session } = this.#reader;
    this.#rows ??= sessionRows(sentences, session ?? EMPTY_SESSION, this.#reader, this.#highlight);
    return this.#rows;
  }

  #notify(): void {
    this.#changed(this.view);
  }
}
