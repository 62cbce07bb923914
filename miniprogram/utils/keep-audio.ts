import { formatDuration } from 'cloudbase-voice';
import type { Settings } from '../config.ts';
import { segmentBytes } from '../services/audio-archive/segment.ts';
import { readSettings, type SettingsApi, writeSettings } from './settings.ts';

const RATE_HZ = 16_000;
const MB_BYTES = 1024 * 1024;
const STEP_SECONDS = 600;

const bytesOf = (seconds: number): number => seconds * segmentBytes({ rateHz: RATE_HZ, samples: RATE_HZ });

/** Size of an hour of kept audio, MB. */
export const audioMegabytesAnHour = (): number => Math.round(bytesOf(3_600) / MB_BYTES);

/** How much audio fits: `3 小时 30 分`, rounded down to ten minutes. */
export function audioCapacity(mb: number): string {
  const seconds = (mb * MB_BYTES) / bytesOf(1);
  return formatDuration(Math.floor(seconds / STEP_SECONDS) * STEP_SECONDS * 1000);
}

/** Bytes as settings show them: `不到 0.1 MB`, `0.4 MB`, `12 MB`. */
export function megabytes(bytes: number): string {
  const mb = bytes / MB_BYTES;
  if (mb < 0.1) return '不到 0.1 MB';
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`;
}

/** The functions of `wx` that the question needs. */
interface AskApi extends SettingsApi {
  showModal(option: {
    title: string;
    content: string;
    confirmText: string;
    cancelText: string;
  }): Promise<{ confirm: boolean }>;
}

/** Asks whether recordings shall stay on this phone, and stores the answer. @returns the answer */
export async function askToKeepAudio(api: AskApi = wx): Promise<Settings['keepAudio']> {
  const { audioQuotaMb } = readSettings(api);
  const { confirm } = await api.showModal({
    title: '把录音留在这台手机上？',
    content: `留下以后，点一句就能从那里听。录音压缩后存在这台手机上，不会上传（设置里另有一项，打开才上传）；最多 ${audioQuotaMb} MB（约 ${audioCapacity(audioQuotaMb)}），满了先删最早的；删除记录时一起删除。在设置里随时可以改。`,
    confirmText: '保留',
    cancelText: '不保留',
  });
  return writeSettings({ keepAudio: confirm ? 'on' : 'off' }, api).keepAudio;
}
