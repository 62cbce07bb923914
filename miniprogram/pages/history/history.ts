import { errorTextOf, PageData, type PendingOutcome } from 'cloudbase-voice';
import type { ExportFormat } from '../../../contract/functions.ts';
import { MAX_TAGS } from '../../../contract/limits.ts';
import { cutText } from '../../../contract/text.ts';
import { systemClock } from '../../../lib/clock.ts';
import { appCloud, appVoice } from '../../services/app-services.ts';
import { writeExport } from '../../utils/export-file.ts';
import { RecentlyDeleted } from '../../utils/recently-deleted.ts';
import { shareCard } from '../../utils/share.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import { ExportModel } from '../session/export.ts';
import { copyExport, shareExport } from '../session/export-actions.ts';
import { exportMany } from './export-many.ts';
import { INITIAL } from './initial.ts';
import { measureList } from './measure.ts';
import { HistoryModel } from './model.ts';
import { discardQuestion, RecordingList, type RecordingRow } from './recordings.ts';
import { choicesOf, chosenTags, isTooMany, type TagChoice, toggled, withTyped } from './tag-choices.ts';

/** A search starts when nothing was typed for this long. */
const SEARCH_AFTER_MS = 400;
/** How long the undo bar is shown, ms; afterwards 「最近删除」 restores a record. */
const UNDO_MS = 6_000;

/** WeChat's limit for an action sheet. */
const MAX_SHEET_ITEMS = 6;

/** A tap on an element with these `data-` attributes. */
interface Tap<D> {
  currentTarget: { dataset: D };
}
type ItemEvent = Tap<{ id: string }>;
type TagEvent = Tap<{ tag: string }>;
interface InputEvent {
  detail: { value: string };
}

const problemText = (error: unknown): string => {
  const { title, hint } = errorTextOf(error);
  return `${title}。${hint}`;
};

