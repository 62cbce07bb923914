import { microphoneInUse } from 'cloudbase-voice';
import { systemClock } from '../lib/clock.ts';
import type { AppOptions } from './config.ts';
import { sessionNotes } from './services/app-recording.ts';
import { appVoice, audioUploader, cleanUpAudio } from './services/app-services.ts';
import { offerUpdates } from './services/app-update.ts';

App<AppOptions>({
  globalData: {},

  onLaunch() {
    offerUpdates({
      manager: wx.getUpdateManager(),
      clock: systemClock,
      isBusy: () => microphoneInUse() || appVoice().activeSessions.size > 0,
      ask: async () => {
        const { confirm } = await wx.showModal({
          title: '新版本已经准备好',
          content: '重新启动后使用。现在没有录音，不会丢失任何内容。',
          confirmText: '重新启动',
          cancelText: '以后再说',
        });
        return confirm;
      },
    });
  },

  onShow() {
    void cleanUpAudio();
    void audioUploader().run();
    // Marks and titles that were given while there was no network.
    void sessionNotes().deliver();
  },
});
