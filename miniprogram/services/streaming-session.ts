import { DEFAULT_ENGINE, ENGINES } from '../../contract/engines.ts';
import type { WireError } from '../../contract/errors.ts';
import type { StopAnswer } from '../../contract/stream.ts';
import { Deferred } from '../../lib/deferred.ts';
import { EventEmitter } from '../../lib/emitter.ts';
import { Keeping } from './keeping.ts';
import { Link, type LinkDeps } from './link.ts';
import { LocalError, thrownFrom } from './local-errors.ts';
import { type Kept, SessionFiles, type Snapshot, type Store } from './persistence.ts';
import { NOTHING_TO_DELIVER } from './retry.ts';
import { Stream } from './stream.ts';
import type { StreamHandlers, StreamIdentity } from './stream.types.ts';
import type {
  Line,
  VoiceEvents,
  VoiceOptions,
  VoiceSession,
  VoiceState,
  VoiceStatus,
} from './voice-session.types.ts';

/** `status` events come at most this often, ms. */
const STATUS_EVERY_MS = 250;

/** What happens around the app. Each answers a function that stops listening. */
export interface Surroundings {
  /** The app goes to the background: it may never come back. */
  onHide(fn: () => void): () => void;
  /** The app is in front again, or the network is back. */
  onWake(fn: () => void): () => void;
}

export interface VoiceSessionDeps extends LinkDeps {
  /** The id of this installation: the same client again silently replaces its own older connection. */
  clientId: () => string;
  newSessionId: () => string;
  /** Where unsettled recordings are kept; null: nowhere. */
  store: Store | null;
  surroundings: Surroundings;
  /** Ids of the recordings that are in hand now: not to be resumed by someone else. Shared by all sessions of the app. */
  active: Set<string>;
}

/** {@link VoiceSession} over anything that dials: states, reasons and promises; the work is in `Stream` and `Link`. */
export class StreamingSession implements VoiceSession {
  readonly #deps: VoiceSessionDeps;
  readonly #events = new EventEmitter<VoiceEvents>((error) => console.error('a listener failed', error));
  readonly #link: Link;
  #stream: Stream | null = null;
  #keeping: Keeping | null = null;
  #state: VoiceState = 'idle';
  #statusDue: (() => void) | null = null;
  #starting = new Deferred<void>();
  #ending: Deferred<StopAnswer> | null = null;
  #cancelling: Deferred<void> | null = null;
  #answer: StopAnswer | null = null;
  #failure: Error | null = null;
  #unlisten: (() => void)[] = [];

