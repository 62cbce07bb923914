import type { AudioFormat } from '../../contract/functions.ts';
import { showRefusal } from './privacy.ts';

/** A file that the user chose. */
export interface ChosenFile {
  name: string;
  sizeBytes: number;
  /** The temporary path that WeChat copied it to. */
  filePath: string;
}

/** Formats of one-shot recognition by file extension. */
const FORMATS: Record<string, AudioFormat> = {
  wav: 'wav',
  mp3: 'mp3',
  m4a: 'm4a',
  aac: 'aac',
  amr: 'amr',
  silk: 'silk',
  speex: 'speex',
  ogg: 'ogg-opus',
  opus: 'ogg-opus',
  pcm: 'pcm',
};

/** The format by the extension of a file's name; undefined where it is unknown. */
export const formatOfName = (name: string): AudioFormat | undefined =>
  FORMATS[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];

/**
 * Lets the user choose an audio file from a chat; undefined where they chose none, or where WeChat refused, which is explained.
 * @param otherwise another way to the same end, a sentence
 */
export async function chooseAudioFile(otherwise: string): Promise<ChosenFile | undefined> {
  try {
    const extension = Object.keys(FORMATS);
    const { tempFiles } = await wx.chooseMessageFile({ count: 1, type: 'file', extension });
    const file = tempFiles[0];
    return file && { name: file.name, sizeBytes: file.size, filePath: file.path };
  } catch (error) {
    await showRefusal('file', error, otherwise);
    return undefined;
  }
}
