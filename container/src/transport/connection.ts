import { asVoiceError, VoiceError, type WireError } from '../../../contract/errors.ts';
import { BYTES_PER_SAMPLE, samplesToMs } from '../../../contract/limits.ts';
import {
  type Answer,
  type AudioFrame,
  type ClientEvents,
  type EncodedFrame,
  type ErrorEvent,
  parseAudio,
  parseSkip,
  parseStart,
  parseStop,
  type StopAnswer,
} from '../../../contract/stream.ts';
import type { TicketKeys } from '../../../contract/ticket.ts';
import type { Clock } from '../../../lib/clock.ts';
import { type KeyedBuckets, TokenBucket } from '../../../lib/token-bucket.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { decodeFrame } from '../session/decode-frame.ts';
import type { SessionManager, StartResult } from '../session/manager.ts';
import type { Session } from '../session/session.ts';
import type { ClientSocket } from '../session/takeover.ts';
import type { Authenticate } from './auth.ts';
import { CALLER_LIMITS } from './limits.ts';
import type { UnauthenticatedLimiter } from './unauthenticated-limiter.ts';

/** What every transport is given. */
export interface TransportDeps {
  manager: SessionManager;
  /** Makes an id that no other call ever returns. */
  newId: () => string;
  /** Of an openid, for the log: the same person has the same one, and it cannot be turned back. */
  hashUser: (openid: string) => string;
  /** `start` by user. */
  starts: KeyedBuckets;
  /** Connections without a valid ticket, by address. */
  unauthenticated: UnauthenticatedLimiter;
  /** Seconds of audio by user; undefined: without limit. */
  dailyAudio?: KeyedBuckets | undefined;
  metrics: Metrics;
  ticketKeys: TicketKeys;
  trustWxHeaders: boolean;
  clock: Clock;
  log: Log;
}

export type Acknowledge = (answer: Answer<object>) => void;
type ConnectionDeps = Omit<TransportDeps, 'ticketKeys' | 'trustWxHeaders' | 'unauthenticated'>;
type Handler = (args: readonly unknown[], ack: Acknowledge | undefined) => unknown;

/**
 * What one client says, whichever transport it uses: payloads are checked here, and every failure becomes a refusal (where
 * an acknowledgement was asked for) or an `error` event, with a stable code.
 */
export class ClientConnection {
  private readonly deps: ConnectionDeps;
  private log: Log;
  private readonly socket: ClientSocket;
  private readonly authenticate: Authenticate;
  private readonly refusals: TokenBucket;
  private readonly audioMs: TokenBucket;
  private cancelDeadline = () => {};
  private openid = '';
  private session: Session | undefined;
  private ended: StopAnswer | undefined;
  private starting = false;
  private closed = false;

  /**
   * @param authenticate the caller's openid: from the handshake, or from the token that `start` carries
   * @param authenticated whether the handshake has shown a valid ticket
   */
  constructor(
    deps: ConnectionDeps,
    socket: ClientSocket,
    authenticate: Authenticate,
    authenticated: boolean,
  ) {
    this.deps = deps;
    this.log = deps.log;
    this.socket = socket;
    this.authenticate = authenticate;
    this.refusals = new TokenBucket(deps.clock, CALLER_LIMITS.refusals);
    this.audioMs = new TokenBucket(deps.clock, CALLER_LIMITS.audioMs);
    if (authenticated) this.limitIdle();
    else this.closeAfter(CALLER_LIMITS.authenticateWithinMs);
  }

  /** Everything that a client may say. */
  private readonly handlers: Record<keyof ClientEvents, Handler> = {
    start: ([request], ack) => this.start(request, ack),
    audio: (args) => this.audio(args),
    skip: ([range], ack) => this.answer(ack, () => this.live().skip(this.socket, parseSkip(range))),
    stop: ([request], ack) => this.answer(ack, () => this.stop(parseStop(request).endPos)),
    cancel: (_args, ack) => this.answer(ack, () => this.cancel()),
  };

  /** @param args what came with the event; for `audio` as `parseAudio` takes it */
  handle(event: string, args: readonly unknown[], ack: Acknowledge | undefined): void {
    if (Object.hasOwn(this.handlers, event)) {
      this.handlers[event as keyof ClientEvents](args, ack);
      return;
    }
    void this.answer(ack, () => Promise.reject(new VoiceError('UNKNOWN_EVENT')));
  }

  /** The socket is gone. */
  close(): void {
    this.closed = true;
    this.cancelDeadline();
    this.session?.detach(this.socket);
  }

  private closeAfter(ms: number): void {
    this.cancelDeadline();
    this.cancelDeadline = this.deps.clock.after(ms, () => {
      this.refuse(new VoiceError('NOT_STARTED'));
      this.socket.close();
    });
  }

