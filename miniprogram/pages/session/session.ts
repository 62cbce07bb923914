import type { ExportFormat, SentenceView } from '../../../contract/functions.ts';
import { cutText } from '../../../contract/text.ts';
import { systemClock } from '../../../lib/clock.ts';
import { appCloud } from '../../services/app-services.ts';
import { copyText } from '../../utils/clipboard.ts';
import { writeExport } from '../../utils/export-file.ts';
import { formatAudioTime } from '../../utils/format.ts';
import { PageData } from '../../utils/page-data.ts';
import type { SummaryView } from '../../utils/summary.ts';
import { CLOSED_EDIT, EditModel } from './edit.ts';
import { CLOSED_EXPORT, EXPORT_FORMATS, ExportModel } from './export.ts';
import { openLineMenu } from './line-menu.ts';
import { type Found, type SentenceRow, SessionModel, type SessionView } from './model.ts';
import { NOT_PLAYING, PlayingLine } from './playing.ts';

/** `marked` where no sentence was jumped to. */
const NONE = -1;
/** Most characters of a search, as in the history. */
const MAX_QUERY_CHARS = 50;
/** Characters of a sentence in the heading of its menu. */
const MENU_TEXT_CHARS = 20;
/** Room left above a sentence that was jumped to, px. */
const JUMP_MARGIN_PX = 80;

interface InputEvent {
  detail: { value: string };
}
/** What the page calls of the player. */
interface PlayerComponent {
  playFrom(sentence: SentenceView): boolean;
}
interface LineEvent {
  currentTarget: { dataset: { index: number } };
}

const INITIAL = {
  summary: null as SummaryView | null,
  title: '',
  sessionId: '',
  durationMs: 0,
  playing: NOT_PLAYING,
  away: false,
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

  finding: false,
  findText: '',
  /** The query of `found`; empty before the first search. */
  foundQuery: '',
  found: { total: 0, rows: [] } as Found,
  findBusy: false,
  findProblem: '',
  findMax: MAX_QUERY_CHARS,

  edit: CLOSED_EDIT,
  exported: CLOSED_EXPORT,
  formats: EXPORT_FORMATS,
};

Page({
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  model: undefined as unknown as SessionModel,
  editing: undefined as unknown as EditModel,
  exporting: undefined as unknown as ExportModel,
  line: undefined as unknown as PlayingLine,
  findTyped: '',

  onLoad({ id = '' }: { id?: string }) {
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.model = new SessionModel(appCloud(), id, systemClock.now, (view) => this.view.set(view));
    this.view.set({ sessionId: id });
    this.line = new PlayingLine({
      sentences: () => this.model.sentences,
      show: (line) => this.view.set(line),
      reveal: (index) => void this.revealLine(index),
    });
    this.editing = new EditModel((edit) => this.view.set({ edit }));
    this.exporting = new ExportModel(
      {
        fetch: (format) => this.model.export(format),
        write: (file) => writeExport({ ...file, sessionId: id }),
      },
      (exported) => this.view.set({ exported }),
    );
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
  async tapFound({ currentTarget }: LineEvent) {
    const { index } = currentTarget.dataset;
    this.closeFind();
    if (!(await this.model.jumpTo(index))) return;
    this.view.set({ marked: index });
    this.scrollPage({ selector: `#line-${index}` });
  },

  // --- playing ----------------------------------------------------------------------------------------

  player(): PlayerComponent | null {
    return this.selectComponent('#player') as unknown as PlayerComponent | null;
  },
  playerAt({ detail }: { detail: { ms: number; playing: boolean } }) {
    this.line.moved(detail.ms, detail.playing);
  },
  tapFollow() {
    this.line.follow();
  },
  /** The user's finger: what the page itself scrolls comes without one. */
  onTouchMove() {
    this.line.scrolled();
  },
  /** Shows a sentence's row, and scrolls only where it is out of sight. */
  async revealLine(index: number) {
    const row = `#line-${index}`;
    if (!this.view.get('rows').some((shown) => shown.index === index)) {
      await this.model.jumpTo(index);
      return this.scrollPage({ selector: row });
    }
    wx.createSelectorQuery()
      .select(row)
      .boundingClientRect()
      .select('.dock')
      .boundingClientRect()
      .exec(([line, dock]: ({ top: number; bottom: number } | null)[]) => {
        if (line && dock && (line.top < 0 || line.bottom > dock.top)) this.scrollPage({ selector: row });
      });
  },

  // --- one sentence -----------------------------------------------------------------------------------

  /** A tap on a sentence's text plays from there; without audio it opens the menu. */
  tapLine({ currentTarget }: LineEvent) {
    const { index } = currentTarget.dataset;
    const sentence = this.model.sentence(index);
    if (sentence === undefined) return;
    if (this.player()?.playFrom(sentence)) this.line.chosen();
    else void this.openMenu(index);
  },
  tapLineMenu({ currentTarget }: LineEvent) {
    void this.openMenu(currentTarget.dataset.index);
  },
  async openMenu(index: number) {
    const sentence = this.model.sentence(index);
    if (sentence === undefined) return;
    const heading = `${formatAudioTime(sentence.startMs)} ${cutText(sentence.text, MENU_TEXT_CHARS)}`;
    await openLineMenu(heading, [
      { label: '复制这一句', run: () => void this.copyLine(sentence) },
      { label: '修改这一句', run: () => this.editLine(sentence) },
    ]);
  },
  async copyLine({ text }: SentenceView) {
    await copyText(text, { done: '已复制', otherwise: '也可以点「导出」，把文件发送到聊天。' });
  },

  // --- editing ----------------------------------------------------------------------------------------

  tapTitle() {
    this.editing.openTitle(this.view.get('title'), (title) => this.model.rename(title));
  },
  editLine(sentence: SentenceView) {
    this.editing.openSentence(sentence, (text) => this.model.edit(sentence.index, text));
  },
  typeEdit({ detail }: InputEvent) {
    this.editing.type(detail.value);
  },
  saveEdit() {
    void this.editing.save();
  },
  tapOriginal() {
    void this.editing.restoreOriginal();
  },
  closeEdit() {
    this.editing.close();
  },

  // --- export -----------------------------------------------------------------------------------------

  tapExport() {
    void this.exporting.open();
  },
  closeExport() {
    this.exporting.close();
  },
  chooseFormat({ detail }: { detail: { format: ExportFormat } }) {
    void this.exporting.choose(detail.format);
  },
  shareFile() {
    const { file } = this.exporting;
    if (file === undefined) return;
    wx.shareFileMessage({
      filePath: file.path,
      fileName: file.filename,
      success: () => this.exporting.close(),
      fail: ({ errMsg }) => {
        if (!errMsg.includes('cancel')) this.exporting.fail('这里不能发送文件，可以改用「复制内容」。');
      },
    });
  },
  async copyFile() {
    const { file } = this.exporting;
    if (file === undefined) return;
    const texts = { done: '已复制', otherwise: '也可以用「发送文件」。' };
    if (await copyText(file.content, texts)) this.exporting.close();
  },
});