Page({
  behaviors: [textSize],
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  model: undefined as unknown as HistoryModel,
  recordings: undefined as unknown as RecordingList,
  deleted: undefined as unknown as RecentlyDeleted,
  stopSearchTimer() {},
  stopUndoTimer() {},
  measuring: false,
  /** The session whose page is open, and the one that a sheet is about. */
  opened: '',
  edited: '',
  renameTyped: '',
  tagTyped: '',
  exporting: undefined as ExportModel | undefined,

  onLoad() {
    this.deleted = new RecentlyDeleted(wx, systemClock.now);
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.model = new HistoryModel(appCloud(), systemClock.now, (view) => {
      this.view.set(view);
      this.measure();
    });
    this.recordings = new RecordingList(appVoice().pending, systemClock, {
      changed: (recordings) => {
        this.view.set({ recordings });
        this.model.hide(recordings.map(({ sessionId }) => sessionId));
      },
      finished: (outcomes) => this.showDelivered(outcomes),
    });
  },

  onShareAppMessage: shareCard,
  onShow() {
    this.view.show();
    this.countDeleted();
    this.recordings.show();
    this.measure();
    const { opened } = this;
    this.opened = '';
    if (opened !== '') void this.model.reread(opened);
    else void this.model.renew();
  },

  onHide() {
    this.view.hide();
    this.recordings.hide();
  },

  onUnload() {
    this.view.dispose();
    this.recordings.dispose();
    this.stopSearchTimer();
    this.stopUndoTimer();
  },

  async onPullDownRefresh() {
    await this.model.refresh();
    wx.stopPullDownRefresh();
  },
  onReachBottom() {
    void this.model.more();
  },
  onPageScroll({ scrollTop }: { scrollTop: number }) {
    this.model.scrolled(scrollTop);
  },

  /** Once what was set is in the view: a row of each kind, and where the list begins. */
  measure() {
    if (this.measuring) return;
    this.measuring = true;
    this.view.whenShown(() => {
      this.measuring = false;
      measureList(this, new Set(this.view.get('rows').map(({ kind }) => kind)), (measured) =>
        this.model.measured(measured),
      );
    });
  },

  // --- finding ----------------------------------------------------------------------------------------

  onType({ detail }: InputEvent) {
    this.view.set({ typed: detail.value });
    this.stopSearchTimer();
    this.stopSearchTimer = systemClock.after(SEARCH_AFTER_MS, () => void this.model.search(detail.value));
  },
  onConfirm({ detail }: InputEvent) {
    this.stopSearchTimer();
    void this.model.search(detail.value);
  },
  tapClear() {
    this.stopSearchTimer();
    this.view.set({ typed: '' });
    void this.model.search('');
  },
  tapFilter({ currentTarget }: TagEvent) {
    void this.model.filter(currentTarget.dataset.tag);
  },

  tapRetry() {
    void this.model.refresh();
  },
  tapMore() {
    void this.model.more();
  },
  tapRecord() {
    void wx.switchTab({ url: '/pages/realtime-voice/realtime-voice' });
  },

  // --- one record -------------------------------------------------------------------------------------

  tapItem({ currentTarget }: ItemEvent) {
    const { id } = currentTarget.dataset;
    if (!this.view.get('selecting')) this.open(id, this.model.firstMatch(id));
    else if (!this.model.toggle(id)) void wx.showToast({ title: '一次最多选 50 条', icon: 'none' });
  },
  tapMatch({ currentTarget }: Tap<{ id: string; index: number }>) {
    const { id, index } = currentTarget.dataset;
    this.open(id, index);
  },
  /** @param index of a sentence that the search found; below 0: none */
  open(id: string, index: number) {
    this.opened = id;
    const place = index < 0 ? '' : `&index=${index}&q=${encodeURIComponent(this.view.get('query'))}`;
    void wx.navigateTo({ url: `/pages/session/session?id=${id}${place}` });
  },

  longPressItem({ currentTarget }: ItemEvent) {
    if (!this.view.get('selecting')) void this.openMenu(currentTarget.dataset.id);
  },
  tapMenu({ currentTarget }: ItemEvent) {
    void this.openMenu(currentTarget.dataset.id);
  },
  async openMenu(id: string) {
    const session = this.model.session(id);
    if (session === undefined) return;
    const pinned = session.pinnedAt !== undefined;
    const choices: [string, () => void][] = [
      ['修改标题', () => this.openRename(id, session.title)],
      [pinned ? '取消置顶' : '置顶', () => void this.model.pin(id, !pinned)],
      ['标签', () => this.openTags(id, session.tags ?? [])],
      ['选择多条', () => this.model.select(id)],
      ['删除', () => this.remove([id])],
    ];
    try {
      const { tapIndex } = await wx.showActionSheet({ itemList: choices.map(([name]) => name) });
      choices[tapIndex]?.[1]();
    } catch {
      // Closed without a choice.
    }
  },

  openRename(id: string, title: string) {
    this.edited = id;
    this.renameTyped = title;
    this.view.set({ renaming: true, renameText: title, sheetProblem: '' });
  },
  typeRename({ detail }: InputEvent) {
    this.renameTyped = detail.value;
  },
  closeRename() {
    this.view.set({ renaming: false, renameText: this.renameTyped });
  },
  saveRename() {
    void this.save(
      () => this.model.rename(this.edited, this.renameTyped),
      () => this.closeRename(),
    );
  },

  openTags(id: string, tags: readonly string[]) {
    this.edited = id;
    this.tagTyped = '';
    const tagChoices = choicesOf(tags, this.view.get('tags'));
    this.view.set({ tagging: true, tagText: '', tagChoices, sheetProblem: '' });
  },
  typeTag({ detail }: InputEvent) {
    this.tagTyped = detail.value;
  },
  addTag() {
    this.chooseTags(withTyped(this.view.get('tagChoices'), this.tagTyped));
    // Emptied by way of what was typed: the view is only sent what differs from what it was sent last.
    this.view.set({ tagText: this.tagTyped });
    this.tagTyped = '';
    this.view.whenShown(() => this.view.set({ tagText: '' }));
  },
  tapTag({ currentTarget }: TagEvent) {
    this.chooseTags(toggled(this.view.get('tagChoices'), currentTarget.dataset.tag));
  },
  chooseTags(tagChoices: TagChoice[]) {
    if (isTooMany(tagChoices)) this.view.set({ sheetProblem: `最多 ${MAX_TAGS} 个标签` });
    else this.view.set({ tagChoices, sheetProblem: '' });
  },
  closeTags() {
    this.view.set({ tagging: false, tagText: this.tagTyped });
  },
  saveTags() {
    this.addTag();
    const tags = chosenTags(this.view.get('tagChoices'));
    void this.save(
      () => this.model.setTags(this.edited, tags),
      () => this.closeTags(),
    );
  },

  /** Of a sheet: stays open where it fails, and says why. */
  async save(work: () => Promise<void>, close: () => void) {
    if (this.view.get('saving')) return;
    this.view.set({ saving: true, sheetProblem: '' });
    try {
      await work();
      close();
    } catch (error) {
      this.view.set({ sheetProblem: problemText(error) });
    }
    this.view.set({ saving: false });
  },

  // --- several records --------------------------------------------------------------------------------

  tapDone() {
    this.model.endSelecting();
  },
  tapDeleteSelected() {
    this.remove(this.model.selected);
  },

  tapExport() {
    const sessionIds = this.model.selected;
    const read = (count: number): string => `正在准备，已读 ${count} / ${sessionIds.length} 条`;
    this.exporting = new ExportModel(
      {
        fetch: (format, { progress, wanted }) =>
          exportMany(appCloud(), { sessionIds, format }, { read: (count) => progress(read(count)), wanted }),
        write: ({ format, ...file }) =>
          writeExport({ ...file, format: format === 'txt' ? format : 'zip', sessionId: 'selected' }),
      },
      (exported) => this.view.set({ exported }),
    );
    void this.exporting.open();
  },
  closeExport() {
    this.exporting?.close();
  },
  chooseFormat({ detail }: { detail: { format: ExportFormat } }) {
    void this.exporting?.choose(detail.format);
  },
  shareExport() {
    if (this.exporting !== undefined) shareExport(this.exporting);
  },
  async copyExport() {
    if (this.exporting !== undefined) await copyExport(this.exporting);
  },

  // --- deleting ---------------------------------------------------------------------------------------

  tapDelete({ currentTarget }: ItemEvent) {
    this.remove([currentTarget.dataset.id]);
  },
  remove(sessionIds: readonly string[]) {
    this.stopUndoTimer();
    this.stopUndoTimer = systemClock.after(UNDO_MS, () => this.model.forgetUndo());
    void this.model.remove(sessionIds).then((removed) => {
      for (const session of removed) this.deleted.add(session);
      this.countDeleted();
    });
  },
  async tapUndo() {
    this.stopUndoTimer();
    for (const sessionId of await this.model.undo()) this.deleted.remove(sessionId);
    this.countDeleted();
  },

  countDeleted() {
    this.view.set({ restorable: this.deleted.list().length });
  },
  async tapDeleted() {
    const entries = this.deleted.list().slice(0, MAX_SHEET_ITEMS);
    try {
      const { tapIndex } = await wx.showActionSheet({
        alertText: '选择要恢复的记录',
        itemList: entries.map(({ title }) => cutText(title, 20)),
      });
      const chosen = entries[tapIndex];
      if (chosen && (await this.model.restore(chosen.sessionId))) this.deleted.remove(chosen.sessionId);
      this.countDeleted();
    } catch {
      // Closed without a choice.
    }
  },

  // --- recordings that are still on the phone ---------------------------------------------------------

  async tapRecording({ currentTarget }: Tap<{ id: string; action: RecordingRow['action'] }>) {
    const { id, action } = currentTarget.dataset;
    if (action === 'record') this.tapRecord();
    if (action === 'upload') this.recordings.upload();
    if (action !== 'discard') return;
    const { confirm } = await wx.showModal(discardQuestion(this.model.session(id) !== undefined));
    if (confirm) await this.recordings.discard(id);
  },
  showDelivered(outcomes: readonly PendingOutcome[]) {
    void this.model.renew();
    const lost = outcomes.find(({ result }) => result === 'undeliverable');
    if (lost === undefined) return;
    const { title, hint } = errorTextOf(lost.error);
    void wx.showModal({ title: '有录音没能上传', content: `${title}。${hint}`, showCancel: false });
  },
});
