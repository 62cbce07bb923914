import type { StopAnswer } from '../../../contract/stream.ts';
import type { Recorder } from '../recorder/recorder.types.ts';
import type { AnyErrorCode } from '../session/local-errors.ts';
import type { Line, VoiceOptions, VoiceSession, VoiceStatus } from '../session/voice-session.types.ts';
import type { RecordingSnapshot } from './recording-phase.ts';

/** What a {@link Recording} calls when something has changed. */
export interface RecordingListener {
  /** The {@link RecordingSnapshot} has changed. */
  changed(): void;
  /** The transcript or its losses have changed. */
  text(): void;
  /** Loudness, 0 … 1, about ten a second while recording. */
  level(level: number): void;
}

/** Whoever has left is told nothing any more. */
const NOBODY: RecordingListener = { changed() {}, text() {}, level() {} };

/**
 * One recording: connects a recorder with a session, and starts and ends the two in the right order. Both start at the same
 * time, so the user can speak before the connection is made; the session buffers that audio.
 */
export class Recording {
  readonly #recorder: Recorder;
  readonly #session: VoiceSession;
  #listener: RecordingListener;
  readonly #subscriptions: (() => void)[];
  #sessionStarted = false;
  #disposed = false;
  #stopping = false;
  /** Ended before any sound was recorded: nothing of it is kept. */
  #discarded = false;
  /** `status.link` when it was last looked at. */
  #link: VoiceStatus['link'] = 'connecting';
  #error: AnyErrorCode | null = null;
  #answer: StopAnswer | null = null;

  /** Nothing starts before `start`. @param listener is called until `cancel`, `leave` or `dispose` */
  constructor(recorder: Recorder, session: VoiceSession, listener: RecordingListener) {
    this.#recorder = recorder;
    this.#session = session;
    this.#listener = listener;
    this.#subscriptions = [
      recorder.on('frame', (pcm) => session.push(pcm)),
      recorder.on('level', (level) => this.#listener.level(level)),
      recorder.on('state', () => this.#listener.changed()),
      session.on('state', ({ new: state }) => {
        this.#followLink();
        if (state === 'failed') void recorder.pause();
        this.#listener.changed();
      }),
      session.on('status', () => {
        this.#followLink();
        this.#listener.changed();
      }),
      session.on('lines', () => {
        if (session.status.link === 'up' && session.status.state !== 'failed') this.#error = null;
        this.#listener.text();
      }),
      session.on('loss', () => this.#listener.text()),
      session.on('completed', (answer) => {
        this.#answer = answer;
        void recorder.stop();
        this.#listener.changed();
      }),
      session.on('error', ({ code }) => {
        this.#followLink();
        this.#error = code;
        this.#listener.changed();
      }),
    ];
  }

  /** What pages show of it now, except the transcript. */
  get snapshot(): RecordingSnapshot {
    return {
      recorder: this.#recorder.state,
      session: this.#session.status,
      stopping: this.#stopping,
      discarded: this.#discarded,
      error: this.#error,
      answer: this.#answer,
    };
  }

  /** The transcript, oldest line first. */
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
      if (this.#discarded) return;
      if (this.#sessionStarted) await this.#session.cancel().catch(() => {});
      this.#listener.changed();
    }
  }

  /** Closes the microphone; the session stays connected. */
  pause(): void {
    void this.#recorder.pause();
  }

  /** Resumes; where the microphone cannot be opened, the recording stays paused, which the page shows. */
  resume(): void {
    this.#recorder.resume().catch(() => this.#listener.changed());
  }

  /**
   * Ends the recording. Where no sound was recorded, nothing of it is kept. Resolves with the session's answer, or with null where
   * there is none: nothing was recorded, or ending it failed.
   */
  async stop(): Promise<StopAnswer | null> {
    if (this.#stopping || this.#discarded) return null;
    const { name } = this.#recorder.state;
    const opening = name === 'idle' || name === 'asking' || name === 'starting';
    if (opening && !this.#hasSound) return this.#discard();
    this.#stopping = true;
    this.#listener.changed();
    await this.#recorder.stop();
    if (!this.#hasSound) return this.#discard();
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
  async reclaim(): Promise<void> {
    this.#error = null;
    try {
      const resumes = this.#recorder.state.name === 'paused';
      await this.#session.reclaim();
      if (resumes) this.resume();
    } catch {
      this.#listener.changed();
    }
  }

  /**
   * Leaves a recording that is being saved: what is not delivered stays on the phone. Where no sound was recorded, nothing is kept.
   * @returns whether there is anything to deliver later
   */
  leave(): boolean {
    if (this.#hasSound) this.dispose();
    else void this.cancel();
    return this.#hasSound;
  }

  /** Leaves the recording: what is not delivered is saved on the phone, with the audio that the recorder still holds. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#listener = NOBODY;
    void this.#recorder.stop().then(() => {
      this.#unsubscribe();
      this.#session.dispose();
    });
  }

  get #hasSound(): boolean {
    return this.#session.status.recordedMs > 0;
  }

  #discard(): null {
    this.#discarded = true;
    this.#stopping = false;
    void this.cancel();
    this.#listener.changed();
    return null;
  }

  /** What the service refused is past once the connection is made, and is not the reason why one is lost. */
  #followLink(): void {
    const { link } = this.#session.status;
    if (link !== this.#link) this.#error = null;
    this.#link = link;
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
