import { EventEmitter } from '../../../lib/emitter.ts';

export interface HostUser {
  /** Stands for the OpenID that WeChat would report. */
  openid: string;
  /** Shown on the host's button. */
  name: string;
}

/** Something that a privacy guide can declare, as WeChat's `privacy_key` names it: `Record`, `Clipboard`, `MessageFile`. */
export type PrivacyKey = string;

/** Handed to the pages by the host server as `globalThis.__hostConfig`. */
export interface HostConfig {
  users: readonly HostUser[];
  /** The one container service that exists; another name is refused as WeChat does. */
  service: string;
  /** The app is another than this project's own: what the framework warns of is no error of the host's tests. */
  foreign: boolean;
  /** Added to the app's own `globalData`. */
  globalData: Record<string, unknown>;
  /** What the mini-program declares in its privacy guide. An API that handles anything else is refused. */
  privacyKeys: readonly PrivacyKey[];
  /** What recognises speech here; said beside the phone. */
  recogniser: string;
  /** Where the app records; undefined: sounds cannot be recorded from beside the phone. */
  recording: RecordingPage | undefined;
  /** Recordings that can be recorded instead of speech. */
  samples: readonly Pick<HostSample, 'id' | 'title' | 'note'>[];
  /** The container can be killed from beside the phone. */
  canKill: boolean;
}

/** The app's page that records. */
export interface RecordingPage {
  /** A tab page: `pages/record/record`. */
  route: string;
  /** The page's handler of the button that starts a recording, and ends it. */
  tap: string;
}

/** A recording that is offered instead of the microphone. */
export interface HostSample {
  id: string;
  /** Its first sentence. */
  title: string;
  note: string;
  /** WAV. */
  file: string;
}

/** What the local cloud has of a session. */
export interface SessionFigures {
  /** undefined: it has no such session. */
  stored:
    | { owner: number; state: string; committedPos: number; sentences: number; writes: number }
    | undefined;
  /** Of all sessions, since the cloud was started. */
  databaseWrites: number;
}

/** Whose phone it is, and what it may connect to. */
interface DeviceConfig {
  user: HostUser;
  service: string;
  privacyKeys: readonly PrivacyKey[];
}

export type Theme = 'light' | 'dark';
export type Scope = `scope.${string}`;

interface DeviceEvents {
  theme: (theme: Theme) => void;
  network: (online: boolean) => void;
  hide: () => void;
  show: () => void;
  /** All sockets lose their network; the reason is WeChat's message. */
  cut: (reason: string) => void;
  interruptionBegin: () => void;
  interruptionEnd: () => void;
  recorder: (state: RecorderState) => void;
  socket: (activity: SocketActivity) => void;
  /** A new version of the mini-program is loaded. */
  update: () => void;
}

/** An open microphone. */
export interface Capture {
  /** Called with samples from -1 to 1. */
  onBlock: (block: Float32Array) => void;
  close(): Promise<void>;
}

/** Opens a microphone that gives this many samples a second; rejects where there is none, or where it must not be used. */
export type OpenMicrophone = (rateHz: number) => Promise<Capture>;

export type RecorderState = 'idle' | 'opening' | 'recording' | 'paused';

/** Something that happened on a socket of the app. */
export type SocketEvent =
  | { kind: 'opened' | 'closed' }
  | { kind: 'sent' | 'received'; data: string | ArrayBuffer };
/** For those who watch the app's sockets; each has a number. */
export type SocketActivity = SocketEvent & { socket: number };

/** WeChat closes the sockets of a mini-program that has been in the background this long. */
const BACKGROUND_SOCKET_LIMIT_MS = 5_000;

/** The simulated phone: network, theme, permissions, foreground. The host's buttons and tests change it. */
export class Device {
  readonly config: DeviceConfig;
  theme: Theme = 'light';
  online = true;
  foreground = true;
  /** How much larger than usual the user wants text: WeChat's setting 「字体大小」. */
  textScale = 1;
  /** What the user answered for each scope; absent = not asked yet. */
  readonly scopes: Partial<Record<Scope, boolean>> = {};
  /** The answer that the permission dialog will get; `undefined` shows the dialog. */
  autoAnswer: boolean | undefined = true;
  /** What the mini-program's 「用户隐私保护指引」 declares, and whether the user agreed to it. */
  privacy: { declared: readonly PrivacyKey[]; agreed: boolean };
  /** Takes the place of the browser's microphone; nobody is asked for permission then. */
  microphone: OpenMicrophone | undefined;
  recorder: RecorderState = 'idle';
  /** Length of all that was recorded since the app was opened, ms. */
  recordedMs = 0;
  #backgroundTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #events = new EventEmitter<DeviceEvents>((error) => console.error(error));

  constructor(config: DeviceConfig) {
    this.config = config;
    this.privacy = { declared: config.privacyKeys, agreed: true };
  }

  on<E extends keyof DeviceEvents>(event: E, listener: DeviceEvents[E]): void {
    this.#events.subscribe(event, listener);
  }

  setTheme(theme: Theme): void {
    if (theme === this.theme) return;
    this.theme = theme;
    this.#events.emit('theme', theme);
  }

  setOnline(online: boolean): void {
    if (online === this.online) return;
    this.online = online;
    if (!online) this.#events.emit('cut', 'network is down');
    this.#events.emit('network', online);
  }

  /** The home button: recording is interrupted at once, sockets are cut after {@link BACKGROUND_SOCKET_LIMIT_MS}. */
  background(): void {
    if (!this.foreground) return;
    this.foreground = false;
    this.interruptionBegin();
    this.#events.emit('hide');
    this.#backgroundTimer = setTimeout(
      () => this.#events.emit('cut', 'interrupted'),
      BACKGROUND_SOCKET_LIMIT_MS,
    );
  }

  toForeground(): void {
    if (this.foreground) return;
    this.foreground = true;
    clearTimeout(this.#backgroundTimer);
    this.#events.emit('show');
    this.interruptionEnd();
  }

  /** A phone call comes in. */
  interruptionBegin(): void {
    this.#events.emit('interruptionBegin');
  }

  interruptionEnd(): void {
    this.#events.emit('interruptionEnd');
  }

  setRecorder(state: RecorderState): void {
    this.recorder = state;
    this.#events.emit('recorder', state);
  }

  countRecorded(samples: number, rateHz: number): void {
    this.recordedMs += (samples * 1000) / rateHz;
  }

  /** Called by the sockets. */
  reportSocket(activity: SocketActivity): void {
    this.#events.emit('socket', activity);
  }

  /** WeChat has loaded a new version of the mini-program. */
  updateReady(): void {
    this.#events.emit('update');
  }

  /** Cuts every socket, as a change of network does; new ones can be opened at once. */
  cutSockets(): void {
    this.#events.emit('cut', 'network changed');
  }
}
