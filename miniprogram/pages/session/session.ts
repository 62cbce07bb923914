import { errorTextOf, formatAudioTime, PageData } from 'cloudbase-voice';
import type { ExportFormat, SentenceView } from '../../../contract/functions.ts';
import { MAX_EDITS, MAX_QUERY_CHARS } from '../../../contract/limits.ts';
import { cutText } from '../../../contract/text.ts';
import { systemClock } from '../../../lib/clock.ts';
import { appCloud } from '../../services/app-services.ts';
import { openMenu } from '../../utils/action-menu.ts';
import { copyText } from '../../utils/clipboard.ts';
import { writeExport } from '../../utils/export-file.ts';
import { decodedQuery } from '../../utils/page-query.ts';
import { readSettings, writeSettings } from '../../utils/settings.ts';
import { shareCard } from '../../utils/share.ts';
import type { SummaryView } from '../../utils/summary.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import { CLOSED_EDIT, EditModel, type EditView } from './edit.ts';
import { CLOSED_EXPORT, EXPORT_FORMATS, ExportModel } from './export.ts';
import { copyExport, shareExport } from './export-actions.ts';
import { CLOSED_FIND, FindModel, type FindView, NONE } from './find.ts';
import { SessionModel, type SessionView } from './model.ts';
import { NOT_PLAYING, PlayingLine } from './playing.ts';
import { CLOSED_REPLACE, ReplaceModel, type ReplaceView } from './replace.ts';
import type { ReplaceRow } from './replace-plan.ts';
import type { ParagraphRow, SentenceRow } from './rows.ts';

/** Characters of a sentence in the heading of its menu. */
const MENU_TEXT_CHARS = 20;
/** Room left above a sentence that was jumped to, px: the find bar is there. */
const JUMP_MARGIN_PX = 140;
const COPY_OTHERWISE = '也可以点「导出」，把文件发送到聊天。';

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
interface Query {
  id?: string;
  /** A sentence to open at, and what was searched for: from a hit in the list of records. */
  index?: string;
  q?: string;
}

const INITIAL = {
  summary: null as SummaryView | null,
  title: '',
  sessionId: '',
  durationMs: 0,
  playing: NOT_PLAYING,
  away: false,
  rows: [] as SentenceRow[],
  paragraphs: [] as ParagraphRow[],
  /** Sentences are shown joined into paragraphs. */
  joined: false,
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

  /** Texts of fields are apart: each is sent only where the field is to show another one. */
  find: CLOSED_FIND as Omit<FindView, 'text'>,
  findText: '',
  findMax: MAX_QUERY_CHARS,
  replace: CLOSED_REPLACE as Omit<ReplaceView, 'text'>,
  replaceText: '',
  replaceRows: [] as ReplaceRow[],
  edit: CLOSED_EDIT as Omit<EditView, 'text'>,
  editText: '',
  exported: CLOSED_EXPORT,
  formats: EXPORT_FORMATS,
};

