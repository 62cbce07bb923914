import { formatDuration } from 'cloudbase-voice';
import type { Settings } from '../../config.ts';
import type { AudioNote } from '../../services/audio-archive/notes.ts';

/** Why there is no audio of a recording, and whether the user can have that of the next ones. */
export interface Absence {
  text: string;
  /** Recordings are not kept: offers to keep them from now on. */
  offer: boolean;
}

const NOTE_TEXTS: Record<AudioNote, string> = {
  evicted: '没有录音：已经为新的录音腾出了空间',
  full: '没有录音：录的时候手机上没有空间',
};

/** @param cloudBytes what another phone has uploaded; 0: nothing */
export function absenceOf(
  note: AudioNote | null,
  keepAudio: Settings['keepAudio'],
  cloudBytes: number,
): Absence {
  if (cloudBytes > 0) return { text: '录音不在这台手机上，在你的云端文件夹里', offer: false };
  if (note !== null) return { text: NOTE_TEXTS[note], offer: false };
  if (keepAudio !== 'on') return { text: '没有录音：录音不会留在这台手机上', offer: true };
  return { text: '没有录音：不是在这台手机上录的，或当时没有保留', offer: false };
}

export const PLAYER_NOTES = {
  recording: '正在录音，结束后再听',
  noneHere: '这一句没有录音',
  noneBehind: '后面没有录音',
  failed: '没能播放，请再试一次',
} as const;

/** @param skipped only the first seconds of it are played */
export const holeText = (ms: number, skipped: boolean): string =>
  `这里 ${formatDuration(Math.max(1_000, ms))}没有录音${skipped ? '，跳到后面' : ''}`;

/** @param percent 0 … 100 of the piece that is to be played next */
export const downloadText = (percent: number): string => `正在从云端载入 ${Math.floor(percent)}%`;
