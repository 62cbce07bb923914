import { msToSamples, samplesToMs } from '../../../contract/limits.ts';
import type { Clock } from '../../../lib/clock.ts';
import { stateTable } from '../../../lib/state-table.ts';
import type { Clip, OpenClip } from '../../audio/clip.types.ts';
import type { ArchivedRecording, AudioArchive } from '../../services/audio-archive/archive.ts';
import type { CloudAudio } from '../../services/audio-archive/cloud-audio.ts';
import type { Segment } from '../../services/audio-archive/segment.ts';
import {
  type AudioWindow,
  audioEnd,
  HOLE_PLAYED_SECONDS,
  hasAudio,
  readWindow,
} from '../../services/audio-archive/window.ts';
import { downloadText, holeText, PLAYER_NOTES } from './texts.ts';

/** The first window is short, so that a tap is heard soon; the next ones are made while one plays. */
const FIRST_WINDOW_SECONDS = 10;
const WINDOW_SECONDS = 30;
export const SKIP_MS = 15_000;
export const SPEEDS = [1, 1.5, 2] as const;
/** A phone that is not ready, or reports no progress, for so long does not play, ms. */
const STALLED_AFTER_MS = 8_000;
/** A session that is this much longer than its audio has an end without audio, ms. */
const TAIL_MS = 1_000;

/** `opening`: it is not known yet whether there is audio; `absent`: there is none. `loading`: between a tap and the sound. */
type PlayerState = 'opening' | 'absent' | 'paused' | 'loading' | 'playing';
type PlayerEvent = 'found' | 'missing' | 'play' | 'loaded' | 'wait' | 'pause';

// biome-ignore format: read as a table
export const PLAYER_TABLE = stateTable<PlayerState, PlayerEvent, PlayerState | 'none'>(
           ['opening', 'absent', 'paused',  'loading', 'playing'], {
  found:   ['paused',  'paused', 'none',    'none',    'none'],
  missing: ['absent',  'none',   'absent',  'absent',  'absent'],
  play:    ['none',    'none',   'loading', 'loading', 'loading'],
  loaded:  ['none',    'none',   'none',    'playing', 'none'],
  // The next window is not ready yet.
  wait:    ['none',    'none',   'none',    'none',    'loading'],
  pause:   ['none',    'none',   'none',    'paused',  'paused'],
});

export interface PlayerView {
  state: PlayerState;
  positionMs: number;
  durationMs: number;
  speed: number;
  /** What there is to say about this position, or about the last tap; empty: nothing. */
  note: string;
  /** Of `absent`: audio of this record that another phone has uploaded, bytes; 0: none. */
  cloudBytes: number;
}

export interface PlayerDeps {
  archive: Pick<AudioArchive, 'recording' | 'read' | 'hold'>;
  /** What another phone has uploaded. */
  cloud: Pick<CloudAudio, 'recording' | 'read' | 'close'>;
  openClip: OpenClip;
  clock: Clock;
  /** Whether a recording is under way on this phone. */
  isRecording: () => boolean;
  changed: (view: PlayerView) => void;
}

interface Loaded {
  window: AudioWindow;
  clip: Clip;
}

/** Plays the audio of one recording, window by window. */
export class PlayerModel {
  readonly #deps: PlayerDeps;
  readonly #sessionId: string;
  readonly #release: () => void;
  #recording: ArchivedRecording | null = null;
  /** What is uploaded, where this phone has nothing. */
  #uploaded: ArchivedRecording | null = null;
  /** The user wants to hear what is uploaded. */
  #fromCloud = false;
  #state: PlayerState = 'opening';
  #durationMs = 0;
  #positionMs = 0;
  #speed: (typeof SPEEDS)[number] = 1;
  #note = '';
  /** What is played, or paused. */
  #now: Loaded | null = null;
  /** The window behind it. */
  #next: Promise<Loaded | null> | null = null;
  /** Raised whenever what was begun for an earlier position is void. */
  #run = 0;
  #cancelStallTimer = (): void => {};

  constructor(deps: PlayerDeps, sessionId: string) {
    this.#deps = deps;
    this.#sessionId = sessionId;
    this.#release = deps.archive.hold(sessionId);
  }

