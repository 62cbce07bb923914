import type { StopAnswer } from '../../../contract/stream.ts';
import type { Recorder } from '../../audio/recorder.types.ts';
import type { AnyErrorCode } from '../../services/local-errors.ts';
import type { Line, VoiceOptions, VoiceSession } from '../../services/voice-session.types.ts';
import type { Snapshot } from './view.ts';

export interface RecordingListener {
  /** Something that {@link Snapshot} holds has changed. */
  changed(): void;
  /** The transcript or its losses have changed. */
  text(): void;
  level(level: number): void;
}

/**
 * One recording from tap to saved text: a microphone and a session, and the order in which the two begin and end.
 * Both begin at once, so nobody waits for the network before speaking; what is said before the connection stands is
 * kept by the session.
 */
export class Recording {
  readonly #recorder: Recorder;
  readonly #session: VoiceSession;
  readonly #listener: RecordingListener;
  readonly #off: (() => void)[];
  #begun = false;
  #left = false;
  #stopping = false;
  #error: AnyErrorCode | null = null;
  #answer: StopAnswer | null = null;

  constructor(recorder: Recorder, session: VoiceSession, listener: RecordingListener) {
    this.#recorder = recorder;
    this.#session = session;
    this.#listener = listener;
    this.#off = [
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

  get snapshot(): Snapshot {
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

  /** Opens the microphone and, as soon as that is allowed, the connection. Resolves when recording; never rejects. */
  async start(options: VoiceOptions): Promise<void> {
    const off = this.#recorder.on('state', ({ name }) => {
      if (name !== 'starting') return;
      off();
      this.#begin(options);
    });
    try {
      await this.#recorder.start();
    } catch {
      off();
      if (this.#begun) await this.#session.cancel().catch(() => {});
      this.#listener.changed();
    }
  }

  pause(): void {
    void this.#recorder.pause();
  }

  /** Goes on; where the microphone cannot be had, the recording stays paused and the page goes on saying so. */
  resume(): void {
    this.#recorder.resume().catch(() => this.#listener.changed());
  }

  /** Ends the recording; resolves with what was saved, or null where nothing ever began or it could not be ended. */
  async stop(): Promise<StopAnswer | null> {
    if (this.#stopping) return null;
    this.#stopping = true;
    this.#listener.changed();
    await this.#recorder.stop();
    if (!this.#begun) return null;
    try {
      this.#answer = await this.#session.stop();
    } catch {
      this.#stopping = false;
    }
    this.#listener.changed();
    return this.#answer;
  }

  /** Throws the recording away. */
  async cancel(): Promise<void> {
    this.#unhook();
    await Promise.all([this.#recorder.stop(), this.#begun && this.#session.cancel().catch(() => {})]);
  }

  /** Takes the session back from the device that went on with it, and records again. */
  async takeBack(): Promise<void> {
    this.#error = null;
    try {
      await this.#session.takeBack();
      if (!this.#stopping) this.resume();
    } catch {
      this.#listener.changed();
    }
  }

  /** Leaves the page: what is not saved yet is kept on the phone. */
  dispose(): void {
    if (this.#left) return;
    this.#unhook();
    void this.#recorder.stop();
    this.#session.dispose();
  }

  #begin(options: VoiceOptions): void {
    this.#begun = true;
    this.#session.start(options).catch(() => this.#listener.changed());
  }

  #unhook(): void {
    this.#left = true;
    for (const off of this.#off.splice(0)) off();
  }
}
