import { MAX_EDIT_CHARS, MAX_TITLE_CHARS } from '../../../contract/limits.ts';
import { systemClock } from '../../../lib/clock.ts';
import { errorTextOf } from '../../services/error-text.ts';
import { appCloud } from '../../services/wiring.ts';
import { writeExport } from '../../utils/export-file.ts';
import type { SummaryView } from '../../utils/summary.ts';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type SentenceRow,
  SessionModel,
  type SessionView,
} from './model.ts';

const FORMAT_USES: Record<ExportFormat, string> = {
  txt: '纯文字',
  srt: '视频字幕',
  vtt: '网页字幕',
  json: '含时间的数据',
};
/** `editIndex` while the title is edited, not a sentence. */
const TITLE = -1;

interface Exported {
  path: string;
  filename: string;
  content: string;
}

Page({
  data: {
    summary: null as SummaryView | null,
    title: '',
    rows: [] as SentenceRow[],
    loading: false,
    complete: false,
    problem: null as SessionView['problem'],

    editing: false,
    editIndex: TITLE,
    editText: '',
    editOriginal: '',
    editProblem: '',
    saving: false,
    titleMax: MAX_TITLE_CHARS,
    editMax: MAX_EDIT_CHARS,

    exporting: false,
    formats: EXPORT_FORMATS.map((id) => ({ id, name: id.toUpperCase(), use: FORMAT_USES[id] })),
    format: 'txt' as ExportFormat,
    exported: false,
    exportProblem: '',
  },

  model: undefined as SessionModel | undefined,
  sessionId: '',
  file: undefined as Exported | undefined,

  onLoad({ id = '' }: { id?: string }) {
    this.sessionId = id;
    this.model = new SessionModel(appCloud(), id, systemClock.now, (view) => this.setData({ ...view }));
    void this.model.more();
  },
  onReachBottom() {
    void this.model?.more();
  },
  tapRetry() {
    void this.model?.more();
  },

  async tapCopy() {
    try {
      const data = (await this.model?.fullText()) ?? '';
      await wx.setClipboardData({ data });
      void wx.showToast({ title: '已复制全文', icon: 'success' });
    } catch {
      void wx.showToast({ title: '没能取得全文，请重试', icon: 'none' });
    }
  },

  // --- editing ----------------------------------------------------------------------------------------

  tapTitle() {
    this.setData({
      editing: true,
      editIndex: TITLE,
      editText: this.data.title,
      editOriginal: '',
      editProblem: '',
    });
  },
  tapLine({ currentTarget }: { currentTarget: { dataset: { index: number } } }) {
    const sentence = this.model?.sentence(currentTarget.dataset.index);
    if (sentence === undefined) return;
    this.setData({
      editing: true,
      editIndex: sentence.index,
      editText: sentence.text,
      editOriginal: sentence.original ?? '',
      editProblem: '',
    });
  },
  typeEdit({ detail }: { detail: { value: string } }) {
    this.setData({ editText: detail.value });
  },
  closeEdit() {
    this.setData({ editing: false });
  },
  tapOriginal() {
    void this.save(null);
  },
  saveEdit() {
    void this.save(this.data.editText);
  },
  async save(text: string | null) {
    if (this.data.saving) return;
    this.setData({ saving: true, editProblem: '' });
    try {
      const { editIndex } = this.data;
      if (editIndex === TITLE) await this.model?.rename(text ?? '');
      else await this.model?.edit(editIndex, text);
      this.setData({ editing: false });
    } catch (error) {
      const { title, hint } = errorTextOf(error);
      this.setData({ editProblem: `${title}。${hint}` });
    }
    this.setData({ saving: false });
  },

  // --- export -----------------------------------------------------------------------------------------

  tapExport() {
    this.setData({ exporting: true });
    void this.prepare(this.data.format);
  },
  closeExport() {
    this.setData({ exporting: false });
  },
  tapFormat({ currentTarget }: { currentTarget: { dataset: { format: ExportFormat } } }) {
    void this.prepare(currentTarget.dataset.format);
  },

  /** Fetches and writes the file in advance: WeChat shares a file only synchronously in a tap. */
  async prepare(format: ExportFormat) {
    this.file = undefined;
    this.setData({ format, exported: false, exportProblem: '' });
    try {
      const { content, filename } = (await this.model?.export(format)) ?? { content: '', filename: '' };
      const path = await writeExport({ content, format, sessionId: this.sessionId });
      if (this.data.format !== format) return;
      this.file = { path, filename, content };
      this.setData({ exported: true });
    } catch (error) {
      if (this.data.format !== format) return;
      const { title, hint } = errorTextOf(error);
      this.setData({ exportProblem: `${title}。${hint}` });
    }
  },

  shareFile() {
    const { file } = this;
    if (file === undefined) return;
    wx.shareFileMessage({
      filePath: file.path,
      fileName: file.filename,
      success: () => this.closeExport(),
      fail: ({ errMsg }) => {
        if (!errMsg.includes('cancel'))
          this.setData({ exportProblem: '这里不能发送文件，可以改用「复制内容」。' });
      },
    });
  },
  async copyFile() {
    const { file } = this;
    if (file === undefined) return;
    await wx.setClipboardData({ data: file.content });
    void wx.showToast({ title: '已复制', icon: 'success' });
    this.closeExport();
  },
});
