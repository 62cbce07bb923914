/** The part of `wx` that writes files and hands them on. */
export interface ExportApi {
  env: { USER_DATA_PATH: string };
  getFileSystemManager(): {
    writeFile(option: {
      filePath: string;
      data: string;
      encoding: 'utf8';
      success: () => void;
      fail: (error: { errMsg: string }) => void;
    }): void;
  };
}

/**
 * Writes an export where WeChat can share it from. The path is made of the id, not of the title, which may hold anything;
 * people see `filename` when the file is sent. The same session and format overwrite their earlier file, so exports do
 * not fill the phone.
 */
export function writeExport(
  { content, format, sessionId }: { content: string; format: string; sessionId: string },
  api: ExportApi = wx,
): Promise<string> {
  const filePath = `${api.env.USER_DATA_PATH}/export-${sessionId}.${format}`;
  return new Promise((resolve, reject) => {
    api.getFileSystemManager().writeFile({
      filePath,
      data: content,
      encoding: 'utf8',
      success: () => resolve(filePath),
      fail: ({ errMsg }) => reject(new Error(errMsg)),
    });
  });
}