Page({
  behaviors: [textSize],
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  model: undefined as unknown as SessionModel,
  finding: undefined as unknown as FindModel,
  replacing: undefined as unknown as ReplaceModel,
  editing: undefined as unknown as EditModel,
  exporting: undefined as unknown as ExportModel,
  line: undefined as unknown as PlayingLine,

  onLoad({ id = '', index, q }: Query) {
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.model = new SessionModel(appCloud(), id, systemClock.now, (view) => this.view.set(view));
    this.view.set({ sessionId: id });
    this.makeParts(id);
    const joined = readSettings().paragraphs;
    this.view.set({ joined });
    this.model.setJoined(joined);
    void this.open(Number(index ?? NONE), q === undefined ? '' : decodedQuery(q));
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
  onShareAppMessage: shareCard,

  /** Each is a part of the page of its own: what it needs of the others is passed to it here. */
  makeParts(sessionId: string) {
    const cloud = appCloud();
    this.finding = new FindModel(
      {
        find: (query, cursor) => cloud.history('find', { sessionId, query, cursor }),
        show: (index) => this.showLine(index),
        highlight: (query) => this.model.setHighlight(query),
        firstShown: () => this.model.firstShown,
      },
      ({ text, ...find }) => this.view.set({ find, findText: text }),
    );
    this.replacing = new ReplaceModel(
      {
        load: (query, cursor) => cloud.history('find', { sessionId, query, cursor, limit: MAX_EDITS }),
        edit: async (edits) => (await cloud.history('editMany', { sessionId, edits: [...edits] })).results,
        apply: (changed) => this.model.apply(changed),
      },
      ({ text, ...replace }, replaceRows) => this.view.set({ replace, replaceText: text, replaceRows }),
    );
    this.line = new PlayingLine({
      sentences: () => this.model.sentences,
      show: (line) => this.view.set(line),
      reveal: (index) => void this.revealLine(index),
    });
    this.editing = new EditModel(({ text, ...edit }) => this.view.set({ edit, editText: text }));
    this.exporting = new ExportModel(
      {
        fetch: (format) => this.model.export(format),
        write: (file) => writeExport({ ...file, sessionId }),
      },
      (exported) => this.view.set({ exported }),
    );
  },

  /** @param index of a sentence; anything else: the beginning. @param query what it was found by; empty: nothing */
  async open(index: number, query: string) {
    const isSentence = Number.isSafeInteger(index) && index >= 0;
    if (isSentence && query !== '') await this.finding.openAt(query, index);
    else if (isSentence) await this.showLine(index);
    else await this.model.more();
  },

  async tapRetry() {
    await this.model.more();
  },
  async tapNext() {
    await this.model.next();
    this.scrollPage({ scrollTop: 0 });
  },
  async tapPrevious() {
    const before = this.model.firstShown;
    await this.model.previous();
    const { rows, paragraphs } = this.model.view;
    const last = rows[rows.length - 1] ?? paragraphs[paragraphs.length - 1];
    if (this.model.firstShown !== before) this.scrollPage({ selector: `#${last?.key}` });
  },
  /** Shows a sentence, marks it and scrolls to it. */
  async showLine(index: number) {
    if (!(await this.model.jumpTo(index))) return;
    this.view.set({ marked: index });
    this.scrollPage({ selector: `#line-${index}` });
  },
  /** Scrolls once the rows are in the view. */
  scrollPage(target: { scrollTop: number } | { selector: string }) {
    const offset = 'selector' in target ? { offsetTop: -JUMP_MARGIN_PX } : {};
    this.view.whenShown(() => wx.nextTick(() => void wx.pageScrollTo({ ...target, ...offset, duration: 0 })));
  },

  tapJoined() {
    const joined = !this.view.get('joined');
    writeSettings({ paragraphs: joined });
    this.view.set({ joined });
    this.model.setJoined(joined);
    const marked = this.view.get('marked');
    if (marked !== NONE) this.scrollPage({ selector: `#line-${marked}` });
  },
  async tapCopy() {
    await openMenu('', [
      { label: '复制全文', run: () => void this.copyAll(false) },
      { label: '复制全文和时间', run: () => void this.copyAll(true) },
    ]);
  },
  async copyAll(times: boolean) {
    if (this.view.get('copying')) return;
    this.view.set({ copying: true });
    try {
      const text = await this.model.fullText({ times, paragraphs: this.view.get('joined') });
      await copyText(text, { done: '已复制全文', otherwise: COPY_OTHERWISE });
    } catch {
      void wx.showToast({ title: '没能取得全文，请重试', icon: 'none' });
    }
    this.view.set({ copying: false });
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
    if (!this.model.isShown(index)) {
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
    else void this.openLineMenu(index);
  },
  tapLineMenu({ currentTarget }: LineEvent) {
    void this.openLineMenu(currentTarget.dataset.index);
  },
  async openLineMenu(index: number) {
    const sentence = this.model.sentence(index);
    if (sentence === undefined) return;
    const heading = `${formatAudioTime(sentence.startMs)} ${cutText(sentence.text, MENU_TEXT_CHARS)}`;
    const paragraph = { label: '复制这一段', run: () => void this.copyOne(this.model.paragraphText(index)) };
    await openMenu(heading, [
      { label: '复制这一句', run: () => void this.copyOne(sentence.text) },
      ...(this.view.get('joined') ? [paragraph] : []),
      { label: '修改这一句', run: () => this.editLine(sentence) },
      ...(this.model.marksOf(index).length > 0
        ? [{ label: '取消标记', run: () => void this.unmark(index) }]
        : []),
    ]);
  },
  async unmark(index: number) {
    try {
      await this.model.unmark(index);
      this.view.set({ nextMark: 0 });
    } catch (error) {
      void wx.showToast({ title: errorTextOf(error).title, icon: 'none' });
    }
  },
  async copyOne(text: string) {
    await copyText(text, { done: '已复制', otherwise: COPY_OTHERWISE });
  },

  // --- search and replacement -------------------------------------------------------------------------

  tapFind() {
    this.finding.open();
  },
  typeFind({ detail }: InputEvent) {
    this.finding.type(detail.value);
  },
  submitFind() {
    void this.finding.submit();
  },
  previousHit() {
    void this.finding.previous();
  },
  nextHit() {
    void this.finding.next();
  },
  closeFind() {
    this.finding.close();
    this.view.set({ marked: NONE });
  },

  tapReplace() {
    this.replacing.open(this.finding.query);
  },
  typeReplace({ detail }: InputEvent) {
    this.replacing.type(detail.value);
  },
  previewReplace() {
    void this.replacing.preview();
  },
  toggleReplace({ detail }: { detail: { index: number } }) {
    this.replacing.toggle(detail.index);
  },
  async runReplace() {
    await this.replacing.run();
    await this.finding.refresh();
  },
  async undoReplace() {
    await this.replacing.undo();
    await this.finding.refresh();
  },
  closeReplace() {
    this.replacing.close();
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
    this.editing.openTitle(this.view.get('title'), (title) => this.model.rename(title));
  },
  editLine(sentence: SentenceView) {
    this.editing.openSentence(sentence, async (text) =>
      this.finding.update(await this.model.edit(sentence.index, text)),
    );
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
    shareExport(this.exporting);
  },
  copyFile() {
    return copyExport(this.exporting);
  },
});
