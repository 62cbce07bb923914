import { systemClock } from '../../../lib/clock.ts';
import { currentRecording } from '../../services/app-recording.ts';
import { RecordingFollower } from './follower.ts';
import { type BarView, HIDDEN_BAR } from './model.ts';

interface Methods extends Record<string, () => void> {
  tapOpen(): void;
  tapStop(): void;
}
/** What an instance has besides its data. */
interface Own {
  follower: RecordingFollower | undefined;
}

/** Says on every page but the recording's own that the microphone is open. A tap opens that page. */
Component<BarView & Record<string, unknown>, { inset: BooleanConstructor }, Methods, [], Own>({
  properties: {
    /** Among the cards of a page that does not scroll, not across the page's whole width. */
    inset: Boolean,
  },
  data: { ...HIDDEN_BAR },
  lifetimes: {
    attached() {
      this.follower = new RecordingFollower(currentRecording(), systemClock, (patch) => this.setData(patch));
      this.follower.show();
    },
    detached() {
      this.follower?.hide();
    },
  },
  pageLifetimes: {
    show() {
      this.follower?.show();
    },
    hide() {
      this.follower?.hide();
    },
  },
  methods: {
    tapOpen() {
      void wx.switchTab({ url: '/pages/realtime-voice/realtime-voice' });
    },
    tapStop() {
      currentRecording().stop();
    },
  },
});
