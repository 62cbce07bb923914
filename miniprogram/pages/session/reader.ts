import { type Problem, problemOf } from 'cloudbase-voice';
import type { SentenceView, SessionSummary } from '../../../contract/functions.ts';
import type { CloudApi } from '../../services/cloud.ts';

/** Sentences that one request reads. */
export const READ_SENTENCES = 200;

type Direction = 'later' | 'earlier' | 'around';

/**
 * Reads one session's sentences page by page. It holds a part of them without gaps, which begins where it was opened and grows in
 * both directions. A failure is a {@link problem}; the next request clears it.
 */
export class SentenceReader {
  readonly #cloud: Pick<CloudApi, 'history'>;
  readonly #sessionId: string;
  readonly #changed: () => void;
  #session: SessionSummary | null = null;
  #sentences: SentenceView[] = [];
  #atStart = true;
  #atEnd = false;
  /** Of the next page; null before the first and after the last. */
  #cursor: string | null = null;
  #reading: { direction: Direction; done: Promise<void> } | null = null;
  #problem: Problem | null = null;

  constructor(cloud: Pick<CloudApi, 'history'>, sessionId: string, changed: () => void) {
    this.#cloud = cloud;
    this.#sessionId = sessionId;
    this.#changed = changed;
  }

  get session(): SessionSummary | null {
    return this.#session;
  }
  get sentences(): readonly SentenceView[] {
    return this.#sentences;
  }
  /** Nothing is before the first, behind the last of {@link sentences}. */
  get atStart(): boolean {
    return this.#atStart;
  }
  get atEnd(): boolean {
    return this.#atEnd;
  }
  get loading(): boolean {
    return this.#reading !== null;
  }
  get problem(): Problem | null {
    return this.#problem;
  }

  sentence(index: number): SentenceView | undefined {
    return this.#sentences.find((sentence) => sentence.index === index);
  }

  /** The next page; asked again while it is on its way, it is the same page. */
  readLater(): Promise<void> {
    if (this.#atEnd) return Promise.resolve();
    return this.#read('later', async () => {
      const { sentences, cursor } = await this.#get({ cursor: this.#cursor });
      this.#sentences = [...this.#sentences, ...sentences];
      this.#endsWith(cursor);
    });
  }

  /** The page before the first sentence. */
  readEarlier(): Promise<void> {
    if (this.#atStart) return Promise.resolve();
    return this.#read('earlier', async () => {
      const first = this.#sentences[0]?.index ?? 0;
      const { sentences, cursor } = await this.#get({ before: first });
      this.#sentences = [...sentences, ...this.#sentences];
      this.#atStart = cursor === null;
    });
  }

  /** Begins anew at the sentence `index`: what was read so far is forgotten. */
  readFrom(index: number): Promise<void> {
    return this.#read('around', async () => {
      const { sentences, cursor } = await this.#get({ from: index });
      this.#sentences = sentences;
      // With nothing there, the index lies behind the last sentence.
      const first = sentences[0]?.index ?? index;
      this.#atStart = first === 0;
      this.#endsWith(cursor);
    });
  }

  /** Puts changed sentences in place of those that were read. */
  replace(changed: readonly SentenceView[]): void {
    const byIndex = new Map(changed.map((sentence) => [sentence.index, sentence]));
    this.#sentences = this.#sentences.map((sentence) => byIndex.get(sentence.index) ?? sentence);
  }

  /** @throws VoiceError, LocalError */
  async rereadSession(): Promise<void> {
    this.#session = (await this.#cloud.history('get', { sessionId: this.#sessionId, limit: 1 })).session;
  }

  setTitle(title: string): void {
    if (this.#session) this.#session = { ...this.#session, title };
  }

  setMarks(marks: number[]): void {
    if (this.#session) this.#session = { ...this.#session, marks };
  }

  #endsWith(cursor: string | null): void {
    this.#cursor = cursor;
    this.#atEnd = cursor === null;
  }

  async #get(where: { cursor: string | null } | { before: number } | { from: number }) {
    const answer = await this.#cloud.history('get', {
      sessionId: this.#sessionId,
      ...where,
      limit: READ_SENTENCES,
    });
    this.#session = answer.session;
    return answer;
  }

  /** One request at a time: each goes on from what the one before has read. */
  #read(direction: Direction, request: () => Promise<void>): Promise<void> {
    const before = this.#reading;
    if (before?.direction === direction && direction !== 'around') return before.done;
    const reading = {
      direction,
      done: (before?.done ?? Promise.resolve())
        .then(() => this.#attempt(request))
        .then(() => {
          if (this.#reading === reading) this.#reading = null;
          this.#changed();
        }),
    };
    this.#reading = reading;
    this.#changed();
    return reading.done;
  }

  async #attempt(request: () => Promise<void>): Promise<void> {
    this.#problem = null;
    try {
      await request();
    } catch (error) {
      this.#problem = problemOf(error);
    }
  }
}
