import type { ExportFormat } from '../../../contract/functions.ts';
import type { CloudApi } from '../../services/cloud.ts';
import { base64Of } from '../../utils/base64.ts';
import { bytesOfBase64, utf8Of } from '../../utils/bytes.ts';
import { type ZipEntry, zipOf } from '../../utils/zip.ts';
import { EXPORT_FORMATS, ExportError } from '../session/export.ts';
import type { ExportedFile } from '../session/model.ts';

/** Most content of one file, UTF-16 units: about 15 MB on the phone. */
export const MAX_EXPORT_CHARS = 5_000_000;

/** In the order of the sheet: text is put together, of the other formats there is one file for each session. */
export const MANY_FORMATS = EXPORT_FORMATS.map(({ id, name }) => ({
  id,
  name,
  use: id === 'txt' ? '合成一个文件' : '打包成 ZIP',
}));

/** The chosen sessions are too long for one file. */
export class TooLongError extends ExportError {
  constructor() {
    super('选中的记录合起来太长，请少选几条');
  }
}

/**
 * Several sessions as one file, in the order given: as text one after the other, each with its heading; otherwise a ZIP archive with a
 * file for each. They are fetched one after the other, so that the functions are not called by dozens at once.
 * @param read told how many are read
 * @param wanted false: the user has left or chosen another format, and no more is read
 * @returns null: no longer wanted
 * @throws VoiceError, LocalError, TooLongError
 */
export async function exportMany(
  cloud: Pick<CloudApi, 'history'>,
  { sessionIds, format }: { sessionIds: readonly string[]; format: ExportFormat },
  { read, wanted }: { read: (count: number) => void; wanted: () => boolean },
): Promise<ExportedFile | null> {
  const files: ExportedFile[] = [];
  let chars = 0;
  for (const sessionId of sessionIds) {
    const file: ExportedFile = { content: '', encoding: 'utf8', filename: '' };
    let cursor: string | null = null;
    do {
      const request = { sessionId, format, cursor };
      const part: ExportedFile & { cursor: string | null } = await cloud.history('export', request);
      if (!wanted()) return null;
      file.content += part.content;
      file.encoding = part.encoding;
      file.filename = part.filename;
      chars += part.content.length;
      if (chars > MAX_EXPORT_CHARS) throw new TooLongError();
      cursor = part.cursor;
    } while (cursor !== null);
    files.push(file);
    read(files.length);
  }
  const name = `语音记录 ${files.length} 条`;
  if (format !== 'txt')
    return {
      content: base64Of(zipOf(files.map(entryOf))),
      encoding: 'base64',
      filename: `${name} ${format.toUpperCase()}.zip`,
    };
  const content = `${files.map((file) => file.content.trim()).join('\n\n\n')}\n`;
  return { content, encoding: 'utf8', filename: `${name}.txt` };
}

const entryOf = ({ filename, content, encoding }: ExportedFile): ZipEntry => ({
  name: filename,
  bytes: encoding === 'base64' ? bytesOfBase64(content) : utf8Of(content),
});
