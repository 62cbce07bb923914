import { cutText } from '../../../contract/text.ts';
import { systemClock } from '../../../lib/clock.ts';
import { appCloud } from '../../services/app-services.ts';
import { PageData } from '../../utils/page-data.ts';
import { RecentlyDeleted } from '../../utils/recently-deleted.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import { HistoryModel, type HistoryRow, type HistoryView } from './model.ts';

/** A search starts when nothing was typed for this long. */
const SEARCH_AFTER_MS = 400;
/** How long the undo bar is shown, ms; afterwards 「最近删除」 restores a record. */
const UNDO_MS = 6_000;

/** WeChat's limit for an action sheet. */
const MAX_SHEET_ITEMS = 6;

interface ItemEvent {
  currentTarget: { dataset: { id: string } };
}
interface InputEvent {
  detail: { value: string };
}

const INITIAL = {
  rows: [] as HistoryRow[],
  loading: true,
  loadingMore: false,
  complete: false,
  query: '',
  problem: null as HistoryView['problem'],
  undo: '',
  restorable: 0,
  typed: '',
  skeleton: [1, 2, 3, 4],
};

Page({
  behaviors: [textSize],
  data: INITIAL,

  view: undefined as unknown as PageData<typeof INITIAL>,
  model: undefined as HistoryModel | undefined,
  deleted: undefined as RecentlyDeleted | undefined,
  stopSearchTimer() {},
  stopUndoTimer() {},
  opened: '',

  onLoad() {
    this.deleted = new RecentlyDeleted(wx, systemClock.now);
    this.view = new PageData((patch) => this.setData(patch), systemClock, INITIAL);
    this.model = new HistoryModel(appCloud(), systemClock.now, (view) => this.view.set(view));
  },

  onShow() {
    this.view.show();
    this.countDeleted();
    const { opened } = this;
    this.opened = '';
    if (opened !== '') void this.model?.reread(opened);
    else void this.model?.renew();
  },

  onHide() {
    this.view.hide();
  },

  onUnload() {
    this.view.dispose();
    this.stopSearchTimer();
    this.stopUndoTimer();
  },

  async onPullDownRefresh() {
    await this.model?.refresh();
    wx.stopPullDownRefresh();
  },
  onReachBottom() {
    void this.model?.more();
  },

  onType({ detail }: InputEvent) {
    this.view.set({ typed: detail.value });
    this.stopSearchTimer();
    this.stopSearchTimer = systemClock.after(SEARCH_AFTER_MS, () => void this.model?.search(detail.value));
  },
  onConfirm({ detail }: InputEvent) {
    this.stopSearchTimer();
    void this.model?.search(detail.value);
  },
  tapClear() {
    this.stopSearchTimer();
    this.view.set({ typed: '' });
    void this.model?.search('');
  },

  tapRetry() {
    void this.model?.refresh();
  },
  tapMore() {
    void this.model?.more();
  },
  tapRecord() {
    void wx.switchTab({ url: '/pages/realtime-voice/realtime-voice' });
  },

  tapItem({ currentTarget }: ItemEvent) {
    this.opened = currentTarget.dataset.id;
    void wx.navigateTo({ url: `/pages/session/session?id=${currentTarget.dataset.id}` });
  },

  /** The same as swiping, for those who cannot swipe. */
  async longPressItem({ currentTarget }: ItemEvent) {
    try {
      await wx.showActionSheet({ itemList: ['删除'] });
    } catch {
      return;
    }
    this.remove(currentTarget.dataset.id);
  },
  tapDelete({ currentTarget }: ItemEvent) {
    this.remove(currentTarget.dataset.id);
  },

  remove(sessionId: string) {
    this.stopUndoTimer();
    this.stopUndoTimer = systemClock.after(UNDO_MS, () => this.model?.forgetUndo());
    void this.model?.remove(sessionId).then((removed) => {
      if (removed) this.deleted?.add(removed);
      this.countDeleted();
    });
  },
  async tapUndo() {
    this.stopUndoTimer();
    this.forget(await this.model?.undo());
  },

  countDeleted() {
    this.view.set({ restorable: this.deleted?.list().length ?? 0 });
  },
  forget(sessionId: string | null | undefined) {
    if (sessionId) this.deleted?.remove(sessionId);
    this.countDeleted();
  },
  async tapDeleted() {
    const entries = this.deleted?.list().slice(0, MAX_SHEET_ITEMS) ?? [];
    try {
      const { tapIndex } = await wx.showActionSheet({
        alertText: '选择要恢复的记录',
        itemList: entries.map(({ title }) => cutText(title, 20)),
      });
      const chosen = entries[tapIndex];
      if (chosen && (await this.model?.restore(chosen.sessionId))) this.forget(chosen.sessionId);
    } catch {
      // Closed without a choice.
    }
  },
});
