import { type SampleRate, samplesToMs } from '../../../contract/limits.ts';
import type { Sentence, SessionRecord } from '../../../contract/records.ts';
import type { ResultEvent, Word } from '../../../contract/stream.ts';
import { type Clock, sleep } from '../../../lib/clock.ts';
import type { Log } from '../log.ts';
import type { DatabaseBudget } from '../store/database-budget.ts';
import type { SessionStore } from '../store/types.ts';
import type { Checkpoint } from '../upstream/checkpoint.ts';
import type { PositionedSentence } from '../upstream/dedupe.ts';
import type { RecordWriter } from './record-writer.ts';
import { SESSION_RULES } from './rules.ts';
import type { ClientSocket } from './takeover.ts';

const toResult = (sessionId: string, index: number, sentence: Sentence, final: boolean): ResultEvent => ({
  sessionId,
  index,
  text: sentence.text,
  final,
  startMs: sentence.startMs,
  endMs: sentence.endMs,
  ...(sentence.words && { words: sentence.words }),
});

/**
 * The session's text: finals under indexes that never restart, and one open sentence. What changes is shown at once, and
 * given to the record's writer when it is final.
 */
export class Transcript {
  private next: number;
  private readonly finals: { index: number; sentence: Sentence }[];
  private openSentence: Sentence | null = null;
  readonly sessionId: string;
  private readonly rateHz: SampleRate;
  private readonly wordTimes: boolean;
  private readonly writer: RecordWriter;
  private readonly show: (event: ResultEvent) => void;

  /** @param record the session as claimed: the sentences that it holds can be sent again without asking the store */
  constructor(
    record: SessionRecord,
    wordTimes: boolean,
    writer: RecordWriter,
    show: (event: ResultEvent) => void,
  ) {
    this.sessionId = record._id;
    this.rateHz = record.sampleRate;
    this.wordTimes = wordTimes;
    this.writer = writer;
    this.show = show;
    this.next = record.nextIndex;
    this.finals = Object.entries(record.sentences)
      .map(([index, sentence]) => ({ index: Number(index), sentence }))
      .sort((a, b) => a.index - b.index);
  }

  get nextIndex(): number {
    return this.next;
  }

  /** Finals below this index are not kept here. */
  get oldestKept(): number {
    return this.finals[0]?.index ?? this.next;
  }

  /** The open sentence as heard so far; empty text takes it back. */
  interim(placed: PositionedSentence): void {
    const sentence = this.sentenceOf(placed);
    if (placed.text !== (this.openSentence?.text ?? ''))
      this.show(toResult(this.sessionId, this.next, sentence, false));
    this.openSentence = placed.text ? sentence : null;
    this.writer.notePending(this.openSentence);
  }

  /** A finished sentence and the checkpoint that it brings; empty text takes back what was shown of it. */
  final(placed: PositionedSentence, checkpoint: Checkpoint): void {
    if (!placed.text.trim()) {
      this.interim({ ...placed, text: '' });
      this.writer.checkpoint(checkpoint);
      return;
    }
    const index = this.next;
    const sentence = this.sentenceOf(placed);
    this.next += 1;
    this.openSentence = null;
    this.finals.push({ index, sentence });
    if (this.finals.length > SESSION_RULES.keptFinals) this.finals.shift();
    this.show(toResult(this.sessionId, index, sentence, true));
    this.writer.notePending(null);
    this.writer.final(index, sentence, checkpoint);
  }

  /** Everything above `haveIndex` that is kept here, the open sentence last. */
  above(haveIndex: number): ResultEvent[] {
    const events = this.finals
      .filter(({ index }) => index > haveIndex)
      .map(({ index, sentence }) => toResult(this.sessionId, index, sentence, true));
    if (this.openSentence) events.push(toResult(this.sessionId, this.next, this.openSentence, false));
    return events;
  }

  private sentenceOf(placed: PositionedSentence): Sentence {
    const ms = (pos: number) => samplesToMs(pos, this.rateHz);
    const sentence = { text: placed.text, startMs: ms(placed.startPos), endMs: ms(placed.endPos) };
    if (!this.wordTimes) return sentence;
    const words = placed.words.map(
      ({ text, startPos, endPos }): Word => ({ text, startMs: ms(startPos), endMs: ms(endPos) }),
    );
    return { ...sentence, words };
  }
}

/** Stored sentences as `result` events. */
export const storedResults = (sessionId: string, stored: [number, Sentence][]): ResultEvent[] =>
  stored.map(([index, { text, startMs, endMs, words }]) =>
    toResult(sessionId, index, { text, startMs, endMs, ...(words && { words }) }, true),
  );

/** The sentence that was still open when the record ended, as a final. */
export function promotedResult({ _id, promotedIndex, sentences }: SessionRecord): ResultEvent[] {
  const sentence = promotedIndex === null ? undefined : sentences[promotedIndex];
  return promotedIndex !== null && sentence ? storedResults(_id, [[promotedIndex, sentence]]) : [];
}

export interface ResendDeps {
  store: SessionStore;
  budget: DatabaseBudget;
  clock: Clock;
  log: Log;
}

/**
 * Sends a client the finals above `haveIndex`, in order, and the open sentence. Finals that are not in memory come from the
 * store, which is asked again while it is away or has not got them yet, since nothing else would show them.
 * @param isAttached whether the session still talks to `socket`
 */
export async function resendMissed(
  socket: ClientSocket,
  transcript: Transcript,
  haveIndex: number,
  { store, budget, clock, log }: ResendDeps,
  isAttached: () => boolean,
): Promise<void> {
  let sentIndex = haveIndex;
  const resendOlder = async (): Promise<void> => {
    try {
      await budget.acquire('resume');
      const stored = await store.sentencesAbove(transcript.sessionId, sentIndex);
      if (!isAttached()) return;
      // More finals may have left the memory during the read.
      const older = stored.filter(([index]) => index < transcript.oldestKept);
      for (const event of storedResults(transcript.sessionId, older)) socket.emit('result', event);
      sentIndex = older.at(-1)?.[0] ?? sentIndex;
    } catch (error) {
      log.warn({ err: error }, 'could not read finals to send again');
    }
  };
  const isComplete = () => sentIndex + 1 >= transcript.oldestKept;
  if (!isComplete()) await resendOlder();
  for (const event of transcript.above(haveIndex)) socket.emit('result', event);
  while (isAttached() && !isComplete()) {
    await sleep(clock, SESSION_RULES.resendRetryMs);
    if (isAttached()) await resendOlder();
  }
}
