import { VoiceError } from '../../../contract/errors.ts';
import {
  HEARTBEAT_MS,
  msToSamples,
  PREVIEW_CHARS,
  samplesToMs,
  TAIL_BYTES,
  TAIL_SENTENCES,
} from '../../../contract/limits.ts';
import {
  checkpointOf,
  countChars,
  type Loss,
  type Sentence,
  type SentenceCheckpoint,
  type SessionRecord,
} from '../../../contract/records.ts';
import { cutText } from '../../../contract/text.ts';
import { type Clock, withTimeout } from '../../../lib/clock.ts';
import type { DatabaseBudget } from '../store/database-budget.ts';
import type { SessionPatch, SessionStore } from '../store/types.ts';
import type { Checkpoint } from '../upstream/checkpoint.ts';
import { withLoss } from './losses.ts';
import { SESSION_RULES } from './rules.ts';

/** Waits between tries while the database is away; the last one repeats. */
const RETRY_MS = [200, 500, 1_000, 2_000, 5_000] as const;
/** A checkpoint that moved over silence only is written when it moved this far: the client's ring has room for it. */
const MIN_SILENCE_WRITE_MS = 10_000;
/** The store is reported as unavailable after this many failures in a row. */
const UNAVAILABLE_AFTER = 3;

export interface RecordWriterHandlers {
  /** A write took place: `settledIndex` and `committedPos` may have advanced. */
  stored(): void;
  /** The session has another owner, has ended or was deleted: the writer stops. `record`: its present state (null: gone). */
  fenced(record: SessionRecord | null): void;
  unavailable(): void;
  /** After `unavailable`. */
  available(): void;
}

interface Unstored {
  index: number;
  sentence: Sentence;
  checkpoint: Checkpoint;
}

/** A write as it is sent, and repeated unchanged until it is known to have taken place. */
interface FrozenWrite {
  seq: number;
  patch: SessionPatch;
  /** Its sentences are the first of `unstored`. */
  sentences: number;
  checkpoint: Checkpoint;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/**
 * Writes a session's progress: one write at a time, everything new since the last one in it, in order, repeated
 * until it is known to have taken place.
 */
export class RecordWriter {
  private readonly deps: { store: SessionStore; budget: DatabaseBudget; clock: Clock };
  private readonly on: RecordWriterHandlers;
  private readonly sessionId: string;
  private readonly epoch: number;
  private unstored: Unstored[] = [];
  /** The write that is under way, or that may have taken place and is to be repeated. */
  private unanswered: FrozenWrite | undefined;
  private storedSeq: number;
  private latest: Checkpoint;
  private committed: number;
  private settled: number;
  private sentenceCount: number;
  private charCount: number;
  private preview: string;
  private tailCount: number;
  private tailBytes: number;
  private losses: Loss[];
  private extra: Partial<SessionPatch['fields']> = {};
  private samples: number;
  private pending: Sentence | null = null;
  /** Of the open sentence, and as the record has it. */
  private head: SentenceCheckpoint | null;
  private storedHead: SentenceCheckpoint | null;
  private headWrittenMs = Number.NEGATIVE_INFINITY;
  private cancelHeadTimer: (() => void) | undefined;
  private dirty = false;
  private writing = false;
  private closed = false;
  private failures = 0;
  private readonly rateHz: number;
  private readonly minSilenceSamples: number;
  private cancelTimer: (() => void) | undefined;
  /** The wait of the timer that is set. */
  private timerMs = Number.POSITIVE_INFINITY;
  private waiters: (() => void)[] = [];

  constructor(
    deps: { store: SessionStore; budget: DatabaseBudget; clock: Clock },
    record: SessionRecord,
    handlers: RecordWriterHandlers,
  ) {
    this.deps = deps;
    this.on = handlers;
    this.sessionId = record._id;
    this.epoch = record.epoch;
    this.latest = { pos: record.committedPos, overlap: record.overlap };
    this.committed = record.committedPos;
    this.settled = record.nextIndex - 1;
    this.sentenceCount = record.sentenceCount;
    this.charCount = record.charCount;
    this.preview = record.preview;
    this.tailCount = record.nextIndex - record.tailIndex;
    this.tailBytes = jsonBytes(record.sentences);
    this.losses = record.losses;
    this.samples = record.samples;
    this.storedSeq = record.writeSeq;
    this.head = checkpointOf(record);
    this.storedHead = record.checkpoint;
    this.rateHz = record.sampleRate;
    this.minSilenceSamples = msToSamples(MIN_SILENCE_WRITE_MS, record.sampleRate);
    this.writeWithin(HEARTBEAT_MS);
  }

