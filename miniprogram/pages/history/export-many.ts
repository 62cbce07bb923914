import type { CloudApi } from '../../services/cloud.ts';

/** Most text of one file, UTF-16 units: about 15 MB on the phone. */
export const MAX_EXPORT_CHARS = 5_000_000;

/** The chosen sessions are too long for one file. */
export class TooLongError extends Error {
  constructor() {
    super('选中的记录合起来太长，请少选几条');
  }
}

/**
 * The text of several sessions as one, each with its heading, in the order given; one after the other, so that the functions are not
 * called by dozens at once.
 * @param read told how many are read
 * @param wanted false: the user has left, and no more is read
 * @throws VoiceError, LocalError, TooLongError
 */
export async function exportMany(
  cloud: Pick<CloudApi, 'history'>,
  sessionIds: readonly string[],
  { read, wanted }: { read: (count: number) => void; wanted: () => boolean },
): Promise<string> {
  const texts: string[] = [];
  let chars = 0;
  for (const sessionId of sessionIds) {
    let cursor: string | null = null;
    let text = '';
    do {
      const part: { content: string; cursor: string | null } = await cloud.history('export', {
        sessionId,
        format: 'txt',
        cursor,
      });
      if (!wanted()) return '';
      text += part.content;
      chars += part.content.length;
      if (chars > MAX_EXPORT_CHARS) throw new TooLongError();
      cursor = part.cursor;
    } while (cursor !== null);
    texts.push(text.trim());
    read(texts.length);
  }
  return `${texts.join('\n\n\n')}\n`;
}
