import { engineOf } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import { REOPEN_WITHIN_MS } from '../../../contract/limits.ts';
import type { SessionRecord } from '../../../contract/records.ts';
import {
  STREAM_LIMITS,
  type StartAnswer,
  type StartOptions,
  type StopAnswer,
} from '../../../contract/stream.ts';
import { KeyedLock } from '../../../lib/keyed-lock.ts';
import { firstEpoch, newSession } from '../../../records/new-session.ts';
import { checkReadable } from '../../../records/schema-version.ts';
import type { AsrParams } from '../asr/types.ts';
import type { Priority } from '../store/database-budget.ts';
import { completedEventOf, stopAnswerOf } from './finish.ts';
import { Session } from './session.ts';
import { type ClientSocket, checkTakeOver } from './takeover.ts';
import { storedResults } from './transcript.ts';
import type { AttachResult, SessionDeps } from './types.ts';

/** A draining instance asks to be left alone for this long; by then another one answers. */
const DRAIN_RETRY_MS = 300;
const BUSY_RETRY_MS = 5_000;
/** Requests of a start: read, then create or claim, and a claim is read again. */
const START_COST = 3;
/** Two owners that claim the same session at the same moment try again this often. */
const CLAIM_TRIES = 5;

/** What `start` led to: a session to talk to, or one that had ended already. */
export type StartResult = AttachResult & ({ session: Session } | { ended: StopAnswer });

export interface SessionManagerDeps extends SessionDeps {
  /** Of an openid, for the log. */
  hashUser: (openid: string) => string;
  /** Forced sentence end, ms; undefined: the recogniser's own default. */
  asrMaxSpeakMs?: number | undefined;
}

export interface SessionLimits {
  /** Sessions on this instance. */
  maxSessions: number;
  maxSessionsPerUser: number;
}

/** The sessions of this instance: created, claimed from another instance, or resumed. */
export class SessionManager {
  private readonly deps: SessionManagerDeps;
  private readonly limits: SessionLimits;
  private readonly sessions = new Map<string, Session>();
  /** Owners of the sessions whose start is under way, by session id: they count before they are here. */
  private readonly starting = new Map<string, string>();
  private readonly lock = new KeyedLock();
  private draining = false;

  constructor(deps: SessionManagerDeps, limits: SessionLimits) {
    this.deps = deps;
    this.limits = limits;
  }

