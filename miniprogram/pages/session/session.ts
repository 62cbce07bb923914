import { MAX_EDIT_CHARS, MAX_TITLE_CHARS } from '../../../contract/limits.ts';
import { systemClock } from '../../../lib/clock.ts';
import { appCloud } from '../../services/app-services.ts';
import { errorTextOf } from '../../services/error-text.ts';
import { copyText } from '../../utils/clipboard.ts';
import { writeExport } from '../../utils/export-file.ts';
import { PageData } from '../../utils/page-data.ts';
import type { SummaryView } from '../../utils/summary.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type Found,
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
/** `marked` where no sentence was jumped to. */
const NONE = -1;
/** Most characters of a search, as in the history. */
const MAX_QUERY_CHARS = 50;
/** Room left above a sentence that was jumped to, px. */
const JUMP_MARGIN_PX = 80;

interface Exported {
  path: string;
  filename: string;
  content: string;
}
interface InputEvent {
  detail: { value: string };
}

const INITIAL = {
  summary: null as SummaryView | null,
  title: '',
  rows: [] as SentenceRow[],
  before: 0,
  behind: 0,
  full: false,
  loading: false,
  read: 0,
  complete: false,
  problem: null as SessionView['problem'],
  /** Index of the sentence that was jumped to. */
  marked: NONE,
  copying: false,
  marks: [] as number[],
  /** Which of the marks is jumped to next, from 0. */
  nextMark: 0,

  finding: false,
  findText: '',
  /** The query of `found`; empty before the first search. */
  foundQuery: '',
  found: { total: 0, rows: [] } as Found,
  findBusy: false,
  findProblem: '',
  findMax: MAX_QUERY_CHARS,

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
  /** Of the file that is ready to be sent; empty until then. */
  fileName: '',
  exportProblem: '',
};

