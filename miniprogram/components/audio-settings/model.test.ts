import { expect, test } from 'vitest';
import { ArchiveRig } from '../../services/audio-archive/testing/archive-rig.ts';
import { audioQuotaBytes, readSettings } from '../../utils/settings.ts';
import { AudioSettingsModel, type AudioSettingsView, QUOTA_LABELS } from './model.ts';

async function rig(...minutes: number[]) {
  const phone = new ArchiveRig();
  for (const [i, length] of minutes.entries()) await phone.place(`record-${i}`, length * 60);
  const views: AudioSettingsView[] = [];
  const calls: string[] = [];
  const model = new AudioSettingsModel({
    archive: {
      recordings: () => phone.archive.recordings(),
      removeAll: () => phone.archive.removeAll(),
      fitQuota: () => {
        phone.quotaBytes = audioQuotaBytes(readSettings(phone.storage));
        return phone.archive.fitQuota();
      },
    },
    uploader: {
      run: async () => void calls.push('run'),
      stop: async () => void calls.push('stop'),
      removeAll: async () => void calls.push('removeAll'),
    },
    storage: phone.storage,
    changed: (view) => void views.push(view),
  });
  await model.show();
  return { phone, model, calls, view: () => views[views.length - 1] };
}

test('says how much the recordings take, and what the quota holds', async () => {
  const { view } = await rig(10, 5);
  expect(view()).toMatchObject({ keep: false, usage: '2 段录音，共 6.9 MB', any: true });
  expect(QUOTA_LABELS[view()?.quotaIndex ?? -1]).toBe('100 MB，约 3 小时 30 分');
  expect((await rig()).view()).toMatchObject({ usage: '没有录音', any: false });
});

test('turning it off keeps what there is, and deleting leaves nothing', async () => {
  const { phone, model, view } = await rig(1);
  await model.keep(true);
  expect(readSettings(phone.storage).keepAudio).toBe('on');
  await model.keep(false);
  expect(view()).toMatchObject({ keep: false, any: true });
  await model.removeAll();
  expect([view()?.any, phone.store.bytes]).toEqual([false, 0]);
});

test('a smaller quota evicts the oldest recordings at once', async () => {
  const { phone, model, view } = await rig(60, 70, 40);
  await model.keep(true);
  await model.setQuota(0);
  expect(await phone.sessions()).toEqual(['record-2']);
  expect(view()).toMatchObject({ quotaIndex: 0, usage: '1 段录音，共 18 MB' });
});

test('a deletion that fails is told, and shown as it is', async () => {
  const { phone, model, view } = await rig(1);
  phone.store.remove = async () => {
    throw new Error('busy');
  };
  await expect(model.removeAll()).rejects.toThrow('busy');
  expect(view()?.any).toBe(true);
});

test('uploading is off until it is chosen, and every change ends what is under way', async () => {
  const { phone, model, calls, view } = await rig();
  expect(view()).toMatchObject({ upload: false, mobile: false });
  await model.keep(true);
  await model.upload(true);
  await model.uploadByMobile(true);
  expect(view()).toMatchObject({ upload: true, mobile: true });
  expect(calls).toEqual(['stop', 'run', 'stop', 'run', 'stop', 'run']);
  await model.upload(false);
  expect(readSettings(phone.storage)).toMatchObject({ keepAudio: 'on', uploadAudio: false });
  await model.removeUploaded();
  expect(calls.slice(6)).toEqual(['stop', 'run', 'removeAll']);
});
