import { systemClock } from '../../../lib/clock.ts';
import {
  codeOf,
  type EngineName,
  errorTextFor,
  openMicrophoneSetting,
  PageData,
  RECORDER_ERROR_TEXTS,
  type RecordingSnapshot,
  type VoiceRecording,
} from '../index.ts';
import { serviceOf } from './services.ts';
import { IDLE_DATA, linesData, type RecorderData, recorderData } from './view.ts';

/** What an instance holds besides its data. */
interface Parts {
  view: PageData<RecorderData>;
  recording: VoiceRecording | undefined;
  /** The failure that was told, so that it is told once. */
  told: string;
}
const parts = new WeakMap<object, Parts>();

/** The detail of the event `error`; null while nothing has failed. */
function failureOf(snapshot: RecordingSnapshot): { code: string; title: string; hint: string } | null {
  const { recorder, session, error } = snapshot;
  if (recorder.name === 'failed')
    return { code: recorder.error.code, ...RECORDER_ERROR_TEXTS[recorder.error.code] };
  if (session.state !== 'failed') return null;
  const code = error ?? 'INTERNAL';
  const { title, hint } = errorTextFor(code);
  return { code, title, hint };
}

/**
 * Records, shows the text while it is spoken, and saves it without loss. Events: `lines` { lines }, `phase` { phase },
 * `completed` { id, sentences, durationMs }, `error` { code, title, hint }, `delivered` { outcomes } for recordings that an earlier run of
 * the app has saved. What is not delivered when the page is left stays on the phone.
 */
Component({
  properties: {
    /** CloudBase environment; empty: the default one. */
    env: { type: String, value: '' },
    /** Name of the container service. */
    service: { type: String, value: 'realtime-voice' },
    /** Language: docs/api.md. */
    engine: { type: String, value: '16k_zh' },
    /** Of the record. */
    title: { type: String, value: '' },
    /** Shown before anything was said. */
    placeholder: { type: String, value: '点「开始录音」后说话，文字会边说边出现' },
  },
  data: { ...IDLE_DATA },
  lifetimes: {
    attached() {
      const view = new PageData<RecorderData>((patch) => this.setData(patch), systemClock, IDLE_DATA);
      parts.set(this, { view, recording: undefined, told: '' });
      void this.deliver();
    },
    detached() {
      parts.get(this)?.view.dispose();
      parts.get(this)?.recording?.leave();
      parts.delete(this);
    },
  },
  pageLifetimes: {
    show() {
      parts.get(this)?.view.show();
    },
    hide() {
      parts.get(this)?.view.hide();
    },
  },
  methods: {
    tapRecord() {
      if (this.data.running) void parts.get(this)?.recording?.stop();
      else this.begin();
    },
    tapPause() {
      parts.get(this)?.recording?.pause();
    },
    tapResume() {
      parts.get(this)?.recording?.resume();
    },
    async tapBanner() {
      const recording = parts.get(this)?.recording;
      switch (this.data.banner?.action) {
        case 'microphone':
          if (await openMicrophoneSetting()) this.begin();
          break;
        case 'continue':
          recording?.resume();
          break;
        case 'take-back':
        case 'retry':
          // What had failed while it was saved is saved by the next try, not recorded again.
          if (recording?.snapshot.session.state === 'failed') void recording.reclaim();
          else this.begin();
          break;
        default:
          this.begin();
      }
    },
    /** Starts a recording in place of the last one. */
    begin() {
      const own = parts.get(this);
      if (!own) return;
      const { env, service, engine, title } = this.data;
      own.recording?.leave();
      const recording = serviceOf({ env, service }).record({ engine: engine as EngineName, title });
      own.recording = recording;
      own.told = '';
      own.view.set({ ...recorderData(recording.snapshot), lines: [] });
      recording.on('lines', (lines) => {
        own.view.setFirst(linesData(lines, own.view.get('anchor')));
        this.triggerEvent('lines', { lines });
      });
      recording.on('phase', (phase) => {
        this.triggerEvent('phase', { phase });
        const { answer } = recording.snapshot;
        if (phase === 'done' && answer) this.triggerEvent('completed', answer);
      });
      recording.on('snapshot', (snapshot) => {
        own.view.set(recorderData(snapshot));
        this.tellFailure(snapshot);
      });
    },
    tellFailure(snapshot: RecordingSnapshot) {
      const own = parts.get(this);
      const failure = failureOf(snapshot);
      if (!own || own.told === (failure?.code ?? '')) return;
      own.told = failure?.code ?? '';
      if (failure) this.triggerEvent('error', failure);
    },
    /** Delivers what an earlier run of the app has saved. */
    async deliver() {
      const { env, service } = this.data;
      try {
        const outcomes = await serviceOf({ env, service }).resumePending();
        if (outcomes.length > 0) this.triggerEvent('delivered', { outcomes });
      } catch (error) {
        console.warn('recordings could not be delivered', codeOf(error));
      }
    },
  },
});
