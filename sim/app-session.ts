import { createRecorder } from '../miniprogram/voice/recorder/recorder.ts';
import { SharedRecorder } from '../miniprogram/voice/recorder/shared-recorder.ts';
import { Recording } from '../miniprogram/voice/recording/recording.ts';
import type { StreamingSession } from '../miniprogram/voice/session/streaming-session.ts';
import type { Line } from '../miniprogram/voice/session/voice-session.types.ts';
import type { Handset } from './handset.ts';
import { SimRecorderManager } from './microphone.ts';
import { RATE_HZ } from './speech.ts';

/** A person taps "go on" this long after a pause that the phone has made, ms. */
const REACTION_MS = 1_500;
/** With a microphone that cannot be opened a person gives up after this many taps. */
const MAX_RESUMES = 3;

/** What a person can tap. */
export type Tap = 'start' | 'stop' | 'cancel' | 'leave';

/** How a session ended in one app. */
export interface AppEnd {
  how: 'completed' | 'cancelled' | 'failed' | 'left';
  code?: string;
  /** Another phone had taken the recording: what is cancelled here is only what this one still shows. */
  wasTakenOver?: boolean;
}

export interface AppSessionHandlers {
  log(line: string): void;
  ended(end: AppEnd): void;
}

/** What the microphone hears, by position in the recording, and how much of it there is. */
export interface Speech {
  audio(fromMs: number, toMs: number): ArrayBuffer;
  lengthMs: number;
  /** The microphone has delivered audio up to here. */
  heard(ms: number): void;
}

/** One recording in one app: the mini-program's session, and for some phones its recorder and its page's logic as well. */
export class AppSession {
  readonly handset: Handset;
  readonly session: StreamingSession;
  /** Promises that the product has given and that have not settled. */
  unsettled = 0;
  /** The person has asked for nothing of the recording to be kept. */
  isCancelling = false;
  /** What every promise came to, for checks. */
  readonly settled: string[] = [];
  readonly #handlers: AppSessionHandlers;
  #end: AppEnd | undefined;
  #recording: Recording | undefined;
  #microphone: SimRecorderManager | undefined;
  #resumes = 0;

  constructor(handset: Handset, session: StreamingSession, handlers: AppSessionHandlers) {
    this.handset = handset;
    this.session = session;
    this.#handlers = handlers;
    session.on('state', (change) => {
      handlers.log(`${handset.party.name} ${change.old} → ${change.new} ${change.reason}`);
      if (change.new === 'ended')
        this.#ended({
          how: change.reason === 'completed' ? 'completed' : 'cancelled',
          wasTakenOver: this.#end?.code === 'TAKEN_OVER',
        });
      else if (change.new === 'failed')
        this.#ended({ how: 'failed', code: change.reason.slice('error:'.length) });
      else this.#end = undefined;
    });
    session.on('error', ({ code }) => handlers.log(`${handset.party.name} error ${code}`));
  }

  get end(): AppEnd | undefined {
    return this.#end;
  }
  get lines(): readonly Line[] {
    return this.session.lines;
  }
  get recordedMs(): number {
    return this.session.status.recordedMs;
  }

  /** Waits for a promise that must settle, whatever happens. */
  track(what: string, promise: Promise<unknown>): void {
    this.unsettled += 1;
    promise.then(
      () => this.#settle(`${what}: fulfilled`),
      (error) => this.#settle(`${what}: ${(error as { code?: string } | null)?.code ?? error}`),
    );
  }

  /** Records with the product's own recorder; otherwise the caller pushes audio. */
  useMicrophone(speech: Speech): void {
    const { handset, session } = this;
    const { party } = handset;
    const microphone = new SimRecorderManager(
      party,
      (fromMs, toMs) => {
        const endMs = Math.max(fromMs, Math.min(toMs, speech.lengthMs));
        if (endMs > fromMs) speech.heard(endMs);
        return speech.audio(fromMs, endMs);
      },
      () => this.recordedMs,
    );
    const deps = {
      shared: new SharedRecorder(microphone.manager),
      clock: party,
      ensurePermission: () => new Promise<void>((resolve) => void party.after(200, resolve)),
      keepScreenOn: () => {},
      onAppHide: handset.onAppHide,
    };
    const recorder = createRecorder(deps, { sampleRateHz: RATE_HZ });
    this.#microphone = microphone;
    this.#recording = new Recording(recorder, session, {
      changed: () => this.#changed(),
      text: () => {},
      level: () => {},
    });
  }

  get microphone(): SimRecorderManager | undefined {
    return this.#microphone;
  }

  begin(wordTimes: boolean): void {
    if (this.#recording) this.track('recording', this.#recording.start({ wordTimes }));
    else this.track('start', this.session.start({ wordTimes }));
  }

  tap(what: Tap): void {
    const recording = this.#recording;
    if (!this.handset.party.alive) return;
    this.isCancelling ||= what === 'cancel';
    if (what === 'start') {
      if (!recording) this.track(what, this.session.start());
    } else if (what === 'stop') this.#giveUp(what, recording ? recording.stop() : this.session.stop());
    else if (what === 'cancel') this.#giveUp(what, recording ? recording.cancel() : this.session.cancel());
    else {
      if (recording) recording.dispose();
      else this.session.dispose();
      this.#ended({ how: 'left' });
    }
  }

  #giveUp(what: Tap, over: Promise<unknown>): void {
    this.track(what, over);
    // Given up while the permission was being asked for, the session has never begun.
    const ended = () => this.session.status.state === 'idle' && this.#ended({ how: 'cancelled' });
    over.then(ended, () => {});
  }

  pause(ms: number): void {
    this.#recording?.pause();
    this.handset.party.after(ms, () => this.#recording?.resume());
  }

  /** The app is in the foreground again. */
  shown(): void {
    this.#changed();
  }

  dispose(): void {
    if (this.#recording) this.#recording.dispose();
    else this.session.dispose();
  }

  /** A person looks at a recording that the phone has paused, and goes on with it. */
  #changed(): void {
    const { recorder, session } = this.#recording?.snapshot ?? {};
    if (recorder?.name !== 'paused' || recorder.reason === 'user' || recorder.blocked) return;
    if (session?.state === 'failed' || this.handset.isHidden) return;
    this.handset.party.after(REACTION_MS, () => {
      const now = this.#recording?.snapshot.recorder;
      if (now?.name !== 'paused' || now.blocked || this.handset.isHidden || this.#end) return;
      this.#resumes += 1;
      if (this.#resumes > MAX_RESUMES) this.tap('stop');
      else this.#recording?.resume();
    });
  }

  #settle(line: string): void {
    this.unsettled -= 1;
    this.settled.push(line);
    this.#handlers.log(`${this.handset.party.name} ${line}`);
  }

  #ended(end: AppEnd): void {
    this.#end = end;
    this.#handlers.ended(end);
  }
}
