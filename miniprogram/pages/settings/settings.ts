import { ENGINES } from '../../../contract/engines.ts';
import { runConnectionTest, type Step } from '../../services/connection-test.ts';
import { readSettings, writeSettings } from '../../utils/settings.ts';
import { ENGINE_LABELS, REALTIME_ENGINES } from '../realtime-voice/options.ts';
import { isField, VALIDATORS } from './form.ts';

const PRIVACY = [
  '录音只在你点按后开始，离开小程序即暂停。',
  '声音经云托管送往腾讯云语音识别，不保存音频；文字保存在小程序的云开发数据库，只有你能看到。',
  '断网时未送达的录音暂存在这台手机，补传后即删除。',
  '删除的记录 24 小时内可以在历史页恢复，之后彻底清除。',
];
const BEFORE_TEST = '逐项检查网络、云函数、云托管连接和麦克风，并说明原因与办法。';

Page({
  data: {
    engineLabels: ENGINE_LABELS,
    engineIndex: 0,
    wordTimes: false,
    wordTimesPossible: true,
    service: '',
    env: '',
    fallbackUrl: '',
    fieldProblem: '',
    steps: [] as Step[],
    testing: false,
    testSummary: BEFORE_TEST,
    privacy: PRIVACY,
  },

  onShow() {
    this.showSettings();
  },

  showSettings() {
    const { engine, wordTimes, service, env, fallbackUrl } = readSettings();
    this.setData({
      engineIndex: Math.max(0, REALTIME_ENGINES.indexOf(engine)),
      wordTimesPossible: ENGINES[engine].wordTimes,
      wordTimes,
      service,
      env,
      fallbackUrl,
    });
  },

  pickEngine({ detail }: { detail: { value: string | number } }) {
    const engine = REALTIME_ENGINES[Number(detail.value)];
    if (engine !== undefined) writeSettings({ engine });
    this.showSettings();
  },
  switchWordTimes({ detail }: { detail: { value: boolean } }) {
    writeSettings({ wordTimes: detail.value });
    this.showSettings();
  },

  /** Stores a valid value; shows what is wrong with an invalid one. */
  saveField({
    currentTarget,
    detail,
  }: {
    currentTarget: { dataset: { field: string } };
    detail: { value: string };
  }) {
    const { field } = currentTarget.dataset;
    if (!isField(field)) return;
    const text = detail.value.trim();
    const fieldProblem = VALIDATORS[field](text);
    if (fieldProblem === '') writeSettings({ [field]: text });
    this.setData({ fieldProblem });
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

  openPrivacy() {
    wx.openPrivacyContract({
      fail: () => void wx.showToast({ title: '这里不能打开指引', icon: 'none' }),
    });
  },
});
