import { asVoiceError, VoiceError } from '../../../contract/errors.ts';
import {
  type Answer,
  type ClientEvents,
  parseAudio,
  parseSkip,
  parseStart,
  parseStop,
  type StopAnswer,
} from '../../../contract/stream.ts';
import type { TicketKeys } from '../../../contract/ticket.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Log } from '../log.ts';
import type { SessionManager, Started } from '../session/manager.ts';
import type { Session } from '../session/session.ts';
import type { ClientSocket } from '../session/takeover.ts';
import type { Authenticate } from './auth.ts';

/** What every transport is given. */
export interface TransportDeps {
  manager: SessionManager;
  ticketKeys: TicketKeys;
  trustWxHeaders: boolean;
  clock: Clock;
  log: Log;
}

export type Acknowledge = (answer: Answer<object>) => void;
type Handler = (args: readonly unknown[], ack: Acknowledge | undefined) => unknown;

/** A socket that has not sent `start` by then is closed. */
export const START_WITHIN_MS = 30_000;
/** Bad frames or unknown events in a row after which a socket is closed: it is broken or hostile. */
const MAX_BAD_FRAMES = 200;

/**
 * What one client says, whichever transport it uses: payloads are checked here, and every failure becomes a refusal (where
 * an acknowledgement was asked for) or an `error` event, with a stable code.
 */
export class ClientConnection {
  private readonly deps: Pick<TransportDeps, 'manager' | 'log'>;
  private readonly socket: ClientSocket;
  private readonly authenticate: Authenticate;
  private readonly cancelDeadline: () => void;
  private session: Session | undefined;
  private ended: StopAnswer | undefined;
  private starting = false;
  private closed = false;
  private badFrames = 0;

  /** @param authenticate the caller's openid: from the handshake, or from the token that `start` carries */
  constructor(
    deps: Pick<TransportDeps, 'manager' | 'log' | 'clock'>,
    socket: ClientSocket,
    authenticate: Authenticate,
  ) {
    this.deps = deps;
    this.socket = socket;
    this.authenticate = authenticate;
    this.cancelDeadline = deps.clock.after(START_WITHIN_MS, () => {
      this.emitError(new VoiceError('NOT_STARTED'));
      socket.close();
    });
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
    this.countBadFrame();
  }

  /** The socket is gone. */
  close(): void {
    this.closed = true;
    this.cancelDeadline();
    this.session?.detach(this.socket);
  }

  private async start(payload: unknown, ack: Acknowledge | undefined): Promise<void> {
    this.cancelDeadline();
    let started: Started | undefined;
    await this.answer(ack, async () => {
      const options = parseStart(payload);
      if (this.starting || this.current()) throw new VoiceError('ALREADY_STARTED');
      this.starting = true;
      try {
        const openid = await this.authenticate(options.token);
        started = await this.deps.manager.start(options, openid, this.socket);
      } finally {
        this.starting = false;
      }
      this.session = 'session' in started ? started.session : undefined;
      this.ended = 'ended' in started ? started.ended : undefined;
      return started.answer;
    });
    if (!started) return;
    if (this.closed) this.session?.detach(this.socket);
    const { sessionId, nextPos, state } = started.answer;
    if (state === 'live') this.socket.emit('ready', { sessionId, nextPos });
    started.resendMissed();
  }

  private audio(args: readonly unknown[]): void {
    try {
      const frame = parseAudio(args);
      const session = this.current();
      if (!session) {
        // Audio that was under way when the session ended is nobody's fault.
        if (this.ended || this.session) return;
        throw new VoiceError('NOT_STARTED');
      }
      session.audio(this.socket, frame);
      this.badFrames = 0;
    } catch (error) {
      this.emitError(error);
      this.countBadFrame();
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

  private countBadFrame(): void {
    this.badFrames += 1;
    if (this.badFrames > MAX_BAD_FRAMES) this.socket.close();
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
      if (ack) ack({ error: this.logged(error).toWire() });
      else this.emitError(error);
    }
  }

  private emitError(error: unknown): void {
    this.socket.emit('error', this.logged(error).toWire());
  }

  private logged(thrown: unknown): VoiceError {
    const error = asVoiceError(thrown);
    const { log } = this.deps;
    if (error.code === 'INTERNAL') log.error({ err: error.cause }, 'unexpected failure');
    else log.info({ code: error.code, detail: error.detail }, 'refused');
    return error;
  }
}
