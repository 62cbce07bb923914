import { AUDIO_QUOTAS_MB } from '../../config.ts';
import type { AudioArchive } from '../../services/audio-archive/archive.ts';
import { audioCapacity, megabytes } from '../../utils/keep-audio.ts';
import { readSettings, type SettingsApi, writeSettings } from '../../utils/settings.ts';

export interface AudioSettingsView {
  keep: boolean;
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
    const { keepAudio, audioQuotaMb } = readSettings(this.#deps.storage);
    const recordings = await this.#deps.archive.recordings().catch(() => []);
    const bytes = recordings.reduce((sum, recording) => sum + recording.bytes, 0);
    this.#deps.changed({
      keep: keepAudio === 'on',
      quotaIndex: AUDIO_QUOTAS_MB.indexOf(audioQuotaMb),
      usage: recordings.length === 0 ? '没有录音' : `${recordings.length} 段录音，共 ${megabytes(bytes)}`,
      any: recordings.length > 0,
    });
  }

  /** Recordings that are on the phone stay: they are deleted by `removeAll`. */
  async keep(keep: boolean): Promise<void> {
    writeSettings({ keepAudio: keep ? 'on' : 'off' }, this.#deps.storage);
    await this.show();
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
