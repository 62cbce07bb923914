/** The functions of `wx` that an export uses. */
export interface ExportApi {
  env: { USER_DATA_PATH: string };
  getFileSystemManager(): {
    writeFile(option: {
      filePath: string;
      data: string;
      encoding: 'utf8' | 'base64';
      success: () => void;
      fail: (error: { errMsg: string }) => void;
    }): void;
  };
}

export interface ExportContent {
  content: string;
  /** Of `content`: text as it is, or the bytes of a file. */
  encoding: 'utf8' | 'base64';
  format: string;
  sessionId: string;
}

/**
 * Writes an export to the user data folder, from which WeChat can share it. The path contains the id, not the title, which may
 * contain any character. The same session and format overwrite their earlier file, so exports do not fill the phone.
 * @returns its path
 */
export function writeExport(
  { content, encoding, format, sessionId }: ExportContent,
  api: ExportApi = wx,
): Promise<string> {
  const filePath = `${api.env.USER_DATA_PATH}/export-${sessionId}.${format}`;
  return new Promise((resolve, reject) => {
    api.getFileSystemManager().writeFile({
      filePath,
      data: content,
      encoding,
      success: () => resolve(filePath),
      fail: ({ errMsg }) => reject(new Error(errMsg)),
    });
  });
}
