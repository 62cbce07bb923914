import type { ChosenFile } from '../pages/oneshot/model.ts';

/** What one-shot recognition can decode, by file extension. */
const EXTENSIONS = ['wav', 'mp3', 'm4a', 'aac', 'amr', 'silk', 'speex', 'ogg', 'opus', 'pcm'];

/** Lets the person choose an audio file from a chat; undefined where they chose none. */
export async function chooseAudioFile(): Promise<ChosenFile | undefined> {
  try {
    const { tempFiles } = await wx.chooseMessageFile({ count: 1, type: 'file', extension: EXTENSIONS });
    const file = tempFiles[0];
    return file && { name: file.name, sizeBytes: file.size, read: () => readBase64(file.path) };
  } catch {
    return undefined;
  }
}

const readBase64 = (filePath: string): Promise<string> =>
  new Promise((resolve, reject) => {
    wx.getFileSystemManager().readFile({
      filePath,
      encoding: 'base64',
      success: ({ data }) => resolve(data as string),
      fail: ({ errMsg }) => reject(new Error(errMsg)),
    });
  });
