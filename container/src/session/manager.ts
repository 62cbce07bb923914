import { randomUUID } from 'node:crypto';
import { engineOf } from '../../../contract/engines.ts';
import { VoiceError } from '../../../contract/errors.ts';
import { REOPEN_WITHIN_MS, samplesToMs } from '../../../contract/limits.ts';
import type { SessionRecord } from '../../../contract/records.ts';
import {
  STREAM_LIMITS,
  type StartAnswer,
  type StartOptions,
  type StopAnswer,
} from '../../../contract/stream.ts';
import { newSession } from '../../../records/new-session.ts';
import type { AsrParams } from '../asr/types.ts';
import type { ClientSocket } from './client-socket.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Session } from './session.ts';
import { storedResults } from './transcript.ts';
import type { Attached, SessionDeps } from './types.ts';

/** A draining instance asks to be left alone for this long; by then another one answers. */
const DRAIN_RETRY_MS = 300;
const BUSY_RETRY_MS = 5_000;
/** Two owners that claim the same session at the same moment try again this often. */
const CLAIM_TRIES = 5;

/** What `start` led to: a session to talk to, or one that had ended already. */
export type Started = Attached & ({ session: Session } | { ended: StopAnswer });

export interface SessionLimits {
  /** Sessions on this instance. */
  maxSessions: number;
  maxSessionsPerUser: number;
}

/** The sessions of this instance: made, claimed from another instance, or taken up again. */
export class SessionManager {
  private readonly deps: SessionDeps;
  private readonly limits: SessionLimits;
  private readonly sessions = new Map<string, Session>();
  /** Whose sessions are being made at the moment: they take room before they are here. */
  private readonly arriving = new Map<string, string>();
  private readonly lock = new KeyedLock();
  private draining = false;

