import { asVoiceError, VoiceError } from '../../../contract/errors.ts';
import {
  type Answer,
  parseAudio,
  parseSkip,
  parseStart,
  parseStop,
  type StopAnswer,
} from '../../../contract/stream.ts';
import type { Log } from '../log.ts';
import type { ClientSocket } from '../session/client-socket.ts';
import type { SessionManager, Started } from '../session/manager.ts';
import type { Session } from '../session/session.ts';

export type Acknowledge = (answer: Answer<object>) => void;

/** Bad frames or unknown events in a row after which a socket is closed: it is broken or hostile. */
const MAX_BAD_FRAMES = 200;

/**
 * What one client socket says, whichever door it came through: payloads are checked here, and every failure becomes
 * a refusal (where an acknowledgement was asked for) or an `error` event, with a stable code.
 */
export class ClientConnection {
  private readonly manager: SessionManager;
  private readonly peer: ClientSocket;
  private readonly log: Log;
  private readonly authenticate: (token: string | undefined) => Promise<string>;
  private session: Session | undefined;
  private ended: StopAnswer | undefined;
  private starting = false;
  private gone = false;
  private badFrames = 0;

  /** @param authenticate the caller's openid: from the handshake, or from the token that `start` carries */
  constructor(init: {
    manager: SessionManager;
    peer: ClientSocket;
    log: Log;
    authenticate: (token: string | undefined) => Promise<string>;
  }) {
    this.manager = init.manager;
    this.peer = init.peer;
    this.log = init.log;
    this.authenticate = init.authenticate;
  }

  async start(payload: unknown, ack: Acknowledge | undefined): Promise<void> {
    let started: Started | undefined;
    await this.answer(ack, async () => {
      const options = parseStart(payload);
      if (this.starting || this.current()) throw new VoiceError('ALREADY_STARTED');
      this.starting = true;
      try {
        const openid = await this.authenticate(options.token);
        started = await this.manager.start(options, openid, this.peer);
      } finally {
        this.starting = false;
      }
      this.session = 'session' in started ? started.session : undefined;
      this.ended = 'ended' in started ? started.ended : undefined;
      return started.answer;
    });
    if (!started) return;
    if (this.gone) this.session?.detach(this.peer);
    const { sessionId, nextPos, state } = started.answer;
    if (state === 'live') this.peer.emit('ready', { sessionId, nextPos });
    started.resendMissed();
  }

  audio(args: readonly unknown[]): void {
    try {
      const frame = parseAudio(args);
      const session = this.current();
      if (!session) {
        // audio that was under way when the session ended is nobody's fault
        if (this.ended || this.session) return;
        throw new VoiceError('NOT_STARTED');
      }
      session.audio(this.peer, frame);
      this.badFrames = 0;
    } catch (error) {
      this.complain(error);
      this.countBad();
    }
  }

  skip(payload: unknown, ack: Acknowledge | undefined): Promise<unknown> {
    return this.answer(ack, async () => this.needed().skip(this.peer, parseSkip(payload)));
  }

  stop(payload: unknown, ack: Acknowledge | undefined): Promise<unknown> {
    return this.answer(ack, async () => {
      const { endPos } = parseStop(payload);
      return this.ended ?? this.session?.stopAnswer ?? this.needed().stop(endPos);
    });
  }

  cancel(ack: Acknowledge | undefined): Promise<unknown> {
    return this.answer(ack, async () => {
      await this.needed().cancel();
      this.session = undefined;
      return { ok: true };
    });
  }

  /** The socket is gone. */
  close(): void {
    this.gone = true;
    this.session?.detach(this.peer);
  }

  /** Anything else that was said. */
  unknown(ack: Acknowledge | undefined): void {
    void this.answer(ack, () => Promise.reject(new VoiceError('UNKNOWN_EVENT')));
    this.countBad();
  }

  private countBad(): void {
    this.badFrames += 1;
    if (this.badFrames > MAX_BAD_FRAMES) this.peer.close();
  }

  private current(): Session | undefined {
    return this.session && !this.session.isOver && this.session.isAttached(this.peer)
      ? this.session
      : undefined;
  }

  private needed(): Session {
    const session = this.current();
    if (!session) throw new VoiceError(this.ended || this.session ? 'SESSION_ENDED' : 'NOT_STARTED');
    return session;
  }

  private async answer<T extends object>(
    ack: Acknowledge | undefined,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      const answer = await work();
      ack?.(answer);
      return answer;
    } catch (error) {
      if (ack) ack({ error: this.logged(error).toWire() });
      else this.complain(error);
      return undefined;
    }
  }

  private complain(error: unknown): void {
    this.peer.emit('error', this.logged(error).toWire());
  }

  private logged(thrown: unknown): VoiceError {
    const error = asVoiceError(thrown);
    if (error.code === 'INTERNAL') this.log.error({ err: error.cause }, 'unexpected failure');
    else this.log.info({ code: error.code, detail: error.detail }, 'refused');
    return error;
  }
}