  get size(): number {
    return this.sessions.size;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /**
   * Starts, resumes or takes over a session for the person behind `openid`.
   * @throws VoiceError DRAINING, BUSY, FORBIDDEN, TAKEN_OVER, SESSION_DELETED, SESSION_ENDED, SESSION_EXPIRED,
   * NOT_FOUND, CONFLICT, STORE_UNAVAILABLE, RECORD_TOO_NEW
   */
  start(options: StartOptions, openid: string, socket: ClientSocket): Promise<StartResult> {
    this.checkDraining();
    const sessionId = options.sessionId ?? this.deps.newId();
    return this.lock.run(sessionId, () =>
      this.startLocked({ ...options, sessionId }, openid, socket).finally(() =>
        this.starting.delete(sessionId),
      ),
    );
  }

  /** Gives every session away, each at its next commit or after `deadlineMs`; takes no new one. */
  async drain(deadlineMs: number): Promise<void> {
    this.draining = true;
    await Promise.allSettled([...this.sessions.values()].map((session) => session.handOver(deadlineMs)));
  }

  private async startLocked(
    options: StartOptions & { sessionId: string },
    openid: string,
    socket: ClientSocket,
  ): Promise<StartResult> {
    const clientId = options.clientId ?? '';
    const priority = options.resume ? 'resume' : 'start';
    const here = this.sessions.get(options.sessionId);
    if (here && here.openid !== openid) throw new VoiceError('FORBIDDEN');
    if (here && (await this.stillOurs(here, priority, clientId))) {
      if (here.record.sampleRate !== options.sampleRate) throw new VoiceError('BAD_SAMPLE_RATE');
      checkTakeOver(here.clientId, clientId, options.resume?.takeOver);
      if (here.clientId !== clientId) await here.reserveFor(clientId);
      if (!here.isOver)
        return { ...here.attach(socket, clientId, options.resume?.haveIndex ?? -1), session: here };
    }
    for (let tries = 0; tries < CLAIM_TRIES; tries++) {
      await this.deps.budget.acquire(priority, START_COST);
      const seen = await this.deps.store.load(options.sessionId);
      const record = seen
        ? await this.claim(seen, options, openid, socket)
        : await this.create(options, openid, clientId);
      if (record && 'answer' in record) return record;
      if (!record) continue;
      this.checkDraining();
      return this.open(record, options, socket, seen !== null);
    }
    throw new VoiceError('CONFLICT');
  }

  /** Another instance may have claimed a session meanwhile, which this one would only learn with its next write. */
  private async stillOurs(session: Session, priority: Priority, clientId: string): Promise<boolean> {
    try {
      await this.deps.budget.acquire(priority);
      session.check(await this.deps.store.load(session.sessionId));
    } catch {
      // The database is away or overloaded: the next write tells. Until then nobody can say which of two clients owns the session.
      if (session.clientId !== clientId) throw new VoiceError('STORE_UNAVAILABLE');
    }
    return !session.isOver;
  }

  private async create(
    options: StartOptions & { sessionId: string },
    openid: string,
    clientId: string,
  ): Promise<SessionRecord | null> {
    if ((options.resume?.haveIndex ?? -1) >= 0) throw new VoiceError('NOT_FOUND');
    this.takeCapacity(options.sessionId, openid);
    const { sessionId: _id, engine, sampleRate, title } = options;
    const claim = this.deps.newId();
    const record = newSession(
      { _id, _openid: openid, clientId, source: 'stream', state: 'live', claim, engine, sampleRate, title },
      this.deps.clock.now(),
    );
    record.epoch = firstEpoch(claim);
    return (await this.deps.store.create(record)) ? record : null;
  }

  /** Makes a stored session ours, or answers for one that has ended. @returns null where it changed meanwhile: read it again */
  private async claim(
    seen: SessionRecord,
    options: StartOptions,
    openid: string,
    socket: ClientSocket,
  ): Promise<SessionRecord | null | StartResult> {
    const clientId = options.clientId ?? '';
    const nowMs = this.deps.clock.now();
    if (seen._openid !== openid) throw new VoiceError('FORBIDDEN');
    if (seen.state === 'cancelled') throw new VoiceError('SESSION_ENDED');
    if (seen.deletedAt) throw new VoiceError('SESSION_DELETED');
    checkReadable(seen);
    if (seen.sampleRate !== options.sampleRate) throw new VoiceError('BAD_SAMPLE_RATE');
    // The list of engines may have changed since the session began.
    if (!engineOf(seen.engine)?.realtime) throw new VoiceError('UNKNOWN_ENGINE');
    const expired = nowMs - seen.startedAt.getTime() > REOPEN_WITHIN_MS;
    if (seen.state === 'completed' || (seen.state === 'interrupted' && expired)) {
      return this.answerEnded(seen, options, socket);
    }
    checkTakeOver(seen.clientId, clientId, options.resume?.takeOver);
    this.takeCapacity(seen._id, openid);
    return this.deps.store.claim(seen, { clientId, claim: this.deps.newId(), nowMs });
  }

  /** @param resumed it had an owner before */
  private open(
    record: SessionRecord,
    options: StartOptions,
    socket: ClientSocket,
    resumed: boolean,
  ): StartResult {
    const engine = engineOf(record.engine);
    const params: AsrParams = {
      engine: record.engine,
      sampleRate: record.sampleRate,
      hotwords: options.hotwords,
      silenceMs: options.silenceMs,
      // Also where the client does not want them: a forced final is cut by them.
      wordTimes: engine?.wordTimes ?? false,
      ...(this.deps.asrMaxSpeakMs !== undefined && { maxSpeakMs: this.deps.asrMaxSpeakMs }),
    };
    const { hashUser } = this.deps;
    const fields = { sessionId: record._id, epoch: record.epoch, user: hashUser(record._openid) };
    const deps = { ...this.deps, log: this.deps.log.child(fields) };
    const session = new Session(deps, record, params, options.wordTimes, (over) => {
      if (this.sessions.get(over.sessionId) === over) this.sessions.delete(over.sessionId);
    });
    this.sessions.set(record._id, session);
    deps.log.info({ engine: record.engine, resumed }, 'session opened');
    try {
      return { ...session.attach(socket, record.clientId, options.resume?.haveIndex ?? -1), session };
    } catch (error) {
      session.discard();
      throw error;
    }
  }

  private async answerEnded(
    record: SessionRecord,
    options: StartOptions,
    socket: ClientSocket,
  ): Promise<StartResult> {
    await this.deps.budget.acquire('resume');
    const stored = await this.deps.store.sentencesAbove(record._id, options.resume?.haveIndex ?? -1);
    const ended = stopAnswerOf(record);
    const completed = completedEventOf(record);
    const resendMissed = () => {
      for (const event of storedResults(record._id, stored)) socket.emit('result', event);
      socket.emit('completed', completed);
    };
    const answer: StartAnswer = {
      sessionId: record._id,
      state: completed.state,
      nextPos: record.samples,
      committedPos: record.samples,
      limitPos: record.samples,
      nextIndex: record.nextIndex,
      settledIndex: record.nextIndex - 1,
      limits: STREAM_LIMITS,
    };
    return { answer, ended, resendMissed };
  }

  private checkDraining(): void {
    if (this.draining) throw new VoiceError('DRAINING', { retryAfterMs: DRAIN_RETRY_MS });
  }

  private takeCapacity(sessionId: string, openid: string): void {
    const owners = new Map(this.starting);
    for (const session of this.sessions.values()) owners.set(session.sessionId, session.openid);
    owners.delete(sessionId);
    const own = [...owners.values()].filter((owner) => owner === openid).length;
    if (owners.size >= this.limits.maxSessions || own >= this.limits.maxSessionsPerUser)
      throw new VoiceError('BUSY', { retryAfterMs: BUSY_RETRY_MS });
    this.starting.set(sessionId, openid);
  }
}
