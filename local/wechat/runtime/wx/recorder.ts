import { WAV_HEADER_BYTES, wavOfPcm } from '../../../../lib/wav.ts';
import type { WxContext } from './call.ts';
import { addTempFile } from './file-store.ts';
import { PcmFramer } from './pcm.ts';
import type { Authorize } from './permissions.ts';
import { type Recording, readOptions } from './recorder-options.ts';

type Manager = WechatMiniprogram.RecorderManager;

/** The events of a recorder manager; their listeners can never be removed, as on the phone. */
const createEvents = () => {
  const on = {
    start: [] as (() => void)[],
    pause: [] as (() => void)[],
    resume: [] as (() => void)[],
    stop: [] as ((result: { tempFilePath: string; duration: number; fileSize: number }) => void)[],
    frameRecorded: [] as ((result: { frameBuffer: ArrayBuffer; isLastFrame: boolean }) => void)[],
    error: [] as ((result: { errMsg: string }) => void)[],
    interruptionBegin: [] as (() => void)[],
    interruptionEnd: [] as (() => void)[],
  };
  return on;
};

/** An open microphone. */
interface Capture {
  onBlock: (block: Float32Array) => void;
  close(): Promise<void>;
}

const openMicrophone = async (rateHz: number): Promise<Capture> => {
  // Raw sound: the browser's own processing would change what the recogniser hears.
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext({ sampleRate: rateHz });
  const close = async (): Promise<void> => {
    for (const track of stream.getTracks()) track.stop();
    await context.close();
  };
  try {
    await context.audioWorklet.addModule('/pcm-worklet.js');
    await context.resume();
  } catch (error) {
    await close();
    throw error;
  }
  const node = new AudioWorkletNode(context, 'capture');
  const capture: Capture = { onBlock: () => undefined, close };
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => capture.onBlock(data);
  context.createMediaStreamSource(stream).connect(node);
  return capture;
};

const describeError = (error: unknown): string => {
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return 'operateRecorder:fail system permission denied (NotAllowedError)';
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith('operateRecorder:fail') ? message : `operateRecorder:fail ${message}`;
};

/** The phone's one recorder, over the browser's microphone. */
const createManager = ({ device }: WxContext, authorize: Authorize): Manager => {
  const on = createEvents();
  let state: 'idle' | 'opening' | 'recording' | 'paused' = 'idle';
  let capture: Capture | undefined;
  let framer = new PcmFramer(2);
  let recording: Recording | undefined;
  let limit: ReturnType<typeof setTimeout> | undefined;

  const fail = (error: unknown): void => {
    for (const listener of on.error) listener({ errMsg: describeError(error) });
  };
  const frame = (frameBuffer: ArrayBuffer, isLastFrame: boolean): void => {
    if (recording?.framed) for (const listener of on.frameRecorded) listener({ frameBuffer, isLastFrame });
  };
  const pause = (): void => {
    if (state !== 'recording') return;
    state = 'paused';
    for (const listener of on.pause) listener();
  };
  const armLimit = (): void => {
    if (recording === undefined) return;
    const recordedMs = (framer.samples * 1000) / recording.rateHz;
    clearTimeout(limit);
    limit = setTimeout(stop, Math.max(0, recording.durationMs - recordedMs));
  };

  const start = async (options: WechatMiniprogram.RecorderManagerStartOption = {}): Promise<void> => {
    if (state !== 'idle') return fail('is recording or paused');
    state = 'opening';
    try {
      const wanted = readOptions(options);
      if (!device.foreground) throw new Error('app is in background');
      await authorize('scope.record', 'operateRecorder');
      const opened = await openMicrophone(wanted.rateHz);
      // A stop that came while the microphone was opening.
      if (state !== 'opening') return void opened.close();
      capture = opened;
      recording = wanted;
      framer = new PcmFramer(wanted.frameBytes);
      capture.onBlock = (block) => {
        if (state === 'recording') for (const buffer of framer.push(block)) frame(buffer, false);
      };
      state = 'recording';
      armLimit();
      for (const listener of on.start) listener();
    } catch (error) {
      state = 'idle';
      fail(error);
    }
  };

  const stop = (): void => {
    clearTimeout(limit);
    if (state === 'opening') state = 'idle';
    if (capture === undefined || recording === undefined) return;
    const { rateHz, extension } = recording;
    const rest = framer.flush();
    if (rest !== undefined) frame(rest, true);
    void capture.close();
    capture = undefined;
    state = 'idle';
    const wav = wavOfPcm(framer.pieces(), rateHz);
    const data = extension === '.wav' ? wav : wav.slice(WAV_HEADER_BYTES);
    const result = {
      tempFilePath: addTempFile(data, extension),
      duration: Math.round((framer.samples * 1000) / rateHz),
      fileSize: data.byteLength,
    };
    recording = undefined;
    for (const listener of on.stop) listener(result);
  };

  device.on('interruptionBegin', () => {
    if (state !== 'recording') return;
    for (const listener of on.interruptionBegin) listener();
    clearTimeout(limit);
    pause();
  });
  device.on('interruptionEnd', () => {
    if (state === 'paused') for (const listener of on.interruptionEnd) listener();
  });

  const manager = {
    start: (options: WechatMiniprogram.RecorderManagerStartOption) => void start(options),
    stop,
    pause: () => {
      clearTimeout(limit);
      pause();
    },
    resume: () => {
      if (state !== 'paused') return;
      state = 'recording';
      armLimit();
      for (const listener of on.resume) listener();
    },
    onStart: (listener: (typeof on.start)[number]) => void on.start.push(listener),
    onPause: (listener: (typeof on.pause)[number]) => void on.pause.push(listener),
    onResume: (listener: (typeof on.resume)[number]) => void on.resume.push(listener),
    onStop: (listener: (typeof on.stop)[number]) => void on.stop.push(listener),
    onFrameRecorded: (listener: (typeof on.frameRecorded)[number]) => void on.frameRecorded.push(listener),
    onError: (listener: (typeof on.error)[number]) => void on.error.push(listener),
    onInterruptionBegin: (listener: () => void) => void on.interruptionBegin.push(listener),
    onInterruptionEnd: (listener: () => void) => void on.interruptionEnd.push(listener),
  };
  return manager as unknown as Manager;
};

export const recorderApi = (context: WxContext, authorize: Authorize) => {
  let manager: Manager | undefined;
  return {
    getRecorderManager: (): Manager => {
      manager ??= createManager(context, authorize);
      return manager;
    },
  } satisfies Partial<WechatMiniprogram.Wx>;
};
