import { CLIENT_RING_MS, RESTORE_WITHIN_MS, samplesToMs } from '../contract/limits.ts';
import {
  DAILY_STATS,
  PAGES,
  type PageRecord,
  SESSIONS,
  type Sentence,
  type SessionRecord,
  type StatsRecord,
  sentencesInOrder,
} from '../contract/records.ts';
import type { ProgressEvent } from '../contract/stream.ts';
import { type Cloud, creationOf } from './cloud.ts';
import type { SimDatabase } from './database.ts';
import type { Phone } from './phone.ts';
import { RefusalWatch } from './refusal-watch.ts';
import { compareText } from './speech.ts';

/** A rule that was broken, and what shows it. */
export interface Violation {
  rule: string;
  detail: string;
  atMs: number;
}

/**
 * What is not confirmed (`IN_FLIGHT_BYTES` of miniprogram/voice/session/sender.ts), what is sent again after a refusal while that is still on
 * its way, and what is not audio.
 */
const PHONE_SENDS_BYTES = 2 * 64_000 + 8_000;
/** The phone's ring holds whole blocks; what is looked at is older by a frame or two. */
const RING_MARGIN_MS = 5_000;
/** What is purged is a day old, and five minutes; the timer comes every 20 minutes, and a run may fail. */
const PURGED_AFTER_MS = RESTORE_WITHIN_MS + 60 * 60_000;

/** What the statistics of one person must show. */
interface Ledger {
  sessions: number;
  sentences: number;
  durationMs: number;
}