  constructor(deps: SessionDeps, limits: SessionLimits) {
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
   * NOT_FOUND, CONFLICT, STORE_UNAVAILABLE
   */
  start(options: StartOptions, openid: string, peer: ClientSocket): Promise<Started> {
    this.checkDraining();
    const sessionId = options.sessionId ?? randomUUID();
    return this.lock.run(sessionId, () =>
      this.startLocked({ ...options, sessionId }, openid, peer).finally(() =>
        this.arriving.delete(sessionId),
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
    peer: ClientSocket,
  ): Promise<Started> {
    const clientId = options.clientId ?? '';
    const here = this.sessions.get(options.sessionId);
    if (here && here.openid !== openid) throw new VoiceError('FORBIDDEN');
    if (here && (await this.stillOurs(here))) {
      if (here.record.sampleRate !== options.sampleRate) throw new VoiceError('BAD_SAMPLE_RATE');
      mayTake(here.clientId, clientId, options);
      return { ...here.attach(peer, clientId, options.resume?.haveIndex ?? -1), session: here };
    }
    for (let tries = 0; tries < CLAIM_TRIES; tries++) {
      const seen = await this.deps.store.load(options.sessionId);
      const record = seen
        ? await this.takeUp(seen, options, openid, peer)
        : await this.create(options, openid, clientId);
      if (record && 'answer' in record) return record;
      if (!record) continue;
      this.checkDraining();
      return this.open(record, options, peer);
    }
    throw new VoiceError('CONFLICT');
  }

  /** Another instance may have taken a session meanwhile, which this one would only learn with its next write. */
  private async stillOurs(session: Session): Promise<boolean> {
    try {
      session.check(await this.deps.store.load(session.sessionId));
    } catch {
      // the database is away, so nobody can have taken it just now: the text goes on
    }
    return !session.isOver;
  }

  private async create(
    options: StartOptions & { sessionId: string },
    openid: string,
    clientId: string,
  ): Promise<SessionRecord | null> {
    if ((options.resume?.haveIndex ?? -1) >= 0) throw new VoiceError('NOT_FOUND');
    this.takeRoom(options.sessionId, openid);
    const { sessionId: _id, engine, sampleRate, title } = options;
    const claim = randomUUID();
    const record = newSession(
      { _id, _openid: openid, clientId, source: 'stream', state: 'live', claim, engine, sampleRate, title },
      this.deps.clock.now(),
    );
    return (await this.deps.store.create(record)) ? record : null;
  }

  /** Makes a stored session ours, or answers for one that has ended. */
  private async takeUp(
    seen: SessionRecord,
    options: StartOptions,
    openid: string,
    peer: ClientSocket,
  ): Promise<SessionRecord | null | Started> {
    const clientId = options.clientId ?? '';
    const nowMs = this.deps.clock.now();
    if (seen._openid !== openid) throw new VoiceError('FORBIDDEN');
    if (seen.state === 'cancelled') throw new VoiceError('SESSION_ENDED');
    if (seen.deletedAt) throw new VoiceError('SESSION_DELETED');
    if (seen.sampleRate !== options.sampleRate) throw new VoiceError('BAD_SAMPLE_RATE');
    // the list of engines may have changed since the session began
    if (!engineOf(seen.engine)?.realtime) throw new VoiceError('UNKNOWN_ENGINE');
    const expired = nowMs - seen.startedAt.getTime() > REOPEN_WITHIN_MS;
    if (seen.state === 'completed' || (seen.state === 'interrupted' && expired)) {
      return this.answerEnded(seen, options, peer);
    }
    mayTake(seen.clientId, clientId, options);
    this.takeRoom(seen._id, openid);
    return this.deps.store.claim(seen, { clientId, claim: randomUUID(), nowMs });
  }

  private open(record: SessionRecord, options: StartOptions, peer: ClientSocket): Started {
    const engine = engineOf(record.engine);
    const params: AsrParams = {
      engine: record.engine,
      sampleRate: record.sampleRate,
      hotwords: options.hotwords,
      silenceMs: options.silenceMs,
      // also where the client does not want them: they tell where a forced final cut
      wordTimes: engine?.wordTimes ?? false,
      ...(this.deps.asrMaxSpeakMs !== undefined && { maxSpeakMs: this.deps.asrMaxSpeakMs }),
    };
    const deps = { ...this.deps, log: this.deps.log.child({ sessionId: record._id, epoch: record.epoch }) };
    const session = new Session(deps, record, params, options.wordTimes, (over) => {
      if (this.sessions.get(over.sessionId) === over) this.sessions.delete(over.sessionId);
    });
    this.sessions.set(record._id, session);
    deps.log.info({ engine: record.engine, resumed: record.epoch > 1 }, 'session is here');
    return { ...session.attach(peer, record.clientId, options.resume?.haveIndex ?? -1), session };
  }

  private async answerEnded(
    record: SessionRecord,
    options: StartOptions,
    peer: ClientSocket,
  ): Promise<Started> {
    const stored = await this.deps.store.sentencesAbove(record._id, options.resume?.haveIndex ?? -1);
    const ended: StopAnswer = {
      id: record._id,
      sentences: record.sentenceCount,
      durationMs: samplesToMs(record.samples, record.sampleRate),
    };
    const state = record.state === 'interrupted' ? 'interrupted' : 'completed';
    const resendMissed = () => {
      for (const event of storedResults(record._id, stored)) peer.emit('result', event);
      peer.emit('completed', { ...ended, sessionId: record._id, state });
    };
    const answer: StartAnswer = {
      sessionId: record._id,
      state,
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

  private takeRoom(sessionId: string, openid: string): void {
    const owners = new Map(this.arriving);
    for (const session of this.sessions.values()) owners.set(session.sessionId, session.openid);
    owners.delete(sessionId);
    const own = [...owners.values()].filter((owner) => owner === openid).length;
    if (owners.size >= this.limits.maxSessions || own >= this.limits.maxSessionsPerUser)
      throw new VoiceError('BUSY', { retryAfterMs: BUSY_RETRY_MS });
    this.arriving.set(sessionId, openid);
  }
}

/** Another client takes a session only where a person asked for it. */
function mayTake(owner: string, clientId: string, options: StartOptions): void {
  if (owner !== clientId && options.resume?.takeOver === false) throw new VoiceError('TAKEN_OVER');
}
