import { BUILD, describeBuild } from '../../../lib/build.ts';
import { DEFAULT_SETTINGS } from '../../config.ts';
import { readSettings, writeSettings } from '../../utils/settings.ts';
import { textSize } from '../../utils/text-size-behavior.ts';
import { isField, VALIDATORS } from './form.ts';

interface FieldEvent {
  currentTarget: { dataset: { field: string } };
  detail: { value: string };
}

/** Where the app finds its cloud: for who runs the service, so it is reached only by seven taps on the version. */
Page({
  behaviors: [textSize],
  data: { service: '', env: '', fallbackUrl: '', problem: '', saved: '', build: describeBuild(BUILD) },

  onShow() {
    this.showSettings();
  },

  showSettings() {
    const { service, env, fallbackUrl } = readSettings();
    this.setData({ service, env, fallbackUrl });
  },

  /** Stores a valid value; shows what is wrong with an invalid one. */
  saveField({ currentTarget, detail }: FieldEvent) {
    const { field } = currentTarget.dataset;
    if (!isField(field)) return;
    const text = detail.value.trim();
    const problem = VALIDATORS[field](text);
    if (problem === '') writeSettings({ [field]: text });
    this.setData({ problem, saved: '' });
  },

  tapReset() {
    const { service, env, fallbackUrl } = DEFAULT_SETTINGS;
    writeSettings({ service, env, fallbackUrl });
    this.showSettings();
    this.setData({ problem: '', saved: '已恢复默认值' });
  },
});
