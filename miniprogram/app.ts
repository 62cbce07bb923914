import type { AppOptions } from './config.ts';
import { cleanUpAudio } from './services/app-services.ts';

App<AppOptions>({
  globalData: {},

  onShow() {
    void cleanUpAudio();
  },
});