/** What must hold at every step and at the end. */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #database: () => SimDatabase;
  readonly #nowMs: () => number;
  readonly #ledgers = new Map<string, Ledger>();
  readonly #refusals: RefusalWatch;
  /** Records that were deleted, as they were then, by id and epoch: a recording that goes on may make a new one. */
  readonly #deleted = new Map<string, SessionRecord>();

  constructor(database: () => SimDatabase, nowMs: () => number) {
    this.#database = database;
    this.#nowMs = nowMs;
    this.#refusals = new RefusalWatch(nowMs, (rule, detail) => this.#broken(rule, detail));
  }

  /** A document changed. */
  changed(collection: string, before: unknown, after: unknown): void {
    if (collection === SESSIONS) {
      const [was, is] = [before as SessionRecord | undefined, after as SessionRecord | undefined];
      if (is) this.#count(was, is);
      if (was && is) this.#sessionChanged(was, is);
      // Deleting raises the epoch: whoever has the session has it under the one before.
      if (was && !was.deletedAt && is?.deletedAt) this.#deleted.set(`${was._id} ${was.epoch}`, was);
    } else if (collection === PAGES && before && after) {
      const [was, is] = [before as PageRecord, after as PageRecord];
      this.#sentencesChanged(is._id, was.sentences, is.sentences);
      if (is._openid !== was._openid) this.#broken('a record stays with its owner', is._id);
    } else if (collection === DAILY_STATS && before && !after) {
      // Everything of a person is deleted.
      const { _openid, day } = before as StatsRecord;
      if (day === 'total') this.#ledgers.delete(_openid);
    }
  }

  #count({ counted: had }: Partial<SessionRecord> = {}, { _openid, counted }: SessionRecord): void {
    if (!counted) return;
    const ledger = this.#ledgers.get(_openid) ?? { sessions: 0, sentences: 0, durationMs: 0 };
    ledger.sessions += had ? 0 : 1;
    ledger.sentences += counted.sentences - (had?.sentences ?? 0);
    ledger.durationMs += counted.durationMs - (had?.durationMs ?? 0);
    this.#ledgers.set(_openid, ledger);
  }

  #sessionChanged(was: SessionRecord, is: SessionRecord): void {
    const id = is._id;
    if (is.epoch < was.epoch) this.#broken('epochs only rise', `${id}: ${was.epoch} → ${is.epoch}`);
    if (is.writeSeq < was.writeSeq)
      this.#broken('write numbers only rise', `${id}: ${was.writeSeq} → ${is.writeSeq}`);
    if (is.writeSeq > was.writeSeq && (is.writeSeq !== was.writeSeq + 1 || is.epoch !== was.epoch))
      this.#broken(
        'write n follows write n − 1 of the same owner',
        `${id}: ${was.writeSeq} → ${is.writeSeq}`,
      );
    if (is.writeSeq > was.writeSeq && (was.deletedAt || was.state !== 'live'))
      this.#broken('nothing is written to what is deleted or has ended', `${id}: ${was.state}`);
    if (is.committedPos < was.committedPos)
      this.#broken('stored positions never go back', `${id}: ${was.committedPos} → ${is.committedPos}`);
    if (is._openid !== was._openid) this.#broken('a record stays with its owner', id);
    if (was.state === 'completed' && is.state !== 'completed')
      this.#broken('what is completed stays completed', `${id}: ${is.state}`);
    if (is.state === 'cancelled') return;
    const reopened = was.promotedIndex !== null && is.state === 'live' ? 1 : 0;
    if (is.nextIndex < was.nextIndex - reopened)
      this.#broken('stored indexes never go back', `${id}: ${was.nextIndex} → ${is.nextIndex}`);
    if (is.sentenceCount < was.sentenceCount - reopened)
      this.#broken('sentences are never fewer', `${id}: ${was.sentenceCount} → ${is.sentenceCount}`);
    this.#sentencesChanged(id, was.sentences, is.sentences);
    for (const index of Object.keys(is.sentences))
      if (!(index in was.sentences) && Number(index) < was.nextIndex - reopened)
        this.#broken('no sentence comes again', `${id}: ${index} of ${was.nextIndex}`);
  }

  /** What was recognised is written once; only people add to it. */
  #sentencesChanged(id: string, was: Record<string, Sentence>, is: Record<string, Sentence>): void {
    for (const [index, { text }] of Object.entries(was)) {
      const now = is[index];
      if (now && now.text !== text)
        this.#broken('a stored sentence stays as it is', `${id} ${index}: ${text} → ${now.text}`);
    }
  }

  /** A client is told something: what it may forget is stored, and all that it is told is of its own records. */
  told(openid: string, event: string, payload: unknown, epoch?: number): void {
    const { sessionId } = (payload ?? {}) as { sessionId?: unknown };
    if (typeof sessionId !== 'string') return;
    const record = this.#database().read(SESSIONS, sessionId) as SessionRecord | undefined;
    if (!record) return;
    if (record._openid !== openid)
      this.#broken('people see their own records only', `${event} of ${sessionId} to ${openid}`);
    if (event !== 'progress' || record.state === 'cancelled') return;
    const { committedPos, settledIndex } = payload as ProgressEvent;
    // An instance that still has the deleted record does not know: what it says of that one was stored.
    const stored = this.#deleted.get(`${sessionId} ${epoch}`) ?? record;
    if (committedPos > stored.committedPos)
      this.#broken(
        'what a client may forget is stored',
        `${sessionId}: ${committedPos} > ${stored.committedPos}`,
      );
    if (settledIndex >= stored.nextIndex)
      this.#broken('what counts as settled is stored', `${sessionId}: ${settledIndex} ≥ ${stored.nextIndex}`);
  }

  /** A client that asked for the session is answered. */
  startAnswered(sessionId: string, answer: object): void {
    this.#refusals.answered(sessionId, answer);
  }

  /** Anything sent ahead of `start` was kept by the client library from an earlier connection. @param event the first of a connection */
  begun(event: string): void {
    if (event !== 'start') this.#broken('a connection begins with start', event);
  }

  /**
   * What a phone has given to the network and what has not arrived, bytes: a heartbeat waits behind it.
   * @param times how often it sends a frame
   */
  phoneSends(bytes: number, times: number): void {
    if (bytes > PHONE_SENDS_BYTES * times)
      this.#broken('a phone sends ahead within its bound', `${bytes} bytes`);
  }

  /** Audio that a phone keeps at the moment, ms. */
  phoneKeeps(ms: number): void {
    if (ms > CLIENT_RING_MS + RING_MARGIN_MS)
      this.#broken('a phone keeps audio within its bound', `${ms} ms`);
  }

  /** The functions' timer has run for more than a day without anything else. @param nowMs by the functions' clock, epoch ms */
  afterPurging(nowMs: number): void {
    const sessions = this.#database().all(SESSIONS) as unknown as SessionRecord[];
    for (const { _id, deletedAt, state, updatedAt } of sessions) {
      const goneMs = (deletedAt ?? (state === 'cancelled' ? updatedAt : undefined))?.getTime();
      if (goneMs !== undefined && goneMs < nowMs - PURGED_AFTER_MS)
        this.#broken('what was deleted a day ago is purged', `${_id}: ${state}`);
      if (state === 'live' && !deletedAt) this.#broken('no session stays without an owner', _id);
    }
    const known = new Set(sessions.map(({ _id }) => _id));
    for (const { _id, sessionId } of this.#database().all(PAGES) as unknown as PageRecord[])
      if (!known.has(sessionId)) this.#broken('no page is left without its session', _id);
  }

  /** The run is over. */
  atEnd(phones: readonly Phone[], cloud: Cloud): void {
    for (const phone of phones) {
      for (const { unsettled, handset } of phone.apps)
        if (unsettled > 0 && handset.party.alive)
          this.#broken('every promise settles', `${phone.sessionId}: ${unsettled} of ${handset.party.name}`);
      this.#checkSession(phone, cloud);
    }
    this.#checkStatistics();
  }

  broken(rule: string, detail: string): void {
    this.#broken(rule, detail);
  }

  #checkSession(phone: Phone, cloud: Cloud): void {
    const { sessionId, outcome } = phone;
    if (!outcome) {
      this.#broken('every recording ends', `${sessionId} is still under way`);
      return;
    }
    const { deleted } = cloud.historyOf(sessionId);
    const record = this.#database().read(SESSIONS, sessionId) as SessionRecord | undefined;
    if (outcome.how === 'failed') {
      // Only whoever has deleted a recording loses it.
      const excused = deleted && (outcome.error === 'SESSION_DELETED' || outcome.error === 'NOT_FOUND');
      if (!excused) this.#broken('no recording fails', `${sessionId}: ${outcome.error}`);
    }
    if (outcome.how === 'cancelled' && record && !deleted) this.#checkCancelled(record);
    if (!record || record.state === 'cancelled') {
      if (outcome.how === 'completed' && !deleted) this.#broken('what is completed is stored', sessionId);
      return;
    }
    this.#checkEdits(record, cloud);
    const delivered = outcome.how === 'completed' || outcome.pending?.result === 'delivered';
    if (!delivered && !deleted) return;
    if (delivered && record.state === 'live' && !record.deletedAt)
      this.#broken('what ended is no longer live', sessionId);
    this.#checkText(phone, record);
  }

  #checkCancelled({ _id, state, sentences }: SessionRecord): void {
    if (state !== 'cancelled' || Object.keys(sentences).length > 0)
      this.#broken('nothing is kept of what is cancelled', `${_id}: ${state}`);
  }

  #checkText({ sessionId, plan, outcome }: Phone, record: SessionRecord): void {
    const stored = this.#textOf(record);
    const texts = stored.map((sentence) => sentence.text);
    // What the app had not saved when it was killed is gone: the recording ends before it. Interrupted, it ends where it is settled.
    const endPos = record.state === 'completed' ? record.samples : record.committedPos;
    const unheard = {
      startMs: samplesToMs(endPos, record.sampleRate) - 10,
      endMs: Number.POSITIVE_INFINITY,
    };
    const fault = compareText(texts, plan.words, [...record.losses, unheard]);
    if (fault) this.#broken(`no word is ${fault.kind}`, `${sessionId} at ${fault.atMs} ms: ${fault.text}`);
    const shown = outcome?.lines.map((line) => line.text).join('|');
    const kept = stored.map((sentence) => sentence.text).join('|');
    if (outcome?.how === 'completed' && shown !== kept)
      this.#broken('the screen shows what is stored', `${sessionId}: ${differenceOf(shown ?? '', kept)}`);
    if (record.sentenceCount !== stored.length)
      this.#broken('sentences are counted once', `${sessionId}: ${record.sentenceCount} of ${stored.length}`);
  }

  /**
   * An edit that was answered stays, unless its sentence had not been settled and was heard again, or its record was deleted for
   * good and this is another one.
   */
  #checkEdits(record: SessionRecord, cloud: Cloud): void {
    const stored = new Map(this.#sentencesOf(record));
    for (const [index, { text, sure, creation }] of cloud.historyOf(record._id).edits) {
      const sentence = creation === creationOf(record) ? stored.get(index) : undefined;
      if (sure && sentence && sentence.editedText !== text)
        this.#broken('an edit stays', `${record._id} ${index}: ${sentence.editedText} for ${text}`);
    }
  }

  #sentencesOf(record: SessionRecord): [number, Sentence][] {
    const pages = this.#database()
      .all(PAGES)
      .filter((page) => page.sessionId === record._id) as unknown as PageRecord[];
    const all = [...pages.map((page) => page.sentences), record.sentences];
    return all.flatMap((sentences) => sentencesInOrder(sentences)).sort(([a], [b]) => a - b);
  }

  #textOf(record: SessionRecord): Sentence[] {
    return this.#sentencesOf(record).map(([, sentence]) => sentence);
  }

  #checkStatistics(): void {
    const all = this.#database().all(DAILY_STATS) as unknown as StatsRecord[];
    const totals = new Map(all.filter(({ day }) => day === 'total').map((stats) => [stats._openid, stats]));
    const none = { sessions: 0, sentences: 0, durationMs: 0 };
    for (const openid of new Set([...totals.keys(), ...this.#ledgers.keys()])) {
      const { sessions, sentences, durationMs } = totals.get(openid) ?? none;
      const shown = `${sessions} sessions, ${sentences} sentences, ${durationMs} ms`;
      const due = this.#ledgers.get(openid) ?? none;
      const exact = `${due.sessions} sessions, ${due.sentences} sentences, ${due.durationMs} ms`;
      if (shown !== exact) this.#broken('statistics are exact', `${openid}: ${shown}; ${exact}`);
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
