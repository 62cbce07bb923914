import { DEFAULT_ENGINE, ENGINES } from '../../../contract/engines.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { StopAnswer } from '../../../contract/stream.ts';
import { Deferred } from '../../../lib/deferred.ts';
import { EventEmitter } from '../../../lib/emitter.ts';
import { Autosave } from '../saved/autosave.ts';
import {
  type FileStore,
  RecordingFiles,
  type SavedRecording,
  type SavedSnapshot,
} from '../saved/saved-recordings.ts';
import type { AudioKeeper, AudioSink } from './audio-keeper.types.ts';
import { type ConnectionDeps, ContainerConnection } from './container-connection.ts';
import { LocalError, voiceErrorOf } from './local-errors.ts';
import { UNRECOVERABLE_CODES } from './retry.ts';
import { SESSION_TABLE, type SessionEvent, takesAudio } from './session-states.ts';
import { Stream, type StreamDeps, type StreamHandlers } from './stream.ts';
import type {
  Line,
  VoiceEvents,
  VoiceOptions,
  VoiceSession,
  VoiceState,
  VoiceStatus,
} from './voice-session.types.ts';
import type { StreamIdentity } from './wire.ts';

/** `status` events come at most this often, ms. */
const STATUS_EVERY_MS = 250;

/** Before anything was recorded. */
const NO_NUMBERS: Stream['numbers'] = {
  recordedMs: 0,
  bufferedMs: 0,
  lagMs: 0,
  losses: [],
  link: 'connecting',
  queue: null,
};

export interface VoiceSessionDeps extends ConnectionDeps {
  /** The id of this installation: the same client again silently replaces its own older connection. */
  clientId: () => string;
  newSessionId: () => string;
  /** Where recordings are saved until they are delivered; null: nowhere. */
  store: FileStore | null;
  /** Keeps the audio of recordings on this phone, so that it can be heard again; absent: none is kept. */
  audio?: AudioKeeper;
  /** Listens for the app going to the background, where the system may end it. @returns a function that stops listening */
  onAppHide: (fn: () => void) => () => void;
  /** Most audio that the phone keeps until the container has stored its text, ms; default: `CLIENT_RING_MS`. */
  ringMs?: number;
  /** Ids of the recordings of active sessions: `resumePending` skips them. Shared by all sessions of the app. */
  active: Set<string>;
}

/**
 * {@link VoiceSession} over a Socket.IO client. The table of states and events is in session-states.ts, the protocol in `Stream`,
 * the connection in `ContainerConnection`.
 */
export class StreamingSession implements VoiceSession {
  readonly #deps: VoiceSessionDeps;
  readonly #events = new EventEmitter<VoiceEvents>((error) => console.error('a listener failed', error));
  readonly #connection: ContainerConnection;
  #stream: Stream | null = null;
  #autosave: Autosave | null = null;
  /** Undefined before the first audio; null: it is not kept. */
  #audio: AudioSink | null | undefined;
  #state: VoiceState = 'idle';
  #cancelStatus: (() => void) | null = null;
  #starting = new Deferred<void>();
  #stopping: Deferred<StopAnswer> | null = null;
  #cancelling: Deferred<void> | null = null;
  #answer: StopAnswer | null = null;
  #failure: Error | null = null;
  #stopListening: () => void = () => {};