  get view(): PlayerView {
    const durationMs = Math.max(this.#durationMs, this.#recording ? this.#endMs : 0);
    return {
      state: this.#state,
      positionMs: Math.min(this.#positionMs, durationMs),
      durationMs,
      speed: this.#speed,
      note: this.#note,
      cloudBytes: this.#uploaded?.bytes ?? 0,
    };
  }

  /** Looks whether there is audio, on this phone or else in the cloud. */
  async open(): Promise<void> {
    const recording = await this.#look();
    this.#notify();
    if (recording !== null) return;
    this.#uploaded = await this.#deps.cloud.recording().catch(() => null);
    if (this.#uploaded !== null) this.#notify();
  }

  /** Plays what is uploaded, in pieces that are downloaded when they are needed. */
  async playFromCloud(): Promise<void> {
    if (this.#uploaded === null || this.#state !== 'absent') return;
    this.#fromCloud = true;
    await this.#look();
    await this.toggle();
  }

  /** @param ms of the whole session, whose audio may be shorter */
  setDuration(ms: number): void {
    this.#durationMs = ms;
    this.#notify();
  }

  /** Plays a sentence and what follows. @param untilMs its end */
  async playFrom(ms: number, untilMs: number): Promise<void> {
    const recording = await this.#look();
    if (recording === null) return this.#notify();
    const range = { fromPos: this.#toPos(ms), toPos: Math.max(this.#toPos(untilMs), this.#toPos(ms) + 1) };
    if (!hasAudio(recording, range)) return this.#say(PLAYER_NOTES.noneHere);
    await this.#start(ms);
  }

  /** Plays on, or pauses. */
  async toggle(): Promise<void> {
    if (this.#state === 'playing' || this.#state === 'loading') return this.pause();
    if (this.#state !== 'paused') return;
    if (this.#now === null) await this.#start(this.#positionMs >= this.#endMs ? 0 : this.#positionMs);
    else if (this.#mayPlay() && this.#apply('play')) this.#play(this.#now);
  }

  async skip(ms: number): Promise<void> {
    await this.seek(this.#positionMs + ms);
  }

  /** Goes to a position, and plays on where it is playing. */
  async seek(ms: number): Promise<void> {
    const to = Math.max(0, Math.min(ms, this.view.durationMs));
    if (this.#state === 'playing' || this.#state === 'loading') return this.#start(to);
    if (this.#state !== 'paused') return;
    this.#drop();
    this.#positionMs = to;
    this.#say('');
  }

  nextSpeed(): void {
    this.#speed = SPEEDS[(SPEEDS.indexOf(this.#speed) + 1) % SPEEDS.length] ?? 1;
    this.#now?.clip.setSpeed(this.#speed);
    this.#notify();
  }

  /** By the user, because of a call, or because the page is hidden. */
  pause(): void {
    // What is still being loaded must not begin to play.
    if (this.#state === 'loading') this.#drop();
    if (!this.#apply('pause')) return;
    this.#now?.clip.pause();
    this.#notify();
  }

  /** A recording begins: nothing may be heard in it. */
  recordingStarted(): void {
    if (this.#state !== 'playing' && this.#state !== 'loading') return;
    this.pause();
    this.#say(PLAYER_NOTES.recording);
  }

  dispose(): void {
    this.pause();
    this.#drop();
    this.#release();
    this.#deps.cloud.close();
  }

  get #endMs(): number {
    return this.#recording ? samplesToMs(audioEnd(this.#recording), this.#recording.rateHz) : 0;
  }
  #toPos(ms: number): number {
    return msToSamples(ms, this.#recording?.rateHz ?? 0);
  }
  #toMs(pos: number): number {
    return this.#recording ? samplesToMs(pos, this.#recording.rateHz) : 0;
  }

  /** The recording may have grown, or be gone, since the last look. */
  async #look(): Promise<ArchivedRecording | null> {
    const { archive } = this.#deps;
    this.#recording = this.#fromCloud
      ? this.#uploaded
      : await archive.recording(this.#sessionId).catch(() => null);
    if (this.#recording === null) this.#drop();
    this.#apply(this.#recording === null ? 'missing' : 'found');
    return this.#recording;
  }

  #mayPlay(): boolean {
    if (!this.#deps.isRecording()) return true;
    this.#say(PLAYER_NOTES.recording);
    return false;
  }

  async #start(ms: number): Promise<void> {
    if (!this.#mayPlay() || !this.#apply('play')) return;
    this.#drop();
    this.#armStallTimer();
    this.#positionMs = ms;
    this.#say('');
    const run = this.#run;
    await this.#enter(this.#load(this.#toPos(ms), FIRST_WINDOW_SECONDS, run), run);
  }

  /** Plays a window once it is loaded. */
  async #enter(loading: Promise<Loaded | null>, run: number): Promise<void> {
    const loaded = await loading.catch((error) => {
      console.warn('the audio could not be prepared', error);
      if (run === this.#run) this.#stop(PLAYER_NOTES.failed);
      return undefined;
    });
    if (loaded === undefined) return;
    if (run !== this.#run) return loaded?.clip.close();
    if (loaded === null) return this.#ended();
    this.#now = loaded;
    this.#play(loaded);
    const { nextPos } = loaded.window;
    this.#next = nextPos === null ? null : this.#load(nextPos, WINDOW_SECONDS, run);
    // Whoever waits for it handles the failure.
    this.#next?.catch(() => {});
  }

  #play({ clip, window }: Loaded): void {
    clip.setSpeed(this.#speed);
    clip.play();
    this.#apply('loaded');
    this.#armStallTimer();
    this.#at(Math.max(window.fromPos, this.#toPos(this.#positionMs)));
  }

  async #load(pos: number, seconds: number, run: number): Promise<Loaded | null> {
    const { openClip } = this.#deps;
    const recording = this.#recording;
    const window =
      recording && (await readWindow(recording, (segment) => this.#read(segment, run), pos, seconds));
    if (!recording || !window || run !== this.#run) return null;
    const mine = () => run === this.#run && this.#now?.window === window;
    const clip = await openClip(window.pcm, recording.rateHz, {
      time: (s) => mine() && this.#heard(window.fromPos + Math.round(s * recording.rateHz)),
      ended: () => mine() && void this.#windowEnded(run),
      failed: (errMsg) => {
        console.warn('the phone does not play', errMsg);
        if (mine()) this.#stop(PLAYER_NOTES.failed);
      },
    });
    return { window, clip };
  }

  #read(segment: Segment, run: number): Promise<ArrayBuffer | null> {
    const { archive, cloud } = this.#deps;
    if (!this.#fromCloud) return archive.read(segment);
    return cloud.read(segment, (percent) => {
      if (run !== this.#run || this.#state !== 'loading') return;
      this.#armStallTimer();
      this.#say(downloadText(percent));
    });
  }

  #heard(pos: number): void {
    if (this.#state !== 'playing') return;
    this.#armStallTimer();
    this.#at(pos);
  }

  /** Shows a position of the present window, and what is missing there. */
  #at(pos: number): void {
    const window = this.#now?.window;
    if (!window || !this.#recording) return;
    const shown = Math.min(pos, window.toPos);
    const hole = window.holes.find(({ fromPos, toPos }) => fromPos <= shown && toPos > shown);
    this.#positionMs = this.#toMs(shown);
    const longMs = HOLE_PLAYED_SECONDS * 1_000;
    const holeMs = hole ? this.#toMs(hole.toPos) - this.#toMs(hole.fromPos) : 0;
    this.#say(hole ? holeText(holeMs, holeMs > longMs && window.nextPos !== null) : '');
  }

  async #windowEnded(run: number): Promise<void> {
    this.#now?.clip.close();
    const next = this.#next;
    const { window } = this.#now ?? {};
    this.#now = null;
    if (next === null || !window) return this.#ended();
    this.#positionMs = this.#toMs(window.nextPos ?? window.toPos);
    this.#apply('wait');
    this.#armStallTimer();
    await this.#enter(next, run);
  }

  #ended(): void {
    this.#positionMs = this.#endMs;
    this.#stop(this.view.durationMs - this.#endMs > TAIL_MS ? PLAYER_NOTES.noneBehind : '');
  }

  #stop(note: string): void {
    this.#drop();
    this.#apply('pause');
    this.#say(note);
  }

  /** Gives up what is loaded and being loaded. */
  #drop(): void {
    this.#run += 1;
    this.#now?.clip.close();
    this.#now = null;
    void this.#next?.then((loaded) => loaded?.clip.close()).catch(() => {});
    this.#next = null;
  }

  #armStallTimer(): void {
    this.#cancelStallTimer();
    this.#cancelStallTimer = this.#deps.clock.after(STALLED_AFTER_MS, () => this.#stop(PLAYER_NOTES.failed));
  }

  #say(note: string): void {
    this.#note = note;
    this.#notify();
  }

  /** The only place where the state changes, and the event is why. @returns false where the table gives it no effect */
  #apply(event: PlayerEvent): boolean {
    const next = PLAYER_TABLE.next(this.#state, event);
    if (next === 'none') return false;
    if (next !== 'playing') this.#cancelStallTimer();
    this.#state = next;
    return true;
  }

  #notify(): void {
    this.#deps.changed(this.view);
  }
}
