import { type SampleRate, samplesToMs } from '../../../contract/limits.ts';
import type { Sentence, SessionRecord } from '../../../contract/records.ts';
import type { ResultEvent, Word } from '../../../contract/stream.ts';
import { type Clock, sleep } from '../../../lib/clock.ts';
import type { Log } from '../log.ts';
import type { SessionStore } from '../store/types.ts';
import type { PlacedSentence } from '../upstream/dedupe.ts';
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

/** What the session shows: finals under indexes that never restart, and one open sentence. */
export class Transcript {
  private next: number;
  private readonly finals: { index: number; sentence: Sentence }[];
  private openSentence: Sentence | null = null;
  readonly sessionId: string;
  private readonly rateHz: SampleRate;
  private readonly wordTimes: boolean;

  /** @param record the session as claimed: the sentences that it holds can be shown again without asking the store */
  constructor(record: SessionRecord, wordTimes: boolean) {
    this.sessionId = record._id;
    this.rateHz = record.sampleRate;
    this.wordTimes = wordTimes;
    this.next = record.nextIndex;
    this.finals = Object.entries(record.sentences)
      .map(([index, sentence]) => ({ index: Number(index), sentence }))
      .sort((a, b) => a.index - b.index);
  }

  get nextIndex(): number {
    return this.next;
  }

  /** The open sentence as heard so far. */
  get open(): Sentence | null {
    return this.openSentence;
  }

  /** Finals below this index are not kept here. */
  get oldestKept(): number {
    return this.finals[0]?.index ?? this.next;
  }

  /** @returns what to show, or null where nothing changed */
  interim(placed: PlacedSentence): ResultEvent | null {
    const shown = this.openSentence;
    if (placed.text === (shown?.text ?? '')) return null;
    const sentence = this.sentenceOf(placed);
    this.openSentence = placed.text ? sentence : null;
    return toResult(this.sessionId, this.next, sentence, false);
  }

  /** @returns the new sentence; null where the final is empty (then show `interim('')` instead) */
  final(placed: PlacedSentence): { index: number; sentence: Sentence; event: ResultEvent } | null {
    if (!placed.text.trim()) return null;
    const index = this.next;
    const sentence = this.sentenceOf(placed);
    this.next += 1;
    this.openSentence = null;
    this.finals.push({ index, sentence });
    if (this.finals.length > SESSION_RULES.keptFinals) this.finals.shift();
    return { index, sentence, event: toResult(this.sessionId, index, sentence, true) };
  }

  /** Everything above `haveIndex` that is kept here, the open sentence last. */
  above(haveIndex: number): ResultEvent[] {
    const events = this.finals
      .filter(({ index }) => index > haveIndex)
      .map(({ index, sentence }) => toResult(this.sessionId, index, sentence, true));
    if (this.openSentence) events.push(toResult(this.sessionId, this.next, this.openSentence, false));
    return events;
  }

  private sentenceOf(placed: PlacedSentence): Sentence {
    const ms = (pos: number) => samplesToMs(pos, this.rateHz);
    const words: Word[] = placed.words.map(({ text, startPos, endPos }) => ({
      text,
      startMs: ms(startPos),
      endMs: ms(endPos),
    }));
    return {
      text: placed.text,
      startMs: ms(placed.startPos),
      endMs: ms(placed.endPos),
      ...(this.wordTimes && { words }),
    };
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
  clock: Clock;
  log: Log;
}

/**
 * Sends a client the finals above `haveIndex`, in order, and the open sentence. Finals that are not in memory come from the
 * store, which is asked again while it is away, since nothing else would show them.
 * @param isAttached whether the session still talks to `socket`
 */
export async function resendMissed(
  socket: ClientSocket,
  transcript: Transcript,
  haveIndex: number,
  { store, clock, log }: ResendDeps,
  isAttached: () => boolean,
): Promise<void> {
  const { sessionId, oldestKept } = transcript;
  const resendOlder = async (): Promise<boolean> => {
    try {
      const stored = await store.sentencesAbove(sessionId, haveIndex);
      if (!isAttached()) return true;
      const older = stored.filter(([index]) => index < oldestKept);
      for (const event of storedResults(sessionId, older)) socket.emit('result', event);
      return true;
    } catch (error) {
      log.warn({ err: error }, 'could not read finals to send again');
      return false;
    }
  };
  let sent = haveIndex + 1 >= oldestKept || (await resendOlder());
  for (const event of transcript.above(haveIndex)) socket.emit('result', event);
  while (!sent && isAttached()) {
    await sleep(clock, SESSION_RULES.resendRetryMs);
    sent = !isAttached() || (await resendOlder());
  }
}
