import { CloudBaseSocketIOClient } from 'cloudbase-socketio-client/client';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import type { Recorder, RecorderFormat } from './recorder/recorder.types.ts';
import { createWxRecorder } from './recorder/wx-recorder.ts';
import { createRecording, type VoiceRecording } from './recording/voice-recording.ts';
import type { PendingOutcome } from './saved/pending.ts';
import { PendingRecordings } from './saved/pending-recordings.ts';
import type { FileStore } from './saved/saved-recordings.ts';
import type { AudioKeeper } from './session/audio-keeper.types.ts';
import { type ContainerAddress, containerClient } from './session/container-connection.ts';
import { StreamingSession, type VoiceSessionDeps } from './session/streaming-session.ts';
import { TicketCache } from './session/ticket.ts';
import { type TicketSource, ticketFetcher } from './session/ticket-source.ts';
import type { VoiceOptions, VoiceSession } from './session/voice-session.types.ts';
import { type CallFunction, type CloudCalls, cloudCalls } from './wechat/cloud-calls.ts';
import {
  newId,
  onWxAppHide,
  PENDING_FOLDER,
  wxCallFunction,
  wxClientId,
  wxStore,
} from './wechat/platform.ts';

/** Where the container is; `env`: also that of the cloud functions. */
export type VoiceAddress = ContainerAddress & {
  /** Id of the CloudBase environment; default: the one that the WeChat cloud console marks as default. */
  env?: string;
};

/** Which cloud, and what replaces WeChat's implementations. */
export interface VoiceServiceOptions {
  /** CloudBase environment; default: the one that the WeChat cloud console marks as default. */
  env?: string;
  /** Name of the container service. Default `realtime-voice`. */
  service?: string;
  /** How the container is reached: a dialler of `cloudbase-socketio-client`. Default: `connectContainer`. */
  dial?: ContainerAddress['dial'];
  /** Instead of `env`, `service` and `dial`: read at every attempt to connect, for an address that the user may change. */
  address?: () => VoiceAddress;
  /** Where tickets come from. Default: the cloud function `ticket`. */
  ticket?: TicketSource;
  /** Calls a cloud function. Default: `wx.cloud.callFunction`. */
  callFunction?: CallFunction;
  /** A microphone for one recording. Default: the phone's. */
  createRecorder?: (format: RecorderFormat) => Recorder;
  /** Where recordings are saved until they are delivered; null: nowhere. Default: a folder of the mini-program's own. */
  store?: FileStore | null;
  /** Keeps the audio of recordings on this phone, so that it can be heard again. Default: none is kept. */
  audio?: AudioKeeper;
  /** Most audio that the phone keeps until the container has stored its text, ms. Default: two minutes. */
  ringMs?: number;
  /** The id of this installation. Default: made once, and kept in the mini-program's storage. */
  clientId?: () => string;
  /** Default: 24 random letters and digits. */
  newSessionId?: () => string;
  /** Listens for the app going to the background. @returns a function that stops listening. Default: `wx.onAppHide` */
  onAppHide?: (fn: () => void) => () => void;
  /** Default: the system's. */
  clock?: Clock;
  /** Numbers in [0, 1). Default: the system's. */
  random?: () => number;
}

/** What {@link createVoiceService} returns. */
export interface VoiceService extends CloudCalls {
  /** Microphone and session in one, started: what a page needs to record. */
  record(options?: VoiceOptions): VoiceRecording;
  /** A session without a microphone, ready to start; one object per recording. Audio is given with `push`. */
  createSession(): VoiceSession;
  /** Delivers recordings that an earlier run of the app has saved; for `App.onLaunch`. A call while one runs returns its promise. */
  resumePending(): Promise<PendingOutcome[]>;
  /** The recordings on this phone that are not delivered yet. */
  readonly pending: PendingRecordings;
  /** Ids of the recordings that are being made or delivered now. */
  readonly activeSessions: ReadonlySet<string>;
}

const DEFAULT_SERVICE = 'realtime-voice';
/** One for all services of the app: they share the folder of saved recordings, and none may deliver what another one records. */
const ACTIVE = new Set<string>();

/** The address that the options give, or a function that reads it. */
const addressOf = ({ address, env, service = DEFAULT_SERVICE, dial }: VoiceServiceOptions) =>
  address ??
  ((): VoiceAddress => ({
    service,
    ...(env !== undefined && { env }),
    dial: dial ?? CloudBaseSocketIOClient.connectContainer,
  }));

/**
 * The recording service for a mini-program: one object for the whole app. Nothing is called before it is used.
 * @example
 * const voice = createVoiceService({ service: 'realtime-voice' });
 * const recording = voice.record({ engine: '16k_zh' });
 * recording.on('lines', (lines) => page.setData({ lines }));
 * const answer = await recording.stop();
 */
export function createVoiceService(options: VoiceServiceOptions = {}): VoiceService {
  const { clock = systemClock, random = systemRandom, createRecorder = createWxRecorder } = options;
  const address = addressOf(options);
  const call = options.callFunction ?? wxCallFunction(() => address().env ?? '');
  const cloud = cloudCalls({ call, clock });
  const deps: VoiceSessionDeps = {
    createClient: containerClient(address),
    tickets: new TicketCache(options.ticket ? ticketFetcher(options.ticket) : cloud.ticket, clock),
    clock,
    random,
    clientId: options.clientId ?? (() => wxClientId(random)),
    newSessionId: options.newSessionId ?? (() => newId(random)),
    store: options.store === undefined ? wxStore(PENDING_FOLDER) : options.store,
    onAppHide: options.onAppHide ?? onWxAppHide,
    active: ACTIVE,
    ...(options.audio && { audio: options.audio }),
    ...(options.ringMs !== undefined && { ringMs: options.ringMs }),
  };
  const pending = new PendingRecordings(deps);
  const createSession = (): VoiceSession => new StreamingSession(deps);
  return {
    ...cloud,
    pending,
    activeSessions: ACTIVE,
    createSession,
    record(voiceOptions) {
      const recording = createRecording({ createRecorder, createSession }, voiceOptions);
      void recording.start(voiceOptions);
      return recording;
    },
    resumePending: () => pending.resume(),
  };
}