Page({
  behaviors: [textSize],
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  model: undefined as unknown as SessionModel,
  sessionId: '',
  file: undefined as Exported | undefined,
  editTyped: '',
  findTyped: '',

  onLoad({ id = '' }: { id?: string }) {
    this.sessionId = id;
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.model = new SessionModel(appCloud(), id, systemClock.now, (view) => this.view.set(view));
    void this.model.more();
  },
  onShow() {
    this.view.show();
  },
  onHide() {
    this.view.hide();
  },
  onUnload() {
    this.view.dispose();
  },
  onReachBottom() {
    void this.model.more();
  },
  tapRetry() {
    void this.model.more();
  },

  async tapNext() {
    await this.model.next();
    this.scrollPage({ scrollTop: 0 });
  },
  async tapPrevious() {
    await this.model.previous();
    const { rows } = this.model.view;
    this.scrollPage({ selector: `#${rows[rows.length - 1]?.key}` });
  },
  /** Scrolls once the rows are in the view. */
  scrollPage(target: { scrollTop: number } | { selector: string }) {
    const offset = 'selector' in target ? { offsetTop: -JUMP_MARGIN_PX } : {};
    this.view.whenShown(() => wx.nextTick(() => void wx.pageScrollTo({ ...target, ...offset, duration: 0 })));
  },

  async tapCopy() {
    if (this.view.get('copying')) return;
    this.view.set({ copying: true });
    try {
      const text = await this.model.fullText();
      await copyText(text, { done: '已复制全文', otherwise: '也可以点「导出」，把文件发送到聊天。' });
    } catch {
      void wx.showToast({ title: '没能取得全文，请重试', icon: 'none' });
    }
    this.view.set({ copying: false });
  },

  // --- search -----------------------------------------------------------------------------------------

  tapFind() {
    this.view.set({ finding: true });
  },
  closeFind() {
    this.view.set({ finding: false, findText: this.findTyped });
  },
  typeFind({ detail }: InputEvent) {
    this.findTyped = detail.value;
  },
  async find() {
    const query = this.findTyped.trim().slice(0, MAX_QUERY_CHARS);
    if (query === '' || this.view.get('findBusy')) return;
    this.view.set({ findBusy: true, findProblem: '' });
    try {
      this.view.set({ found: await this.model.find(query), foundQuery: query });
    } catch (error) {
      this.view.set({ findProblem: `没能读完这次录音：${(error as Error).message}，请重试。` });
    }
    this.view.set({ findBusy: false });
  },
  async tapFound({ currentTarget }: { currentTarget: { dataset: { index: number } } }) {
    const { index } = currentTarget.dataset;
    this.closeFind();
    if (!(await this.model.jumpTo(index))) return;
    this.view.set({ marked: index });
    this.scrollPage({ selector: `#line-${index}` });
  },

  /** From mark to mark, and from the last to the first. */
  async tapMark() {
    const { marks } = this.model.view;
    const at = this.view.get('nextMark') % marks.length;
    this.view.set({ nextMark: (at + 1) % marks.length });
    const index = await this.model.jumpToTime(marks[at] ?? 0);
    if (index === null) return;
    this.view.set({ marked: index });
    this.scrollPage({ selector: `#line-${index}` });
  },

  // --- editing ----------------------------------------------------------------------------------------

  tapTitle() {
    this.openEdit({ editIndex: TITLE, editText: this.view.get('title'), editOriginal: '' });
  },
  tapLine({ currentTarget }: { currentTarget: { dataset: { index: number } } }) {
    const sentence = this.model.sentence(currentTarget.dataset.index);
    if (sentence === undefined) return;
    const { index, text, original = '' } = sentence;
    this.openEdit({ editIndex: index, editText: text, editOriginal: original });
  },
  openEdit(edit: { editIndex: number; editText: string; editOriginal: string }) {
    this.editTyped = edit.editText;
    this.view.set({ ...edit, editing: true, editProblem: '' });
  },
  /** The text is not sent back: the view has it, and an older one would overwrite what is typed meanwhile. */
  typeEdit({ detail }: InputEvent) {
    this.editTyped = detail.value;
  },
  closeEdit() {
    this.view.set({ editing: false, editText: this.editTyped });
  },
  tapOriginal() {
    void this.save(null);
  },
  saveEdit() {
    void this.save(this.editTyped);
  },
  async save(text: string | null) {
    if (this.view.get('saving')) return;
    this.view.set({ saving: true, editProblem: '' });
    try {
      const editIndex = this.view.get('editIndex');
      if (editIndex === TITLE) await this.model.rename(text ?? '');
      else await this.model.edit(editIndex, text);
      this.closeEdit();
    } catch (error) {
      const { title, hint } = errorTextOf(error);
      this.view.set({ editProblem: `${title}。${hint}` });
    }
    this.view.set({ saving: false });
  },

  // --- export -----------------------------------------------------------------------------------------

  tapExport() {
    this.view.set({ exporting: true });
    void this.prepare(this.view.get('format'));
  },
  closeExport() {
    this.view.set({ exporting: false });
  },
  tapFormat({ currentTarget }: { currentTarget: { dataset: { format: ExportFormat } } }) {
    void this.prepare(currentTarget.dataset.format);
  },

  /** Fetches and writes the file in advance: WeChat shares a file only synchronously in a tap. */
  async prepare(format: ExportFormat) {
    this.file = undefined;
    this.view.set({ format, fileName: '', exportProblem: '' });
    try {
      const { content, filename } = await this.model.export(format);
      const path = await writeExport({ content, format, sessionId: this.sessionId });
      if (this.view.get('format') !== format) return;
      this.file = { path, filename, content };
      this.view.set({ fileName: filename });
    } catch (error) {
      if (this.view.get('format') !== format) return;
      const { title, hint } = errorTextOf(error);
      this.view.set({ exportProblem: `${title}。${hint}` });
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
          this.view.set({ exportProblem: '这里不能发送文件，可以改用「复制内容」。' });
      },
    });
  },
  async copyFile() {
    const { file } = this;
    if (file === undefined) return;
    const texts = { done: '已复制', otherwise: '也可以用「发送文件」。' };
    if (await copyText(file.content, texts)) this.closeExport();
  },
});
