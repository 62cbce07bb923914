import { expect, test } from 'vitest';
import { Deferred } from '../../../../lib/deferred.ts';
import { type Capture, Device, type RecorderState } from '../device.ts';
import { Recorder } from './recorder.ts';

type Call = 'start' | 'pause' | 'resume' | 'stop' | 'interruptionBegin' | 'interruptionEnd';

const OPTIONS = { format: 'PCM', sampleRate: 16_000, encodeBitRate: 48_000, frameSize: 4 } as const;
const REFUSED = 'error operateRecorder:fail is recording or paused';

/** What the app is notified of, for each call or interruption in each state. */
const OUTCOMES: Record<RecorderState, Record<Call, string[]>> = {
  idle: { start: [], pause: [], resume: [], stop: [], interruptionBegin: [], interruptionEnd: [] },
  opening: { start: [REFUSED], pause: [], resume: [], stop: [], interruptionBegin: [], interruptionEnd: [] },
  recording: {
    start: [REFUSED],
    pause: ['pause'],
    resume: [],
    stop: ['stop'],
    interruptionBegin: ['interruption', 'pause'],
    interruptionEnd: [],
  },
  paused: {
    start: [REFUSED],
    pause: [],
    resume: ['resume'],
    stop: ['stop'],
    interruptionBegin: [],
    interruptionEnd: ['interruption over'],
  },
};

/** A recorder whose microphone opens when the test says so, and the log of its events. */
const recorderIn = async (state: RecorderState) => {
  const log: string[] = [];
  const device = new Device({ user: { openid: 'a', name: '' }, service: '', privacyKeys: ['Record'] });
  const opening = new Deferred<Capture>();
  const capture: Capture = {
    onBlock: () => undefined,
    close: async () => void log.push('microphone closed'),
  };
  const recorder = new Recorder(
    device,
    async () => undefined,
    () => opening.promise,
  );
  recorder.onStart(() => log.push('start'));
  recorder.onPause(() => log.push('pause'));
  recorder.onResume(() => log.push('resume'));
  recorder.onStop(() => log.push('stop'));
  recorder.onError(({ errMsg }) => log.push(`error ${errMsg}`));
  recorder.onInterruptionBegin(() => log.push('interruption'));
  recorder.onInterruptionEnd(() => log.push('interruption over'));
  const opened = async (): Promise<void> => {
    opening.resolve(capture);
    await new Promise(setImmediate);
  };
  if (state !== 'idle') recorder.start(OPTIONS);
  if (state === 'recording' || state === 'paused') await opened();
  if (state === 'paused') recorder.pause();
  const act = (call: Call): void => {
    if (call === 'start') recorder.start(OPTIONS);
    else if (call === 'interruptionBegin' || call === 'interruptionEnd') device[call]();
    else recorder[call]();
  };
  log.length = 0;
  return { recorder, device, opening, opened, act, log };
};

const PAIRS = Object.entries(OUTCOMES).flatMap(([state, calls]) =>
  Object.entries(calls).map(([call, events]) => [call, state, events] as [Call, RecorderState, string[]]),
);

test.each(PAIRS)('%s while %s', async (call, state, events) => {
  const { recorder, act, log } = await recorderIn(state);
  act(call);
  expect(log.filter((event) => event !== 'microphone closed')).toEqual(events);
  recorder.stop();
});

test('a stop while the microphone opens closes it, and nothing was recorded', async () => {
  const { recorder, opened, log } = await recorderIn('opening');
  recorder.stop();
  await opened();
  expect(log).toEqual(['microphone closed']);
});

test('a microphone that does not open is an error, and another start may follow', async () => {
  const { recorder, opening, log } = await recorderIn('opening');
  opening.reject(new DOMException('', 'NotAllowedError'));
  await new Promise(setImmediate);
  expect(log).toEqual(['error operateRecorder:fail system permission denied (NotAllowedError)']);
  recorder.start({ ...OPTIONS, encodeBitRate: 8_000 });
  expect(log.at(-1)).toContain('encodeBitRate');
});

test('nothing is recorded in the background', async () => {
  const { recorder, device, log } = await recorderIn('idle');
  device.foreground = false;
  recorder.start(OPTIONS);
  expect(log).toEqual(['error operateRecorder:fail app is in background']);
});

test('where another microphone takes its place, the phone’s own stays closed, and what was recorded is counted', async () => {
  const { recorder, device, log } = await recorderIn('idle');
  const replaced: Capture = { onBlock: () => undefined, close: async () => void log.push('other closed') };
  device.microphone = async (rateHz) => {
    log.push(`other opened at ${rateHz}`);
    return replaced;
  };
  const states: RecorderState[] = [];
  device.on('recorder', (state) => states.push(state));
  recorder.start(OPTIONS);
  await new Promise(setImmediate);
  replaced.onBlock(new Float32Array(1_600));
  recorder.stop();
  expect(log).toEqual(['other opened at 16000', 'start', 'other closed', 'stop']);
  expect([device.recordedMs, states]).toEqual([100, ['opening', 'recording', 'idle']]);
});
