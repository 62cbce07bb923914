import { CloudBaseSocketIOClient } from 'cloudbase-socketio-client/client';
import {
  type ContainerAddress,
  createVoiceService,
  microphoneInUse,
  newId,
  onRecordingStart,
  type VoiceService,
  wxCallFunction,
  wxStore,
} from 'cloudbase-voice';
import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { audioQuotaBytes, readSettings, type SettingsApi, uploadsOver } from '../utils/settings.ts';
import { AudioArchive } from './audio-archive/archive.ts';
import { AudioCleanup } from './audio-archive/cleanup.ts';
import { CloudAudio } from './audio-archive/cloud-audio.ts';
import { AudioDeletions } from './audio-archive/deletions.ts';
import { AudioNotes } from './audio-archive/notes.ts';
import { UploadNotes } from './audio-archive/upload-notes.ts';
import { AudioUploader } from './audio-archive/uploader.ts';
import { type CloudApi, createCloud } from './cloud.ts';
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

const envOf = (): string => containerAddress().env;

let voice: VoiceService | undefined;
/** Recording, and what is recorded and not delivered yet; made at first use. */
export function appVoice(): VoiceService {
  voice ??= createVoiceService({ address: containerAddress, audio: audioArchive() });
  return voice;
}

let cloud: CloudApi | undefined;
/** The cloud functions, as pages call them; made at first use. */
export function appCloud(): CloudApi {
  cloud ??= createCloud({ call: wxCallFunction(envOf), uploads: wxUploads(envOf), clock: systemClock });
  return cloud;
}

/** Folder of the recordings that the user wants kept. */
const AUDIO_FOLDER = 'voice-audio';

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

let cleanup: AudioCleanup | undefined;

/** Deletes the audio of records that do not exist any more. Never rejects. */
export function cleanUpAudio(): Promise<void> {
  cleanup ??= new AudioCleanup({
    archive: audioArchive(),
    deletions: new AudioDeletions(storage),
    cloud: appCloud(),
    clock: systemClock,
    random: systemRandom,
    active: appVoice().activeSessions,
  });
  return cleanup.run();
}

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
