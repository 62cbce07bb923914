import {
  isRunning,
  type Line,
  type Phase,
  phaseOf,
  type Recorder,
  type RecorderFormat,
  Recording,
  type RecordingSnapshot,
  type VoiceOptions,
  type VoiceSession,
} from 'cloudbase-voice';
import { MAX_MARKS, type SampleRate } from '../../contract/limits.ts';
import { EventEmitter } from '../../lib/emitter.ts';
import type { SessionNotes } from './session-notes.ts';

export interface CurrentRecordingDeps {
  createRecorder(format: RecorderFormat): Recorder;
  createSession(): VoiceSession;
  notes: Pick<SessionNotes, 'mark' | 'unmark' | 'rename' | 'forget' | 'deliver'>;
}

export interface CurrentRecordingEvents {
  /** The snapshot or the title has changed, or there is another recording. */
  changed(): void;
  /** The transcript, its losses or its marks have changed. */
  text(): void;
  /** Loudness, 0 … 1, ten a second while recording. */
  level(level: number): void;
}

/**
 * The recording that runs, or the one that ran last until it is dismissed. It belongs to the app and not to a page, so that every page
 * can show that the microphone is open; pages subscribe while they are shown.
 */
export class CurrentRecording {
  readonly #deps: CurrentRecordingDeps;
  readonly #events = new EventEmitter<CurrentRecordingEvents>((error) =>
    console.error('a listener failed', error),
  );
  #recording: Recording | null = null;
  #marks: readonly number[] = [];
  #title = '';
  #wasConnected = false;
  #failureSeen = false;

  constructor(deps: CurrentRecordingDeps) {
    this.#deps = deps;
  }

  on<E extends keyof CurrentRecordingEvents>(event: E, fn: CurrentRecordingEvents[E]): () => void {
    return this.#events.subscribe(event, fn);
  }

  get snapshot(): RecordingSnapshot | null {
    return this.#recording?.snapshot ?? null;
  }
  get phase(): Phase {
    return this.#recording ? phaseOf(this.#recording.snapshot) : 'idle';
  }
  /** The microphone is in use, or about to be. */
  get running(): boolean {
    return isRunning(this.phase);
  }
  /** It has failed, and the page that says why was not shown since. */
  get needsAttention(): boolean {
    return this.phase === 'failed' && !this.#failureSeen;
  }
  get lines(): readonly Line[] {
    return this.#recording?.lines ?? [];
  }
  /** Moments that the user has marked, audio time in ms, in order. */
  get marks(): readonly number[] {
    return this.#marks;
  }
  /** Given while it was recorded; empty: none. */
  get title(): string {
    return this.#title;
  }

  /** Starts a new recording in place of the last one. Never rejects. */
  begin(options: VoiceOptions, sampleRateHz: SampleRate): void {
    const { createRecorder, createSession } = this.#deps;
    this.#recording?.dispose();
    const recording = new Recording(createRecorder({ sampleRateHz }), createSession(), {
      changed: () => this.#changed(),
      text: () => this.#events.emit('text'),
      level: (level) => this.#events.emit('level', level),
    });
    this.#replace(recording);
    void recording.start(options);
  }

  /** The page that tells everything about the recording is shown. */
  seen(): void {
    if (!this.needsAttention) return;
    this.#failureSeen = true;
    this.#events.emit('changed');
  }

  pause(): void {
    this.#recording?.pause();
  }
  resume(): void {
    this.#recording?.resume();
  }
  stop(): void {
    void this.#recording?.stop();
  }
  /** Takes the session back from the other device. */
  reclaim(): void {
    void this.#recording?.reclaim();
  }

  /** Ends the recording; nothing of it is kept. */
  cancel(): void {
    const { snapshot } = this;
    if (snapshot !== null) this.#deps.notes.forget(snapshot.session.sessionId);
    void this.#recording?.cancel();
    this.#replace(null);
  }

  /** Leaves a recording that is being saved. @returns whether there is anything to deliver later */
  leave(): boolean {
    const kept = this.#recording?.leave() ?? false;
    this.#replace(null);
    return kept;
  }

  /** Dismisses what is shown; a recording that is not delivered stays on the phone. */
  dismiss(): void {
    this.#recording?.dispose();
    this.#replace(null);
  }

  /** Marks the present moment. @returns its audio time, ms; null where nothing is recorded, or there are too many marks */
  mark(): number | null {
    const session = this.snapshot?.session;
    if (!this.running || session === undefined || session.recordedMs === 0) return null;
    const ms = Math.round(session.recordedMs);
    if (this.#marks.includes(ms)) return ms;
    if (this.#marks.length >= MAX_MARKS || !this.#deps.notes.mark(session.sessionId, ms)) return null;
    this.#marks = [...this.#marks, ms].sort((a, b) => a - b);
    this.#events.emit('text');
    return ms;
  }

  unmark(ms: number): void {
    const sessionId = this.snapshot?.session.sessionId;
    if (sessionId === undefined || !this.#marks.includes(ms)) return;
    this.#deps.notes.unmark(sessionId, ms);
    this.#marks = this.#marks.filter((mark) => mark !== ms);
    this.#events.emit('text');
  }

  rename(title: string): void {
    const sessionId = this.snapshot?.session.sessionId;
    if (sessionId === undefined || sessionId === '' || title === this.#title) return;
    this.#title = title;
    this.#deps.notes.rename(sessionId, title);
    this.#events.emit('changed');
  }

  #replace(recording: Recording | null): void {
    this.#recording = recording;
    this.#marks = [];
    this.#title = '';
    this.#wasConnected = false;
    this.#failureSeen = false;
    this.#events.emit('changed');
    this.#events.emit('text');
  }

  /** With a connection, or the record stored, notes that waited for one of the two can be delivered. */
  #changed(): void {
    const { snapshot } = this;
    if (snapshot?.discarded) this.#deps.notes.forget(snapshot.session.sessionId);
    const connected = snapshot?.session.link === 'up' || this.phase === 'done';
    if (connected && !this.#wasConnected) void this.#deps.notes.deliver();
    this.#wasConnected = connected;
    if (this.phase !== 'failed') this.#failureSeen = false;
    this.#events.emit('changed');
  }
}
