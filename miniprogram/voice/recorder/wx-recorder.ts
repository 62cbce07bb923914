import { systemClock } from '../../../lib/clock.ts';
import { onWxAppHide } from '../wechat/platform.ts';
import { ensurePermission, openRecordSetting, type PermissionApi } from './permission.ts';
import { createRecorder } from './recorder.ts';
import type { Recorder, RecorderFormat } from './recorder.types.ts';
import { SharedRecorder } from './shared-recorder.ts';

let shared: SharedRecorder | undefined;
/** Made at first use. */
const sharedRecorder = (): SharedRecorder => {
  shared ??= new SharedRecorder(wx.getRecorderManager());
  return shared;
};
/** Whether a recording has the microphone, or waits for it to close. */
export const microphoneInUse = (): boolean => shared?.inUse ?? false;
/** Listens for the beginning of recordings. @returns a function that stops listening */
export const onRecordingStart = (fn: () => void): (() => void) => sharedRecorder().onLease(fn);

const permissions: PermissionApi = {
  getSetting: () => wx.getSetting(),
  authorize: (option) => wx.authorize(option),
  openSetting: () => wx.openSetting(),
};
export const ensureMicrophone = (): Promise<void> => ensurePermission(permissions);
/** Opens the mini-program's settings page. WeChat allows it only in a tap. Resolves with whether the microphone is allowed afterwards. */
export const openMicrophoneSetting = (): Promise<boolean> => openRecordSetting(permissions);

/** The phone's microphone. */
export const createWxRecorder = (format: RecorderFormat): Recorder =>
  createRecorder(
    {
      shared: sharedRecorder(),
      clock: systemClock,
      ensurePermission: ensureMicrophone,
      keepScreenOn: (on) => void wx.setKeepScreenOn({ keepScreenOn: on }),
      onAppHide: onWxAppHide,
    },
    format,
  );
