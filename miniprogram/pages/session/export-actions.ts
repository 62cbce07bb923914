import { copyText } from '../../utils/clipboard.ts';
import type { ExportModel } from './export.ts';

/** Sends the file that is ready to a chat, as WeChat allows in a tap, and closes the sheet once it is sent. */
export function shareExport(exporting: ExportModel): void {
  const { file } = exporting;
  if (file === undefined) return;
  wx.shareFileMessage({
    filePath: file.path,
    fileName: file.filename,
    success: () => exporting.close(),
    fail: ({ errMsg }) => {
      if (errMsg.includes('cancel')) return;
      exporting.fail(`这里不能发送文件，可以改用${file.encoding === 'utf8' ? '' : ' TXT 的'}「复制内容」。`);
    },
  });
}

/** Copies the text that is ready, and closes the sheet once it is copied. */
export async function copyExport(exporting: ExportModel): Promise<void> {
  const { file } = exporting;
  if (file === undefined) return;
  const texts = { done: '已复制', otherwise: '也可以用「发送文件」。' };
  if (await copyText(file.content, texts)) exporting.close();
}
