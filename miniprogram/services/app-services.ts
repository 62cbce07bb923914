import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { microphoneInUse, onRecordingStart } from '../audio/wx-recorder.ts';
import { CloudBaseSocketIOClient } from '../client/cloudbase-socketio-client.ts';
import { audioQuotaBytes, readSettings, type SettingsApi, uploadsOver } from '../utils/settings.ts';
import { AudioArchive } from './audio-archive/archive.ts';
import { AudioCleanup } from './audio-archive/cleanup.ts';
import { CloudAudio } from './audio-archive/cloud-audio.ts';
import { AudioDeletions } from './audio-archive/deletions.ts';
import { AudioNotes } from './audio-archive/notes.ts';
import { UploadNotes } from './audio-archive/upload-notes.ts';
import { AudioUploader } from './audio-archive/uploader.ts';
import { type CloudApi, createCloud } from './cloud.ts';
import { type ContainerAddress, containerClient } from './container-connection.ts';
import {
  AUDIO_FOLDER,
  newId,
  onWxAppHide,
  PENDING_FOLDER,
  wxCallFunction,
  wxClientId,
  wxStore,
} from './platform.ts';
import type { VoiceSessionDeps } from './streaming-session.ts';
import { TicketCache } from './ticket.ts';
import { wxDownloads } from './wx-downloads.ts';
import { wxUploads } from './wx-uploads.ts';

/**
 * Where the settings say that the container is. Read at every attempt to connect, since the user may change them.
 * `connectContainer` where the base library has it, else `wx.connectSocket` to the fallback address.
 */
export function containerAddress() {
  const { env, service, fallbackUrl } = readSettings();
  const { connectContainer, connectSocket } = CloudBaseSocketIOClient;
  const hasConnectContainer = typeof wx.cloud?.connectContainer === 'function';
  const useFallback = !hasConnectContainer && fallbackUrl !== '';
  return {
    service,
    env,
    dial: useFallback ? connectSocket(fallbackUrl) : connectContainer,
  } satisfies ContainerAddress;
}

/** Id for a new recording. */
export const newSessionId = (): string => newId(systemRandom);

/** The services of one cloud environment. */
export interface Services {
  cloud: CloudApi;
  deps: VoiceSessionDeps;
}

/**
 * The services with WeChat's implementations, the system clock and random numbers.
 * @param addressOf read at every call and every attempt to connect
 */
export function createServices(addressOf: () => ContainerAddress & { env: string }): Services {
  const envOf = () => addressOf().env;
  const cloud = createCloud({ call: wxCallFunction(envOf), uploads: wxUploads(envOf), clock: systemClock });
  const deps: VoiceSessionDeps = {
    createClient: containerClient(addressOf),
    tickets: new TicketCache(() => cloud.ticket(), systemClock),
    clock: systemClock,
    random: systemRandom,
    clientId: () => wxClientId(systemRandom),
    newSessionId,
    store: wxStore(PENDING_FOLDER),
    onAppHide: onWxAppHide,
    active: new Set(),
  };
  return { cloud, deps };
}

let services: Services | undefined;

/** Those of the app; made at first use. */
function appServices(): Services {
  services ??= createServices(containerAddress);
  return services;
}

/** The cloud functions, as pages call them. */
export const appCloud = (): CloudApi => appServices().cloud;

/** The phone's storage, looked up at each use. */
const storage: SettingsApi = {
  getStorageSync: (key) => wx.getStorageSync(key),
  setStorageSync: (key, value) => wx.setStorageSync(key, value),
};

let archive: AudioArchive | undefined;

/** The recordings that stay on this phone. */
export function audioArchive(): AudioArchive {
  archive ??= new AudioArchive({
    store: wxStore(AUDIO_FOLDER),
    clock: systemClock,
    notes: new AudioNotes(storage),
    quotaBytes: () => audioQuotaBytes(readSettings(storage)),
    outOfRoom: () => void wx.showToast({ title: '手机空间不足，之后的声音没有留下', icon: 'none' }),
    ended: () => void audioUploader().run(),
  });
  return archive;
}

/** WeChat's implementations of what a voice session depends on. */
export const sessionDeps = (): VoiceSessionDeps => ({ ...appServices().deps, audio: audioArchive() });

let cleanup: AudioCleanup | undefined;

/** Deletes the audio of records that do not exist any more. Never rejects. */
export function cleanUpAudio(): Promise<void> {
  const { active } = appServices().deps;
  cleanup ??= new AudioCleanup({
    archive: audioArchive(),
    deletions: new AudioDeletions(storage),
    cloud: appCloud(),
    clock: systemClock,
    random: systemRandom,
    active,
  });
  return cleanup.run();
}

const envOf = (): string => containerAddress().env;

let uploader: AudioUploader | undefined;
/** To the beginning of recordings, for the rest of the run. */
let isListening = false;

/** Whether recordings may be uploaded now. What is recorded needs the network more: a recording that begins ends the upload. */
async function mayUpload(): Promise<boolean> {
  const settings = readSettings(storage);
  if (!settings.uploadAudio || microphoneInUse()) return false;
  if (!uploadsOver(settings, (await wx.getNetworkType()).networkType)) return false;
  if (!isListening) onRecordingStart(() => void audioUploader().stop());
  isListening = true;
  return true;
}

/** Uploads the recordings that this phone keeps, where the user wants that. */
export function audioUploader(): AudioUploader {
  uploader ??= new AudioUploader({
    archive: audioArchive(),
    cloud: appCloud(),
    uploads: wxUploads(envOf),
    pathOf: (name) => `${wx.env.USER_DATA_PATH}/${AUDIO_FOLDER}/${name}`,
    notes: new UploadNotes(storage),
    clock: systemClock,
    random: systemRandom,
    mayUpload,
  });
  return uploader;
}

/** The audio of a record that another phone has uploaded. */
export const cloudAudio = (sessionId: string): CloudAudio =>
  new CloudAudio({ cloud: appCloud(), downloads: wxDownloads(envOf), clock: systemClock }, sessionId);
