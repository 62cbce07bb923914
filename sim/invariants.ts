import { samplesToMs } from '../contract/limits.ts';
import {
  DAILY_STATS,
  PAGES,
  type PageRecord,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  type StatsRecord,
} from '../contract/records.ts';
import type { ProgressEvent } from '../contract/stream.ts';
import type { SimDatabase } from './database.ts';
import type { Phone } from './phone.ts';
import { compareText } from './speech.ts';

/** A rule that was broken, and what shows it. */
export interface Violation {
  rule: string;
  detail: string;
  atMs: number;
}

/** What must hold at every step and at the end. */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #database: () => SimDatabase;
  readonly #nowMs: () => number;

  constructor(database: () => SimDatabase, nowMs: () => number) {
    this.#database = database;
    this.#nowMs = nowMs;
  }

  /** A document changed. */
  changed(collection: string, before: unknown, after: unknown): void {
    if (collection !== SESSIONS || !before || !after) return;
    const [was, is] = [before as SessionRecord, after as SessionRecord];
    const id = is._id;
    if (is.epoch < was.epoch) this.#broken('epochs only rise', `${id}: ${was.epoch} → ${is.epoch}`);
    if (is.writeSeq < was.writeSeq)
      this.#broken('write numbers only rise', `${id}: ${was.writeSeq} → ${is.writeSeq}`);
    if (is.writeSeq > was.writeSeq && (is.writeSeq !== was.writeSeq + 1 || is.epoch !== was.epoch))
      this.#broken(
        'write n follows write n − 1 of the same owner',
        `${id}: ${was.writeSeq} → ${is.writeSeq}`,
      );
    if (is.committedPos < was.committedPos)
      this.#broken('stored positions never go back', `${id}: ${was.committedPos} → ${is.committedPos}`);
    const reopened = was.promotedIndex !== null && is.state === 'live' ? 1 : 0;
    if (is.state !== 'cancelled' && is.nextIndex < was.nextIndex - reopened)
      this.#broken('stored indexes never go back', `${id}: ${was.nextIndex} → ${is.nextIndex}`);
    if (was.state === 'completed' && is.state !== 'completed')
      this.#broken('what is completed stays completed', `${id}: ${is.state}`);
  }

  /** A client is told what it may forget. */
  told(event: string, payload: unknown): void {
    if (event !== 'progress') return;
    const { sessionId, committedPos, settledIndex } = payload as ProgressEvent;
    const record = this.#database().read(SESSIONS, sessionId) as SessionRecord | undefined;
    if (!record || record.state === 'cancelled') return;
    if (committedPos > record.committedPos)
      this.#broken(
        'what a client may forget is stored',
        `${sessionId}: ${committedPos} > ${record.committedPos}`,
      );
    if (settledIndex >= record.nextIndex)
      this.#broken('what counts as settled is stored', `${sessionId}: ${settledIndex} ≥ ${record.nextIndex}`);
  }

  /** The run is over. */
  atEnd(phones: readonly Phone[]): void {
    for (const phone of phones) this.#checkSession(phone);
    this.#checkStatistics();
  }

  broken(rule: string, detail: string): void {
    this.#broken(rule, detail);
  }

  #checkSession(phone: Phone): void {
    const { sessionId, plan, outcome } = phone;
    if (!outcome) {
      this.#broken('every recording ends', `${sessionId} is still under way`);
      return;
    }
    const record = this.#database().read(SESSIONS, sessionId) as SessionRecord | undefined;
    if (outcome.how === 'failed') {
      this.#broken('no recording fails', `${sessionId}: ${outcome.error}`);
      return;
    }
    const delivered = outcome.how === 'completed' || outcome.pending?.result === 'delivered';
    if (!record || !delivered) return;
    if (record.state === 'live') this.#broken('what ended is no longer live', sessionId);
    const stored = this.#textOf(record);
    const text = stored.map((sentence) => sentence.text).join('');
    // What the app had not saved when it was killed is gone: the recording ends before it.
    const heardMs = samplesToMs(record.samples, record.sampleRate);
    const unheard = { startMs: heardMs - 10, endMs: Number.POSITIVE_INFINITY };
    const fault = compareText(text, plan.words, [...record.losses, unheard]);
    if (fault) this.#broken(`no word is ${fault.kind}`, `${sessionId} at ${fault.atMs} ms: ${fault.text}`);
    const shown = outcome.lines.map((line) => line.text).join('|');
    const kept = stored.map((sentence) => sentence.text).join('|');
    if (outcome.how === 'completed' && shown !== kept)
      this.#broken('the screen shows what is stored', `${sessionId}: ${differenceOf(shown, kept)}`);
    if (record.sentenceCount !== stored.length)
      this.#broken('sentences are counted once', `${sessionId}: ${record.sentenceCount} of ${stored.length}`);
  }

  #textOf(record: SessionRecord): Sentence[] {
    const pages = this.#database()
      .all(PAGES)
      .filter((page) => page.sessionId === record._id) as unknown as PageRecord[];
    const all = [...pages.map((page) => page.sentences), record.sentences].flatMap((sentences) =>
      Object.entries(sentences),
    );
    return all.sort(([a], [b]) => Number(a) - Number(b)).map(([, sentence]) => sentence);
  }

  #checkStatistics(): void {
    const sessions = this.#database().all(SESSIONS) as unknown as SessionRecord[];
    for (const stats of this.#database().all(DAILY_STATS) as unknown as StatsRecord[]) {
      if (stats.day !== 'total') continue;
      const own = sessions.filter(({ _openid, counted }) => _openid === stats._openid && counted);
      const sentences = own.reduce((sum, { counted }) => sum + (counted?.sentences ?? 0), 0);
      if (stats.sessions !== own.length || stats.sentences !== sentences)
        this.#broken(
          'statistics are exact',
          `${stats._openid}: ${stats.sessions} sessions, ${stats.sentences} sentences; ${own.length}, ${sentences}`,
        );
    }
  }

  #broken(rule: string, detail: string): void {
    this.violations.push({ rule, detail, atMs: this.#nowMs() });
  }
}

/** The place where two texts begin to differ. */
function differenceOf(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const from = Math.max(0, at - 10);
  return `「${a.slice(from, at + 15)}」 / 「${b.slice(from, at + 15)}」`;
}
