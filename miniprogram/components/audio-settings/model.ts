import { AUDIO_QUOTAS_MB, type Settings } from '../../config.ts';
import type { AudioArchive } from '../../services/audio-archive/archive.ts';
import type { AudioUploader } from '../../services/audio-archive/uploader.ts';
import { audioCapacity, megabytes } from '../../utils/keep-audio.ts';
import { readSettings, type SettingsApi, writeSettings } from '../../utils/settings.ts';

export interface AudioSettingsView {
  keep: boolean;
  upload: boolean;
  mobile: boolean;
  quotaIndex: number;
  /** How much of the phone the recordings take. */
  usage: string;
  /** Whether there is anything to delete. */
  any: boolean;
}

/** The choices of the quota, in the order of `AUDIO_QUOTAS_MB`. */
export const QUOTA_LABELS = AUDIO_QUOTAS_MB.map((mb) => `${mb} MB，约 ${audioCapacity(mb)}`);

export interface AudioSettingsDeps {
  archive: Pick<AudioArchive, 'recordings' | 'removeAll' | 'fitQuota'>;
  uploader: Pick<AudioUploader, 'run' | 'stop' | 'removeAll'>;
  storage: SettingsApi;
  changed: (view: AudioSettingsView) => void;
}

/** The settings of the recordings that stay on this phone. */
export class AudioSettingsModel {
  readonly #deps: AudioSettingsDeps;

  constructor(deps: AudioSettingsDeps) {
    this.#deps = deps;
  }

  async show(): Promise<void> {
    const { keepAudio, audioQuotaMb, uploadAudio, uploadByMobile } = readSettings(this.#deps.storage);
    const recordings = await this.#deps.archive.recordings().catch(() => []);
    const bytes = recordings.reduce((sum, recording) => sum + recording.bytes, 0);
    this.#deps.changed({
      keep: keepAudio === 'on',
      upload: uploadAudio,
      mobile: uploadByMobile,
      quotaIndex: AUDIO_QUOTAS_MB.indexOf(audioQuotaMb),
      usage: recordings.length === 0 ? '没有录音' : `${recordings.length} 段录音，共 ${megabytes(bytes)}`,
      any: recordings.length > 0,
    });
  }

  /** Recordings that are on the phone stay: they are deleted by `removeAll`. */
  async keep(keep: boolean): Promise<void> {
    await this.#change({ keepAudio: keep ? 'on' : 'off' });
  }

  /** What is uploaded stays: it is deleted by `removeUploaded`. */
  async upload(uploadAudio: boolean): Promise<void> {
    await this.#change({ uploadAudio });
  }

  async uploadByMobile(uploadByMobile: boolean): Promise<void> {
    await this.#change({ uploadByMobile });
  }

  /** An upload that is under way ends, and goes on where the settings still allow it. */
  async #change(settings: Partial<Settings>): Promise<void> {
    writeSettings(settings, this.#deps.storage);
    await this.show();
    await this.#deps.uploader.stop();
    void this.#deps.uploader.run();
  }

  /** Deletes what all the user's phones have uploaded. Rejects where something could not be deleted. */
  async removeUploaded(): Promise<void> {
    await this.#deps.uploader.removeAll();
  }

  /** A smaller quota evicts the oldest recordings at once. */
  async setQuota(index: number): Promise<void> {
    const audioQuotaMb = AUDIO_QUOTAS_MB[index];
    if (audioQuotaMb !== undefined) writeSettings({ audioQuotaMb }, this.#deps.storage);
    await this.#deps.archive.fitQuota();
    await this.show();
  }

  /** Rejects where something could not be deleted. */
  async removeAll(): Promise<void> {
    try {
      await this.#deps.archive.removeAll();
    } finally {
      await this.show();
    }
  }
}
