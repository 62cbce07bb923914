import type { ExportFormat, SentenceView, SessionSummary } from '../../../contract/functions.ts';
import type { Cloud } from '../../services/cloud.ts';
import { type Problem, problemOf } from '../../services/error-text.ts';
import { formatAudioTime } from '../../utils/format.ts';
import { type SummaryView, summaryView } from '../../utils/summary.ts';
import { lossText } from '../realtime-voice/rows.ts';

export interface SentenceRow {
  /** `line-<index>`, or `loss-<ms>` for audio that was not recognised. */
  key: string;
  index: number;
  text: string;
  time: string;
  edited: boolean;
  loss: boolean;
}

export interface SessionView {
  summary: SummaryView | null;
  /** Empty where the user gave none. */
  title: string;
  rows: SentenceRow[];
  loading: boolean;
  complete: boolean;
  problem: Problem | null;
}

export interface ExportedFile {
  content: string;
  filename: string;
}
/** In the order of the page. Importing the contract's own list would bring its schema library into the mini-program. */
export const EXPORT_FORMATS = ['txt', 'srt', 'vtt', 'json'] as const satisfies readonly ExportFormat[];
export type { ExportFormat };

const PAGE_SIZE = 200;

/** One session with its sentences, read page by page. Edits are shown once the service has stored them. */
export class SessionModel {
  readonly #cloud: Pick<Cloud, 'history'>;
  readonly #sessionId: string;
  readonly #now: () => number;
  readonly #changed: (view: SessionView) => void;
  #session: SessionSummary | null = null;
  #sentences: SentenceView[] = [];
  #cursor: string | null = null;
  #complete = false;
  #loading: Promise<void> | null = null;
  #problem: SessionView['problem'] = null;

  constructor(
    cloud: Pick<Cloud, 'history'>,
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
    return {
      summary: this.#session && summaryView(this.#session, this.#now()),
      title: this.#session?.title ?? '',
      rows: this.#rows(),
      loading: this.#loading !== null,
      complete: this.#complete,
      problem: this.#problem,
    };
  }

  sentence(index: number): SentenceView | undefined {
    return this.#sentences.find((sentence) => sentence.index === index);
  }

  /** Reads the next page; asked again while it is on its way, it is the same page. */
  more(): Promise<void> {
    if (this.#complete) return Promise.resolve();
    this.#loading ??= this.#readPage().finally(() => {
      this.#loading = null;
      this.#notify();
    });
    this.#notify();
    return this.#loading;
  }

  /** The whole text, one sentence a line. @throws VoiceError, LocalError */
  async fullText(): Promise<string> {
    while (!this.#complete) {
      await this.more();
      if (this.#problem !== null) throw new Error(this.#problem.title);
    }
    return this.#sentences.map((sentence) => sentence.text).join('\n');
  }

  /** @throws VoiceError, LocalError */
  async rename(title: string): Promise<void> {
    const answer = await this.#cloud.history('rename', { sessionId: this.#sessionId, title });
    if (this.#session) this.#session = { ...this.#session, title: answer.title };
    this.#notify();
  }

  /** Replaces a sentence's text; null restores the recognised text. @throws VoiceError, LocalError */
  async edit(index: number, text: string | null): Promise<void> {
    const answer = await this.#cloud.history('edit', { sessionId: this.#sessionId, index, text });
    this.#sentences = this.#sentences.map((sentence) =>
      sentence.index === index ? answer.sentence : sentence,
    );
    this.#notify();
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

  async #readPage(): Promise<void> {
    this.#problem = null;
    try {
      const { session, sentences, cursor } = await this.#cloud.history('get', {
        sessionId: this.#sessionId,
        cursor: this.#cursor,
        limit: PAGE_SIZE,
      });
      this.#session = session;
      this.#sentences = [...this.#sentences, ...sentences];
      this.#cursor = cursor;
      this.#complete = cursor === null;
    } catch (error) {
      this.#problem = problemOf(error);
    }
  }

  #rows(): SentenceRow[] {
    const rows = this.#sentences.map((sentence) => ({
      key: `line-${sentence.index}`,
      index: sentence.index,
      text: sentence.text,
      time: formatAudioTime(sentence.startMs),
      edited: sentence.original !== undefined,
      loss: false,
      startMs: sentence.startMs,
    }));
    const readUntil = this.#complete ? Number.POSITIVE_INFINITY : (rows[rows.length - 1]?.startMs ?? 0);
    const losses = (this.#session?.losses ?? [])
      .filter((loss) => loss.startMs <= readUntil)
      .map((loss) => ({
        key: `loss-${loss.startMs}`,
        index: -1,
        text: lossText(loss),
        time: formatAudioTime(loss.startMs),
        edited: false,
        loss: true,
        startMs: loss.startMs,
      }));
    return [...rows, ...losses]
      .sort((a, b) => a.startMs - b.startMs)
      .map(({ startMs: _startMs, ...row }) => row);
  }

  #notify(): void {
    this.#changed(this.view);
  }
}
