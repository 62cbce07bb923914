import { ENGINES } from '../../../contract/engines.ts';
import { BUILD, describeBuild } from '../../../lib/build.ts';
import { systemClock } from '../../../lib/clock.ts';
import { sessionNotes } from '../../services/app-recording.ts';
import { appCloud, appVoice, audioArchive, audioUploader } from '../../services/app-services.ts';
import { runConnectionTest, type Step } from '../../services/connection-test.ts';
import { RecentlyDeleted } from '../../utils/recently-deleted.ts';
import { readSettings, writeSettings } from '../../utils/settings.ts';
import { shareCard } from '../../utils/share.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import { ENGINE_LABELS, REALTIME_ENGINES } from '../realtime-voice/options.ts';
import { DataDeletion, NOT_STARTED } from './delete-all.ts';
import { hintOf, VersionTaps } from './version-taps.ts';

const PRIVACY = [
  '录音只在你点按后开始，离开小程序即暂停。',
  '声音经云托管送往腾讯云语音识别，识别时不保存音频；文字保存在小程序的云开发数据库，只有你能看到。',
  '断网时未送达的录音、标记与标题暂存在这台手机，补传后即删除。',
  '你打开「保留录音」后，录音压缩存在这台手机上，只用来在记录页重听；默认不保留。删除记录时一起删除（能恢复的 24 小时过后），取消的录音立即删除。',
  '你另外打开「把录音也存到我的云端文件夹」后，留下的录音才上传：存在小程序云存储里你自己的文件夹，其他用户读不到，小程序的管理者能读到；只用来在你的其他手机上重听。录音结束后上传，默认只用 Wi-Fi。彻底清除记录时一起删除，在「录音」一节随时可以全部删除。',
  '删除的记录 24 小时内可以在历史页恢复，之后彻底清除。下面的「删除我的全部数据」立即清除，不能恢复。',
];
const DELETION_WARNING =
  '云端的全部记录、统计和录音文件，以及这台手机上的全部录音，会立即彻底删除，不能恢复。';

/** Removes what this phone keeps of recordings and records. */
async function clearPhone(): Promise<void> {
  await appVoice().pending.discardAll();
  await audioUploader().stop();
  await audioArchive().removeAll();
  new RecentlyDeleted(wx, systemClock.now).clear();
  sessionNotes().clear();
}

const BEFORE_TEST = '逐项检查网络、云函数、云托管连接和麦克风，并说明原因与办法。';

Page({
  behaviors: [textSize],
  data: {
    engineLabels: ENGINE_LABELS,
    engineIndex: 0,
    wordTimes: false,
    wordTimesPossible: true,
    steps: [] as Step[],
    testing: false,
    testSummary: BEFORE_TEST,
    privacy: PRIVACY,
    deletion: NOT_STARTED,
    build: describeBuild(BUILD),
    versionHint: '',
  },

  deleter: undefined as DataDeletion | undefined,
  taps: undefined as VersionTaps | undefined,

  onShareAppMessage: shareCard,
  onShow() {
    this.showSettings();
  },

  showSettings() {
    const { engine, wordTimes } = readSettings();
    this.setData({
      engineIndex: Math.max(0, REALTIME_ENGINES.indexOf(engine)),
      wordTimesPossible: ENGINES[engine].wordTimes,
      wordTimes,
    });
  },

  pickEngine({ detail }: { detail: { value: string | number } }) {
    const engine = REALTIME_ENGINES[Number(detail.value)];
    if (engine !== undefined) writeSettings({ engine });
    this.showSettings();
  },
  /** The whole row is the switch: the component's own has no name for screen readers. */
  tapWordTimes() {
    if (!this.data.wordTimesPossible) return;
    writeSettings({ wordTimes: !this.data.wordTimes });
    this.showSettings();
  },

  async tapTest() {
    this.setData({ testing: true, steps: [] });
    const steps = await runConnectionTest((step) => this.setData({ steps: [...this.data.steps, step] }));
    const failed = steps.filter(({ state }) => state === 'fail').length;
    this.setData({
      testing: false,
      steps,
      testSummary: failed === 0 ? '一切正常，可以录音。' : `${failed} 项没有通过，请按提示处理后再测。`,
    });
  },

  /** Asks first; a deletion that stopped midway goes on without asking again. */
  async tapDeleteAll() {
    if (this.data.deletion.state !== 'failed') {
      const { confirm } = await wx.showModal({
        title: '删除我的全部数据？',
        content: DELETION_WARNING,
        confirmText: '全部删除',
        confirmColor: '#bf2c24',
      });
      if (!confirm) return;
    }
    this.deleter ??= new DataDeletion({
      cloud: appCloud(),
      isRecording: () => appVoice().activeSessions.size > 0,
      clearPhone,
      show: (deletion) => this.setData({ deletion }),
    });
    await this.deleter.run();
  },

  tapVersion() {
    this.taps ??= new VersionTaps(systemClock.now);
    const left = this.taps.tap();
    this.setData({ versionHint: hintOf(left) });
    if (left === 0) void wx.navigateTo({ url: '/pages/developer/developer' });
  },

  openPrivacy() {
    wx.openPrivacyContract({
      fail: () => void wx.showToast({ title: '这里不能打开指引', icon: 'none' }),
    });
  },
});