  /** A caller with a valid ticket may go without a session for a while. */
  private limitIdle(): void {
    this.cancelDeadline();
    this.cancelDeadline = this.deps.clock.after(CALLER_LIMITS.idleMs, () => {
      if (this.current()) this.limitIdle();
      else this.closeAfter(0);
    });
  }

  private async start(payload: unknown, ack: Acknowledge | undefined): Promise<void> {
    let started: StartResult | undefined;
    await this.answer(ack, async () => {
      const options = parseStart(payload);
      if (this.starting || this.current()) throw new VoiceError('ALREADY_STARTED');
      this.starting = true;
      try {
        const openid = await this.authenticate(options.token);
        if (!this.closed) this.limitIdle();
        this.log = this.deps.log.child({ user: this.deps.hashUser(openid) });
        this.openid = openid;
        const retryAfterMs = this.deps.dailyAudio?.waitMs(openid) || this.deps.starts.take(openid);
        if (retryAfterMs > 0) throw new VoiceError('RATE_LIMITED', { retryAfterMs });
        started = await this.deps.manager.start(options, openid, this.socket);
      } finally {
        this.starting = false;
      }
      this.session = 'session' in started ? started.session : undefined;
      this.ended = 'ended' in started ? started.ended : undefined;
      const { encodings } = options;
      return encodings.length > 0 ? { ...started.answer, encodings } : started.answer;
    });
    if (!started) return;
    if (this.closed) this.session?.detach(this.socket);
    const { sessionId, nextPos, state } = started.answer;
    this.log.info({ sessionId, state, nextPos }, 'started');
    if (state === 'live') this.socket.emit('ready', { sessionId, nextPos });
    started.resendMissed();
  }

  private audio(args: readonly unknown[]): void {
    try {
      const received = parseAudio(args);
      const session = this.current();
      if (!session) {
        // Audio that was under way when the session ended is nobody's fault.
        if (this.ended || this.session) return;
        throw new VoiceError('NOT_STARTED');
      }
      const frame = this.decoded(received, session);
      if (!frame) return;
      const samples = frame.pcm.byteLength / BYTES_PER_SAMPLE;
      const ms = samplesToMs(samples, session.record.sampleRate);
      const retryAfterMs = this.audioMs.take(ms) || (this.deps.dailyAudio?.take(this.openid, ms / 1000) ?? 0);
      if (retryAfterMs > 0) throw new VoiceError('RATE_LIMITED', { retryAfterMs });
      session.audio(this.socket, frame);
    } catch (error) {
      this.refuse(error);
    }
  }

  /** @returns undefined: it is not what its encoding says. The client is told from where to send again, so that nothing is lost. */
  private decoded(received: EncodedFrame, { sessionId, nextPos }: Session): AudioFrame | undefined {
    try {
      return decodeFrame(received);
    } catch (error) {
      this.refuse(error, { sessionId, nextPos });
      return undefined;
    }
  }

  private async stop(endPos: number | undefined): Promise<StopAnswer> {
    return this.ended ?? this.session?.stopAnswer ?? this.live().stop(endPos);
  }

  private async cancel(): Promise<{ ok: true }> {
    await this.live().cancel();
    this.session = undefined;
    return { ok: true };
  }

  /** The session that this socket talks to, if it goes on. */
  private current(): Session | undefined {
    const { session } = this;
    return session && !session.isOver && session.isAttached(this.socket) ? session : undefined;
  }

  /** @throws VoiceError SESSION_ENDED, NOT_STARTED */
  private live(): Session {
    const session = this.current();
    if (!session) throw new VoiceError(this.ended || this.session ? 'SESSION_ENDED' : 'NOT_STARTED');
    return session;
  }

  private async answer(ack: Acknowledge | undefined, work: () => object | Promise<object>): Promise<void> {
    try {
      const answer = await work();
      ack?.(answer);
    } catch (error) {
      if (!ack) this.refuse(error);
      else if (this.mayRefuse()) ack({ error: this.refusalOf(error) });
    }
  }

  /** Tells an error that belongs to no request. */
  refuse(error: unknown, more: Pick<ErrorEvent, 'sessionId' | 'nextPos'> = {}): void {
    if (this.mayRefuse()) this.socket.emit('error', { ...this.refusalOf(error), ...more });
  }

  /** Whoever is refused too often is not answered any more: the socket is closed. */
  private mayRefuse(): boolean {
    if (this.closed) return false;
    if (this.refusals.take() === 0) return true;
    this.socket.close();
    return false;
  }

  /** What the client is told, with the id of the line that the log has of it. */
  private refusalOf(thrown: unknown): WireError {
    const error = asVoiceError(thrown);
    const { code, detail } = error;
    const requestId = this.deps.newId();
    this.deps.metrics.refusals.inc({ code });
    if (code === 'INTERNAL') this.log.error({ err: error.cause, requestId }, 'unexpected failure');
    else this.log.info({ code, detail, requestId }, 'refused');
    return { ...error.toWire(), requestId };
  }
}