  constructor(deps: VoiceSessionDeps) {
    this.#deps = deps;
    this.#link = new Link(deps, {
      up: (connection) => this.#stream?.attach(connection),
      down: (reason) => this.#down(reason),
      event: (name, payload) => this.#stream?.event(name, payload),
      failed: (error) => this.#failed(error),
      attempting: () => this.#statusChanged(),
    });
  }

  /** A recording of an earlier run of the app, ready for `stop` (or `cancel`, if that was wanted). */
  static restored(deps: VoiceSessionDeps, { snapshot, ring }: Kept): StreamingSession {
    const session = new StreamingSession(deps);
    const { sessionId, clientId, rateHz, options, endPos } = snapshot;
    const identity = { sessionId, clientId, rateHz, options };
    session.#take(Stream.restored(identity, deps.clock, session.#handlers(), { ring, endPos }));
    session.#change('connecting', 'start');
    session.#link.open();
    return session;
  }

  get status(): VoiceStatus {
    return {
      state: this.#state,
      sessionId: this.#stream?.identity.sessionId ?? '',
      attempt: this.#state === 'live' ? 0 : this.#link.attempt,
      ...(this.#stream?.numbers ?? { recordedMs: 0, bufferedMs: 0, losses: [] }),
    };
  }

  get lines(): readonly Line[] {
    return this.#stream?.transcript.lines ?? [];
  }

  on<E extends keyof VoiceEvents>(event: E, fn: VoiceEvents[E]): () => void {
    return this.#events.subscribe(event, fn);
  }

  start(options: VoiceOptions = {}): Promise<void> {
    if (this.#state !== 'idle') return this.#starting.promise;
    const engine = options.engine ?? DEFAULT_ENGINE;
    const identity: StreamIdentity = {
      sessionId: this.#deps.newSessionId(),
      clientId: this.#deps.clientId(),
      rateHz: ENGINES[engine].sampleRateHz,
      options: { ...options, engine },
    };
    this.#take(new Stream(identity, this.#deps.clock, this.#handlers()));
    this.#change('connecting', 'start');
    this.#link.open();
    return this.#starting.promise;
  }

  push(pcm: ArrayBuffer): void {
    if (this.#state === 'connecting' || this.#state === 'live' || this.#state === 'reconnecting')
      this.#stream?.push(pcm);
  }

  stop(): Promise<StopAnswer> {
    if (this.#answer) return Promise.resolve(this.#answer);
    if (this.#ending) return this.#ending.promise;
    const running = this.#state === 'connecting' || this.#state === 'live' || this.#state === 'reconnecting';
    if (!running)
      return Promise.reject(this.#failure ?? new LocalError('LEFT', `stop in state ${this.#state}`));
    this.#ending = new Deferred();
    const { promise } = this.#ending;
    this.#change('stopping', 'stop');
    this.#stream?.stop();
    // The recording has its end from now on, and that must survive whatever comes.
    if (!this.#answer) void this.#keeping?.now();
    return promise;
  }

  cancel(): Promise<void> {
    if (this.#cancelling) return this.#cancelling.promise;
    this.#cancelling = new Deferred();
    const { promise } = this.#cancelling;
    const open = this.#state === 'connecting' || this.#state === 'live' || this.#state === 'reconnecting';
    if ((open || this.#state === 'stopping') && this.#stream?.known) {
      this.#change('stopping', 'cancel');
      this.#stream.cancel();
      if (this.#keeping) void this.#keeping.now();
    } else {
      this.#cancelled();
    }
    return promise;
  }

  takeBack(): Promise<void> {
    if (this.#state !== 'failed' || !this.#stream) return this.#starting.promise;
    this.#starting = new Deferred();
    this.#take(this.#stream);
    this.#stream.takeOver();
    if (this.#stream.intent !== 'record') this.#ending ??= new Deferred();
    this.#change(this.#stream.intent === 'record' ? 'reconnecting' : 'stopping', 'take-over');
    this.#link.open();
    return this.#starting.promise;
  }

  dispose(): void {
    const stream = this.#stream;
    const worthKeeping = stream && (stream.known || stream.endPos > 0);
    const written = worthKeeping ? this.#keeping?.now() : this.#keeping?.done();
    this.#link.close();
    stream?.detach();
    this.#release();
    this.#settle(new LocalError('LEFT'));
    // Whoever resumes it must find all of it.
    void Promise.resolve(written).then(() => {
      this.#keeping?.leave();
      if (stream) this.#deps.active.delete(stream.identity.sessionId);
    });
  }

  #handlers(): StreamHandlers {
    return {
      taken: () => this.#taken(),
      ended: (answer) => this.#ended(answer),
      cancelled: () => this.#cancelled(),
      refused: (error, during) => this.#link.refused(error, during),
      leaving: (deadlineMs) => this.#link.leaving(deadlineMs),
      broken: (reason) => this.#link.again(reason),
      noted: (error) => this.#events.emit('error', error),
      worked: () => this.#link.worked(),
      linesChanged: () => this.#events.emit('lines', this.lines),
      numbersChanged: () => this.#statusChanged(),
      lost: (loss) => this.#events.emit('loss', loss),
    };
  }

  /** Takes charge of a recording: it is kept on the phone, and the surroundings are watched. */
  #take(stream: Stream): void {
    const { clock, store, surroundings, active } = this.#deps;
    const { sessionId } = stream.identity;
    this.#stream = stream;
    active.add(sessionId);
    if (store)
      this.#keeping ??= new Keeping(clock, new SessionFiles(store, sessionId), {
        snapshotOf: () => this.#snapshot(stream),
        ring: stream.ring,
        failed: (error) => console.warn('the recording could not be kept on the phone', error),
      });
    this.#unlisten = [
      surroundings.onHide(() => void this.#keeping?.now()),
      surroundings.onWake(() => this.#link.wake()),
    ];
  }

  #release(): void {
    for (const stop of this.#unlisten.splice(0)) stop();
    this.#statusDue?.();
    this.#statusDue = null;
  }

  #snapshot(stream: Stream): Snapshot {
    const intent = stream.intent === 'cancel' ? 'cancel' : 'stop';
    return { ...stream.identity, version: 1, intent, endPos: stream.endPos, savedAt: this.#deps.clock.now() };
  }

  #taken(): void {
    this.#keeping?.connected(true);
    if (this.#state === 'connecting') this.#change('live', 'started');
    else if (this.#state === 'reconnecting') this.#change('live', 'resumed');
    this.#starting.resolve();
  }

  #down(reason: string): void {
    this.#stream?.detach();
    this.#keeping?.connected(false);
    if (this.#state !== 'live') this.#statusChanged();
    else this.#change('reconnecting', reason === 'DRAINING' ? 'draining' : `lost:${reason}`);
  }

  #ended(answer: StopAnswer): void {
    this.#answer = answer;
    this.#close('ended', 'completed');
    void this.#keeping?.done();
    this.#ending?.resolve(answer);
    this.#cancelling?.resolve();
    this.#starting.resolve();
    this.#events.emit('completed', answer);
  }

  #cancelled(): void {
    this.#close('ended', 'cancel');
    void this.#keeping?.done();
    this.#cancelling?.resolve();
    this.#settle(new LocalError('LEFT', 'cancelled'));
  }

  #failed(error: WireError): void {
    this.#stream?.detach();
    this.#close('failed', `error:${error.code}`);
    const keeping = this.#keeping;
    this.#keeping = null;
    if (NOTHING_TO_DELIVER.has(error.code)) void keeping?.done();
    else void keeping?.now().then(() => keeping.leave());
    this.#failure = thrownFrom(error);
    this.#settle(this.#failure);
    this.#events.emit('error', error);
  }

  #close(state: 'ended' | 'failed', reason: string): void {
    this.#link.close();
    this.#stream?.detach();
    this.#release();
    if (state === 'ended' && this.#stream) this.#deps.active.delete(this.#stream.identity.sessionId);
    this.#change(state, reason);
  }

  /** Nobody may wait for ever. */
  #settle(error: Error): void {
    this.#starting.reject(error);
    this.#ending?.reject(error);
    this.#cancelling?.reject(error);
    this.#ending = null;
    this.#cancelling = null;
  }

  #change(state: VoiceState, reason: string): void {
    const old = this.#state;
    this.#state = state;
    this.#events.emit('state', { old, new: state, reason });
    this.#events.emit('status', this.status);
  }

  #statusChanged(): void {
    this.#statusDue ??= this.#deps.clock.after(STATUS_EVERY_MS, () => {
      this.#statusDue = null;
      this.#events.emit('status', this.status);
    });
  }
}