  get committedPos(): number {
    return this.committed;
  }

  /** Newest stored index, −1: none. */
  get settledIndex(): number {
    return this.settled;
  }

  /** The owner's newest write: the last that is known to be stored, and the last that may be. */
  get writes(): { storedSeq: number; attemptedSeq: number } {
    return { storedSeq: this.storedSeq, attemptedSeq: this.unanswered?.seq ?? this.storedSeq };
  }

  get unstoredCount(): number {
    return this.unstored.length;
  }

  final(index: number, sentence: Sentence, checkpoint: Checkpoint): void {
    this.unstored.push({ index, sentence, checkpoint });
    this.latest = checkpoint;
    this.head = null;
    this.touch();
  }

  checkpoint(checkpoint: Checkpoint): void {
    this.latest = checkpoint;
    if (checkpoint.pos - this.committed >= this.minSilenceSamples) this.touch();
  }

  /** Audio from `fromPos` to `toPos` was lost. */
  lose(fromPos: number, toPos: number, reason: Loss['reason']): void {
    const startMs = samplesToMs(fromPos, this.rateHz);
    const endMs = samplesToMs(toPos, this.rateHz);
    this.losses = withLoss(this.losses, { startMs, endMs, reason });
    this.extra.losses = this.losses;
    this.touch();
  }

  /**
   * The record names the client that is to have the session, before that one is told so and the other one is let go: whichever
   * instance it meets next must not refuse it. Resolves when that is stored, or the writer is closed.
   * @throws VoiceError STORE_UNAVAILABLE: `formerId` has it still
   */
  async nameClient(clientId: string, formerId: string): Promise<void> {
    this.extra.clientId = clientId;
    const tooLong = () => new VoiceError('STORE_UNAVAILABLE');
    try {
      await withTimeout(this.flush(), this.deps.clock, SESSION_RULES.nameClientMs, tooLong);
    } catch (error) {
      this.extra.clientId = formerId;
      this.touch();
      throw error;
    }
  }

  /** All audio of the session lies before `samples`. Goes along with the next write, and causes none. */
  noteSamples(samples: number): void {
    this.samples = samples;
  }

  /** The open sentence. Goes along with the next write, and causes none. */
  notePending(pending: Sentence | null): void {
    this.pending = pending;
  }

  /**
   * The checkpoint within the open sentence. It goes along with the next write; alone it is written now and then, while the
   * database has room. Null: the one that is stored does not hold any more, which is written soon.
   */
  noteHead(head: SentenceCheckpoint | null): void {
    this.head = head;
    if (head) this.writeHeadLater();
    else if (this.storedHead) this.touch();
  }

