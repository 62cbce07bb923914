import { formatAudioTime, microphoneInUse, onRecordingStart, PageData } from 'cloudbase-voice';
import { systemClock } from '../../../lib/clock.ts';
import { onWxAudioInterruption, openWxClip } from '../../audio/wx-clip.ts';
import { audioArchive, cloudAudio } from '../../services/app-services.ts';
import { AudioNotes } from '../../services/audio-archive/notes.ts';
import { askToKeepAudio, megabytes } from '../../utils/keep-audio.ts';
import { readSettings } from '../../utils/settings.ts';
import { type BarRect, positionAt } from './bar.ts';
import { PlayerModel, type PlayerView, SKIP_MS } from './model.ts';
import { absenceOf } from './texts.ts';

const INITIAL = {
  state: 'opening' as PlayerView['state'],
  time: '00:00',
  total: '00:00',
  /** Whole seconds, for screen readers. */
  seconds: 0,
  totalSeconds: 0,
  /** 0 … 100, as wide as the played part of the bar. */
  percent: 0,
  speed: 1,
  note: '',
  absence: '',
  offer: false,
  /** How much another phone has uploaded; empty: nothing. */
  cloud: '',
};

interface TouchEvent {
  touches: { clientX: number }[];
}

/** What an instance holds besides its data. */
interface Parts {
  model: PlayerModel;
  view: PageData<typeof INITIAL>;
  stopListening: (() => void)[];
  bar: BarRect | null;
  /** While the bar is touched: the position that is chosen, ms. */
  chosenMs: number | null;
}
const parts = new WeakMap<object, Parts>();

/** What is shown of a view. The bar moves in steps of 0.2 %, so that an hour of audio does not cost a `setData` each time. */
const shown = ({ state, positionMs, durationMs, speed, note }: PlayerView): Partial<typeof INITIAL> => ({
  state,
  time: formatAudioTime(positionMs),
  total: formatAudioTime(durationMs),
  seconds: Math.floor(positionMs / 1000),
  totalSeconds: Math.floor(durationMs / 1000),
  percent: durationMs > 0 ? Math.round((positionMs / durationMs) * 500) / 5 : 0,
  speed,
  note,
});

/**
 * Plays the audio of a record that is on this phone. Fires `at` { ms, playing } when the position changes, and `follow` when the user
 * wants to see the sentence that is played. `playFrom` plays a sentence.
 */
Component({
  properties: {
    sessionId: { type: String, value: '' },
    /** Of the whole record, ms. */
    durationMs: { type: Number, value: 0 },
    /** The sentence that is played has been scrolled out of sight: offers the way back. */
    away: { type: Boolean, value: false },
  },
  data: INITIAL,
  observers: {
    durationMs(ms: number) {
      parts.get(this)?.model.setDuration(ms);
    },
  },
  lifetimes: {
    attached() {
      const view = new PageData<typeof INITIAL>((patch) => this.setData(patch), systemClock, INITIAL);
      const model = new PlayerModel(
        {
          archive: audioArchive(),
          cloud: cloudAudio(this.data.sessionId),
          openClip: openWxClip,
          clock: systemClock,
          isRecording: microphoneInUse,
          changed: (state) => this.show(state),
        },
        this.data.sessionId,
      );
      parts.set(this, {
        model,
        view,
        bar: null,
        chosenMs: null,
        stopListening: [
          onWxAudioInterruption(() => model.pause()),
          onRecordingStart(() => model.recordingStarted()),
        ],
      });
      model.setDuration(this.data.durationMs);
      void model.open();
    },
    detached() {
      const own = parts.get(this);
      for (const off of own?.stopListening ?? []) off();
      own?.view.dispose();
      own?.model.dispose();
      parts.delete(this);
    },
  },
  pageLifetimes: {
    show() {
      parts.get(this)?.view.show();
    },
    hide() {
      parts.get(this)?.model.pause();
      parts.get(this)?.view.hide();
    },
  },
  methods: {
    show(state: PlayerView) {
      const own = parts.get(this);
      if (own === undefined) return;
      const positionMs = own.chosenMs ?? state.positionMs;
      own.view.set(shown({ ...state, positionMs }));
      if (state.state === 'absent') this.showAbsence();
      this.triggerEvent('at', { ms: state.positionMs, playing: state.state === 'playing' });
    },
    showAbsence() {
      const { cloudBytes = 0 } = parts.get(this)?.model.view ?? {};
      const note = new AudioNotes(wx).get(this.data.sessionId);
      const { text, offer } = absenceOf(note, readSettings().keepAudio, cloudBytes);
      const cloud = cloudBytes > 0 ? megabytes(cloudBytes) : '';
      parts.get(this)?.view.set({ absence: text, offer, cloud });
    },

    /** Plays a sentence and what follows. @returns false where there is no audio of the whole record */
    playFrom({ startMs, endMs }: { startMs: number; endMs: number }): boolean {
      const model = parts.get(this)?.model;
      if (model === undefined || model.view.state === 'absent') return false;
      void model.playFrom(startMs, endMs);
      return true;
    },

    tapCloud() {
      void parts.get(this)?.model.playFromCloud();
    },
    tapPlay() {
      void parts.get(this)?.model.toggle();
    },
    tapBack() {
      void parts.get(this)?.model.skip(-SKIP_MS);
    },
    tapForward() {
      void parts.get(this)?.model.skip(SKIP_MS);
    },
    tapSpeed() {
      parts.get(this)?.model.nextSpeed();
    },
    tapFollow() {
      this.triggerEvent('follow');
    },
    async tapKeep() {
      await askToKeepAudio();
      this.showAbsence();
    },

    touchBar({ touches }: TouchEvent) {
      const own = parts.get(this);
      const x = touches[0]?.clientX;
      if (own === undefined || x === undefined) return;
      this.createSelectorQuery()
        .select('.player-bar')
        .boundingClientRect((rect) => {
          own.bar = rect ?? null;
          this.chooseAt(x);
        })
        .exec();
    },
    moveBar({ touches }: TouchEvent) {
      const x = touches[0]?.clientX;
      if (x !== undefined) this.chooseAt(x);
    },
    chooseAt(x: number) {
      const own = parts.get(this);
      if (!own?.bar) return;
      own.chosenMs = positionAt(x, own.bar, own.model.view.durationMs);
      this.show(own.model.view);
    },
    releaseBar() {
      const own = parts.get(this);
      const { chosenMs = null } = own ?? {};
      if (!own || chosenMs === null) return;
      own.chosenMs = null;
      own.bar = null;
      void own.model.seek(chosenMs);
    },
  },
});
