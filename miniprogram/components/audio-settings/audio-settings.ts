import { audioArchive, audioUploader } from '../../services/app-services.ts';
import { audioMegabytesAnHour } from '../../utils/keep-audio.ts';
import { AudioSettingsModel, type AudioSettingsView, QUOTA_LABELS } from './model.ts';

const UPLOAD_EXPLAINED = `结束后在后台上传，约 ${audioMegabytesAnHour()} MB 一小时，你的其他手机打开记录也能听。存在这个小程序的云存储里你自己的文件夹，其他用户读不到，小程序的管理者能读到；删除记录时一起删除，在这里随时可以全部删除。`;

async function confirmRemoval(title: string, content: string, cancelText: string): Promise<boolean> {
  const { confirm } = await wx.showModal({
    title,
    content,
    cancelText,
    confirmText: '删除',
    confirmColor: '#bf2c24',
  });
  return confirm;
}

const models = new WeakMap<object, AudioSettingsModel>();

/** Settings of the recordings that are kept: whether, how much, also in the cloud, how much it is, and delete them. */
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
    upload: false,
    mobile: false,
    quotaIndex: 0,
    usage: '',
    any: false,
  },
  lifetimes: {
    attached() {
      const changed = (view: AudioSettingsView) => this.setData(view);
      models.set(
        this,
        new AudioSettingsModel({ archive: audioArchive(), uploader: audioUploader(), storage: wx, changed }),
      );
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
      if (!(await confirmRemoval('删除手机上的录音？', content, cancelText))) return;
      await this.removed(models.get(this)?.removeAll());
    },

    async tapUpload() {
      const upload = !this.data.upload;
      if (upload) {
        const { confirm } = await wx.showModal({
          title: '也存到你的云端文件夹？',
          content: UPLOAD_EXPLAINED,
          confirmText: '也存云端',
          cancelText: '不存',
        });
        if (!confirm) return;
      }
      await models.get(this)?.upload(upload);
      if (!upload) await this.removeUploaded('不再上传。已经在云端的录音要删除吗？', '先留着');
    },
    tapMobile() {
      void models.get(this)?.uploadByMobile(!this.data.mobile);
    },
    async tapRemoveUploaded() {
      await this.removeUploaded('你的每台手机存到云端的录音会全部删除，不能恢复；文字不受影响。', '取消');
    },
    async removeUploaded(content: string, cancelText: string) {
      if (!(await confirmRemoval('删除云端的录音？', content, cancelText))) return;
      await this.removed(models.get(this)?.removeUploaded());
    },
    async removed(removing: Promise<void> | undefined) {
      try {
        await removing;
        void wx.showToast({ title: '已删除', icon: 'success' });
      } catch {
        void wx.showToast({ title: '没有全部删除，请重试', icon: 'none' });
      }
    },
  },
});