  /** Writes now what is there. Resolves when all of it is stored, or the writer is closed. */
  flush(): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      this.dirty = true;
      if (!this.writing) void this.writeAll();
    });
  }

  /** No more writes. */
  close(): void {
    this.closed = true;
    this.cancelTimer?.();
    this.cancelHeadTimer?.();
    this.release();
  }

  /** Something new is to be stored soon; while the store is unavailable, at the next try. */
  private touch(): void {
    this.dirty = true;
    if (!this.writing && this.failures === 0) this.writeWithin(SESSION_RULES.flushDelayMs);
  }

  /**
   * The next write begins within `ms`. A timer that was set with a shorter or the same wait stays: what is new does not put it off.
   * Waits are compared, not times of day: a clock that is put right would make a write seem due for as long as it was wrong.
   */
  private writeWithin(ms: number): void {
    if (ms >= this.timerMs) return;
    this.cancelTimer?.();
    this.timerMs = ms;
    this.cancelTimer = this.deps.clock.after(ms, () => void this.writeAll());
  }

  private writeHeadLater(): void {
    if (this.cancelHeadTimer || this.closed) return;
    const { headWriteMs } = SESSION_RULES;
    // At most that long, also where the clock was set back.
    const waitMs = Math.min(
      headWriteMs,
      Math.max(0, this.headWrittenMs + headWriteMs - this.deps.clock.now()),
    );
    this.cancelHeadTimer = this.deps.clock.after(waitMs, () => {
      this.cancelHeadTimer = undefined;
      if (!this.head || this.head === this.storedHead) return;
      this.headWrittenMs = this.deps.clock.now();
      const isIdle = !this.writing && this.failures === 0 && this.unstored.length === 0;
      if (isIdle && this.deps.budget.takeSpare()) void this.writeAll(true);
      else this.writeHeadLater();
    });
  }

  /** @param budgeted whether the first request has been taken from the budget already */
  private async writeAll(budgeted = false): Promise<void> {
    if (this.writing || this.closed) return;
    this.cancelTimer?.();
    this.timerMs = Number.POSITIVE_INFINITY;
    this.writing = true;
    let mustAcquire = !budgeted;
    do {
      if (mustAcquire) await this.deps.budget.acquire('commit');
      mustAcquire = true;
      if (this.closed) return;
      await this.writeOnce();
    } while (!this.closed && this.failures === 0 && (this.dirty || this.unstored.length > 0));
    this.writing = false;
    if (this.closed) return;
    if (this.failures > 0) this.writeWithin(RETRY_MS[Math.min(this.failures, RETRY_MS.length) - 1] as number);
    else {
      this.release();
      this.writeWithin(HEARTBEAT_MS);
    }
  }

  private async writeOnce(): Promise<void> {
    this.unanswered ??= this.freeze();
    const write = this.unanswered;
    const { sessionId, epoch } = this;
    try {
      const { store, clock } = this.deps;
      const answer = await store.write({ sessionId, epoch, seq: write.seq }, write.patch, clock.now());
      if (this.closed) return;
      if (answer.stored) this.onStored(write);
      else {
        this.close();
        this.on.fenced(answer.record);
      }
    } catch {
      this.failures += 1;
      if (this.failures === UNAVAILABLE_AFTER && !this.closed) this.on.unavailable();
    }
  }

  /** Everything new, as one write; sentences up to a tail's size. */
  private freeze(): FrozenWrite {
    const batch = this.unstored.slice(0, TAIL_SENTENCES);
    const last = batch.at(-1);
    const whole = batch.length === this.unstored.length;
    const checkpoint = whole || !last ? this.latest : last.checkpoint;
    const sentences = Object.fromEntries(batch.map(({ index, sentence }) => [index, sentence]));
    const text = batch.map(({ sentence }) => sentence.text).join('');
    const full =
      this.tailCount + batch.length > TAIL_SENTENCES || this.tailBytes + jsonBytes(sentences) > TAIL_BYTES;
    const head = whole ? this.head : null;
    const patch: SessionPatch = {
      sentences,
      tailFull: batch.length > 0 && this.tailCount > 0 && full,
      fields: {
        ...this.extra,
        committedPos: checkpoint.pos,
        overlap: checkpoint.overlap,
        samples: this.samples,
        pending: whole ? this.pending : null,
        ...(head !== this.storedHead && { checkpoint: head }),
        ...(last && {
          nextIndex: last.index + 1,
          sentenceCount: this.sentenceCount + batch.length,
          charCount: this.charCount + countChars(text),
          preview: cutText(this.preview + text, PREVIEW_CHARS),
        }),
      },
    };
    this.dirty = false;
    this.extra = {};
    return { seq: this.storedSeq + 1, patch, sentences: batch.length, checkpoint };
  }

  private onStored({ seq, patch, sentences, checkpoint }: FrozenWrite): void {
    const { fields } = patch;
    this.unanswered = undefined;
    this.storedSeq = seq;
    this.unstored.splice(0, sentences);
    this.committed = checkpoint.pos;
    this.storedHead = fields.checkpoint === undefined ? this.storedHead : fields.checkpoint;
    this.settled += sentences;
    this.sentenceCount = fields.sentenceCount ?? this.sentenceCount;
    this.charCount = fields.charCount ?? this.charCount;
    this.preview = fields.preview ?? this.preview;
    this.tailCount = sentences + (patch.tailFull ? 0 : this.tailCount);
    this.tailBytes = jsonBytes(patch.sentences) + (patch.tailFull ? 0 : this.tailBytes);
    if (this.failures >= UNAVAILABLE_AFTER) this.on.available();
    this.failures = 0;
    this.on.stored();
  }

  private release(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }
}