  constructor(deps: VoiceSessionDeps) {
    this.#deps = deps;
    this.#connection = new ContainerConnection(deps, {
      connected: (channel) => this.#stream?.attach(channel),
      disconnected: (reason) => this.#disconnected(reason),
      event: (name, payload) => this.#stream?.event(name, payload),
      failed: (error) => this.#failed(error),
      attempting: () => this.#statusChanged(),
      retrying: (error) => this.#events.emit('error', error),
    });
  }

  /** A saved recording of an earlier run of the app, connected again; to be ended by `stop` or `cancel`. */
  static restored(deps: VoiceSessionDeps, { snapshot, ring }: SavedRecording): StreamingSession {
    const session = new StreamingSession(deps);
    const { sessionId, clientId, rateHz, options, endPos } = snapshot;
    const identity = { sessionId, clientId, rateHz, options };
    session.#begin(
      Stream.restored(identity, session.#streamDeps(), session.#streamHandlers(), { ring, endPos }),
    );
    return session;
  }

  get status(): VoiceStatus {
    return {
      state: this.#state,
      sessionId: this.#stream?.identity.sessionId ?? '',
      attempt: this.#state === 'live' ? 0 : this.#connection.attempt,
      ...(this.#stream?.numbers ?? NO_NUMBERS),
    };
  }

  get lines(): readonly Line[] {
    return this.#stream?.transcript.lines ?? [];
  }

  on<E extends keyof VoiceEvents>(event: E, fn: VoiceEvents[E]): () => void {
    return this.#events.subscribe(event, fn);
  }

  start(options: VoiceOptions = {}): Promise<void> {
    if (!this.#allows('start')) return this.#starting.promise;
    const engine = options.engine ?? DEFAULT_ENGINE;
    const identity: StreamIdentity = {
      sessionId: this.#deps.newSessionId(),
      clientId: this.#deps.clientId(),
      rateHz: ENGINES[engine].sampleRateHz,
      options: { ...options, engine },
    };
    this.#begin(new Stream(identity, this.#streamDeps(), this.#streamHandlers()));
    return this.#starting.promise;
  }

  push(pcm: ArrayBuffer): void {
    const stream = this.#stream;
    if (!stream || !takesAudio(this.#state)) return;
    const pos = stream.ring.endPos;
    stream.push(pcm);
    const { sessionId, rateHz } = stream.identity;
    if (this.#audio === undefined) this.#audio = this.#deps.audio?.open(sessionId, rateHz) ?? null;
    if (stream.intent === 'record') this.#audio?.append(pos, pcm);
  }

  stop(): Promise<StopAnswer> {
    if (this.#answer) return Promise.resolve(this.#answer);
    if (this.#stopping) return this.#stopping.promise;
    if (!this.#allows('stop'))
      return Promise.reject(
        this.#failure ?? new LocalError('SESSION_CLOSED', `stop in state ${this.#state}`),
      );
    this.#stopping = new Deferred();
    const { promise } = this.#stopping;
    this.#apply('stop', 'stop');
    this.#stream?.stop();
    void this.#audio?.end();
    // From now on the recording has an end, which must be saved even if the app is closed.
    if (!this.#answer) void this.#autosave?.now();
    return promise;
  }

  cancel(): Promise<void> {
    if (this.#cancelling) return this.#cancelling.promise;
    this.#cancelling = new Deferred();
    const { promise } = this.#cancelling;
    if (this.#stream) void this.#deps.audio?.remove(this.#stream.identity.sessionId);
    const ask = this.#stream?.startSent && SESSION_TABLE.next(this.#state, 'cancel') === 'stopping';
    if (ask) {
      this.#apply('cancel', 'cancel');
      this.#stream?.cancel();
      void this.#autosave?.now();
    } else {
      this.#discarded('discard');
    }
    return promise;
  }

  reclaim(): Promise<void> {
    const stream = this.#stream;
    const event = stream?.intent === 'record' ? 'reclaim' : 'reclaimToStop';
    if (!stream || !this.#allows(event)) return this.#starting.promise;
    this.#starting = new Deferred();
    this.#adopt(stream);
    stream.takeOver();
    if (event === 'reclaimToStop') this.#stopping ??= new Deferred();
    this.#apply(event, 'take-over');
    this.#connection.open();
    return this.#starting.promise;
  }

  dispose(): void {
    const stream = this.#stream;
    const worthSaving = stream && (stream.startSent || stream.endPos > 0);
    const autosave = this.#autosave;
    const written = worthSaving ? autosave?.now() : autosave?.remove();
    this.#events.off();
    this.#apply('dispose', 'dispose');
    this.#rejectAll(new LocalError('SESSION_CLOSED'));
    // Not before everything is written: `resumePending` must find the complete recording.
    void Promise.resolve(written).then(() => {
      autosave?.stop();
      if (stream) this.#deps.active.delete(stream.identity.sessionId);
    });
  }

  #streamDeps(): StreamDeps {
    const { clock, ringMs } = this.#deps;
    return { clock, ringMs, connection: this.#connection };
  }

  #streamHandlers(): StreamHandlers {
    return {
      accepted: () => this.#accepted(),
      completed: (answer) => this.#completed(answer),
      cancelled: () => this.#discarded('cancelled'),
      warning: (error) => this.#events.emit('error', error),
      linesChanged: () => this.#events.emit('lines', this.lines),
      numbersChanged: () => this.#statusChanged(),
      lost: (loss) => this.#events.emit('loss', loss),
    };
  }

  #begin(stream: Stream): void {
    this.#adopt(stream);
    this.#apply('start', 'start');
    this.#connection.open();
  }

  /** Makes it the session's recording, and saves it on the phone from now on. */
  #adopt(stream: Stream): void {
    const { clock, store, onAppHide, active } = this.#deps;
    const { sessionId } = stream.identity;
    this.#stream = stream;
    active.add(sessionId);
    if (store)
      this.#autosave ??= new Autosave(clock, new RecordingFiles(store, sessionId), {
        snapshotOf: () => this.#snapshot(stream),
        ring: stream.ring,
        failed: (error) => {
          console.warn('the recording could not be saved on the phone', error);
          void this.#deps.audio?.makeRoom();
        },
      });
    this.#stopListening = onAppHide(() => {
      void this.#autosave?.now();
      void this.#audio?.flush();
    });
  }

  #snapshot(stream: Stream): SavedSnapshot {
    const intent = stream.intent === 'cancel' ? 'cancel' : 'stop';
    const recording = stream.intent === 'record';
    const savedAt = this.#deps.clock.now();
    return { ...stream.identity, version: 1, intent, endPos: stream.endPos, savedAt, recording };
  }

  #accepted(): void {
    this.#autosave?.connected(true);
    this.#apply('accepted', this.#state === 'connecting' ? 'started' : 'resumed');
    this.#starting.resolve();
  }

  #disconnected(reason: string): void {
    this.#stream?.detach();
    this.#autosave?.connected(false);
    this.#apply('disconnected', reason === 'DRAINING' ? 'draining' : `lost:${reason}`);
  }

  #completed(answer: StopAnswer): void {
    if (!this.#allows('completed')) return;
    this.#answer = answer;
    this.#apply('completed', 'completed');
    this.#deleteSaved();
    this.#stopping?.resolve(answer);
    this.#cancelling?.resolve();
    this.#starting.resolve();
    this.#events.emit('completed', answer);
  }

  #discarded(event: 'cancelled' | 'discard'): void {
    if (this.#allows(event)) {
      this.#apply(event, 'cancel');
      this.#deleteSaved();
    }
    this.#cancelling?.resolve();
    this.#rejectAll(new LocalError('SESSION_CLOSED', 'cancelled'));
  }

  /** The recording is delivered or cancelled: deletes its files. */
  #deleteSaved(): void {
    const { active } = this.#deps;
    const sessionId = this.#stream?.identity.sessionId ?? '';
    // Until they are deleted, nobody else may take the files for a recording that is left.
    void Promise.resolve(this.#autosave?.remove()).then(() => active.delete(sessionId));
  }

  #failed(error: WireError): void {
    if (!this.#allows('failed')) return;
    this.#apply('failed', `error:${error.code}`);
    const autosave = this.#autosave;
    this.#autosave = null;
    if (UNRECOVERABLE_CODES.has(error.code)) void autosave?.remove();
    else void autosave?.now().then(() => autosave.stop());
    this.#failure = voiceErrorOf(error);
    this.#rejectAll(this.#failure);
    this.#events.emit('error', error);
  }

  /** Rejects every promise that a caller may still be waiting for. */
  #rejectAll(error: Error): void {
    this.#starting.reject(error);
    this.#stopping?.reject(error);
    this.#cancelling?.reject(error);
    this.#stopping = null;
    this.#cancelling = null;
  }

  #allows(event: SessionEvent): boolean {
    return SESSION_TABLE.next(this.#state, event) !== 'none';
  }

  /** Applies an event by the table. @param reason passed on to the listeners of `state` */
  #apply(event: SessionEvent, reason: string): void {
    const next = SESSION_TABLE.next(this.#state, event);
    if (next === 'stay') this.#statusChanged();
    else if (next !== 'none') this.#enter(next, reason);
  }

  /** The only place where the state changes. */
  #enter(state: VoiceState, reason: string): void {
    if (state === 'ended' || state === 'failed') this.#release();
    if (state === 'ended') void this.#audio?.end();
    else if (state === 'failed') void this.#audio?.flush();
    const old = this.#state;
    this.#state = state;
    this.#events.emit('state', { old, new: state, reason });
    this.#events.emit('status', this.status);
  }

  /** Releases what only a running session needs: connection, listener, timer. */
  #release(): void {
    this.#connection.close();
    this.#stream?.detach();
    this.#stopListening();
    this.#cancelStatus?.();
    this.#cancelStatus = null;
  }

  #statusChanged(): void {
    this.#cancelStatus ??= this.#deps.clock.after(STATUS_EVERY_MS, () => {
      this.#cancelStatus = null;
      this.#events.emit('status', this.status);
    });
  }
}
