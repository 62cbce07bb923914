import { appCloud } from '../../services/wiring.ts';
import { systemClock } from '../../utils/clock.ts';
import { HistoryModel, type HistoryRow, type HistoryView } from './model.ts';

/** Typing is searched for when it rests this long. */
const SEARCH_AFTER_MS = 400;
/** How long a deletion can be undone from here. */
const UNDO_MS = 6_000;

interface ItemEvent {
  currentTarget: { dataset: { id: string } };
}
interface InputEvent {
  detail: { value: string };
}

Page({
  data: {
    rows: [] as HistoryRow[],
    loading: true,
    loadingMore: false,
    complete: false,
    query: '',
    problem: null as HistoryView['problem'],
    undo: '',
    typed: '',
    skeleton: [1, 2, 3, 4],
  },

  model: undefined as HistoryModel | undefined,
  stopSearchTimer() {},
  stopUndoTimer() {},
  opened: '',

  onLoad() {
    this.model = new HistoryModel(appCloud(), Date.now, (view) => this.setData({ ...view }));
  },

  onShow() {
    const { opened } = this;
    this.opened = '';
    if (opened !== '') void this.model?.reread(opened);
    else void this.model?.renew();
  },

  onUnload() {
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
    this.setData({ typed: detail.value });
    this.stopSearchTimer();
    this.stopSearchTimer = systemClock.after(SEARCH_AFTER_MS, () => void this.model?.search(detail.value));
  },
  onConfirm({ detail }: InputEvent) {
    this.stopSearchTimer();
    void this.model?.search(detail.value);
  },
  tapClear() {
    this.stopSearchTimer();
    this.setData({ typed: '' });
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
    void this.model?.remove(sessionId);
  },
  tapUndo() {
    this.stopUndoTimer();
    void this.model?.undo();
  },
});
