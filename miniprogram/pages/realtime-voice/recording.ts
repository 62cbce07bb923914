import type { StopAnswer } from '../../../contract/stream.ts';
import type { Recorder } from '../../audio/recorder.types.ts';
import type { AnyErrorCode } from '../../services/local-errors.ts';
import type { Line, VoiceOptions, VoiceSession } from '../../services/voice-session.types.ts';
import type { RecordingSnapshot } from './view.ts';

export interface RecordingListener {
  /** The {@link RecordingSnapshot} has changed. */
  changed(): void;
  /** The transcript or its losses have changed. */
  text(): void;
  level(level: number): void;
}

/**
 * One recording: connects a recorder with a session, and starts and ends the two in the right order. Both start at the same
 * time, so the user can speak before the connection is made; the session buffers that audio.
 */
export class Recording {
  readonly #recorder: Recorder;
  readonly #session: VoiceSession;
  readonly #listener: RecordingListener;
  readonly #subscriptions: (() => void)[];
  #sessionStarted = false;
  #disposed = false;
  #stopping = false;
  #error: AnyErrorCode | null = null;
  #answer: StopAnswer | null = null;

  constructor(recorder: Recorder, session: VoiceSession, listener: RecordingListener) {
    this.#recorder = recorder;
    this.#session = session;
    this.#listener = listener;
    this.#subscriptions = [
      recorder.on('frame', (pcm) => session.push(pcm)),
      recorder.on('level', (level) => listener.level(level)),
      recorder.on('state', () => listener.changed()),
      session.on('state', ({ new: state }) => {
        if (state === 'live') this.#error = null;
        if (state === 'failed') void recorder.pause();
        listener.changed();
      }),
      session.on('status', () => listener.changed()),
      session.on('lines', () => {
        if (session.status.state === 'live') this.#error = null;
        listener.text();
      }),
      session.on('loss', () => listener.text()),
      session.on('completed', (answer) => {
        this.#answer = answer;
        void recorder.stop();
        listener.changed();
      }),
      session.on('error', ({ code }) => {
        this.#error = code;
        listener.changed();
      }),
    ];
  }

  get snapshot(): RecordingSnapshot {
    return {
      recorder: this.#recorder.state,
      session: this.#session.status,
      stopping: this.#stopping,
      error: this.#error,
      answer: this.#answer,
    };
  }

  get lines(): readonly Line[] {
    return this.#session.lines;
  }

  /** Opens the microphone and, once permission is granted, the connection. Resolves when recording; never rejects. */
  async start(options: VoiceOptions): Promise<void> {
    const off = this.#recorder.on('state', ({ name }) => {
      if (name !== 'starting') return;
      off();
      this.#startSession(options);
    });
    try {
      await this.#recorder.start();
    } catch {
      off();
      if (this.#sessionStarted) await this.#session.cancel().catch(() => {});
      this.#listener.changed();
    }
  }

  pause(): void {
    void this.#recorder.pause();
  }

  /** Resumes; where the microphone cannot be opened, the recording stays paused, which the page shows. */
  resume(): void {
    this.#recorder.resume().catch(() => this.#listener.changed());
  }

  /** Ends the recording. Resolves with the session's answer, or with null where no session was started or ending it failed. */
  async stop(): Promise<StopAnswer | null> {
    if (this.#stopping) return null;
    this.#stopping = true;
    this.#listener.changed();
    await this.#recorder.stop();
    if (!this.#sessionStarted) return null;
    try {
      this.#answer = await this.#session.stop();
    } catch {
      this.#stopping = false;
    }
    this.#listener.changed();
    return this.#answer;
  }

  /** Cancels the recording: nothing of it is kept. */
  async cancel(): Promise<void> {
    this.#unsubscribe();
    await Promise.all([
      this.#recorder.stop(),
      this.#sessionStarted && this.#session.cancel().catch(() => {}),
    ]);
  }

  /** Takes the session back from the other device, and resumes recording. */
  async takeBack(): Promise<void> {
    this.#error = null;
    try {
      await this.#session.takeBack();
      if (!this.#stopping) this.resume();
    } catch {
      this.#listener.changed();
    }
  }

  /** Leaves the recording: what is not delivered is saved on the phone. */
  dispose(): void {
    if (this.#disposed) return;
    this.#unsubscribe();
    void this.#recorder.stop();
    this.#session.dispose();
  }

  #startSession(options: VoiceOptions): void {
    this.#sessionStarted = true;
    this.#session.start(options).catch(() => this.#listener.changed());
  }

  #unsubscribe(): void {
    this.#disposed = true;
    for (const off of this.#subscriptions.splice(0)) off();
  }
}
