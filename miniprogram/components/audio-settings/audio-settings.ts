import { audioArchive } from '../../services/app-services.ts';
import { AudioSettingsModel, type AudioSettingsView, QUOTA_LABELS } from './model.ts';

const models = new WeakMap<object, AudioSettingsModel>();

/** Settings of the recordings that stay on this phone: whether, how much, how much it is, and delete them. */
Component({
  properties: {
    /** All data was deleted, also what this shows. */
    deleted: { type: Boolean, value: false },
  },
  observers: {
    deleted() {
      void models.get(this)?.show();
    },
  },
  data: {
    quotaLabels: QUOTA_LABELS,
    keep: false,
    quotaIndex: 0,
    usage: '',
    any: false,
  },
  lifetimes: {
    attached() {
      const changed = (view: AudioSettingsView) => this.setData(view);
      models.set(this, new AudioSettingsModel({ archive: audioArchive(), storage: wx, changed }));
      void models.get(this)?.show();
    },
  },
  pageLifetimes: {
    show() {
      void models.get(this)?.show();
    },
  },
  methods: {
    async tapKeep() {
      const keep = !this.data.keep;
      await models.get(this)?.keep(keep);
      if (!keep && this.data.any) await this.remove('不再保留录音。已经留下的要删除吗？', '先留着');
    },
    pickQuota({ detail }: { detail: { value: string | number } }) {
      void models.get(this)?.setQuota(Number(detail.value));
    },
    async tapRemove() {
      await this.remove('手机上留下的录音会全部删除，不能恢复；文字不受影响。', '取消');
    },
    async remove(content: string, cancelText: string) {
      const { confirm } = await wx.showModal({
        title: '删除手机上的录音？',
        content,
        cancelText,
        confirmText: '删除',
        confirmColor: '#bf2c24',
      });
      if (!confirm) return;
      try {
        await models.get(this)?.removeAll();
      } catch {
        void wx.showToast({ title: '没有全部删除，请重试', icon: 'none' });
      }
    },
  },
});
