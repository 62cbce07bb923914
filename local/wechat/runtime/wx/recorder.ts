import { stateTable } from '../../../../lib/state-table.ts';
import { pcmToWav, WAV_HEADER_BYTES } from '../../../../lib/wav.ts';
import type { Capture, Device, OpenMicrophone, RecorderState } from '../device.ts';
import { openBrowserMicrophone } from './browser-microphone.ts';
import { createListeners, type WxContext } from './call.ts';
import { addTempFile } from './file-store.ts';
import { PcmFramer } from './pcm.ts';
import type { Authorize } from './permissions.ts';
import { type Recording, readOptions } from './recorder-options.ts';

type Manager = WechatMiniprogram.RecorderManager;
type StartOptions = WechatMiniprogram.RecorderManagerStartOption;

const describeError = (error: unknown): string => {
  if (error instanceof DOMException && error.name === 'NotAllowedError')
    return 'operateRecorder:fail system permission denied (NotAllowedError)';
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith('operateRecorder:fail') ? message : `operateRecorder:fail ${message}`;
};

type RecorderEvent = 'start' | 'opened' | 'failed' | 'pause' | 'resume' | 'stop';

/** `none`: the event is ignored. */
// biome-ignore format: read as a table
const RECORDER_TABLE = stateTable<RecorderState, RecorderEvent, RecorderState | 'none'>(
          ['idle',    'opening',   'recording', 'paused'], {
  start:  ['opening', 'none',      'none',      'none'],
  opened: ['none',    'recording', 'none',      'none'],
  failed: ['none',    'idle',      'none',      'none'],
  pause:  ['none',    'none',      'paused',    'none'],
  resume: ['none',    'none',      'none',      'recording'],
  stop:   ['none',    'idle',      'idle',      'idle'],
});

/** What is being recorded. */
interface Take {
  options: Recording;
  capture: Capture;
  framer: PcmFramer;
}

/** The phone's one recorder. Its listeners can only be added, as on the phone. */
export class Recorder {
  readonly #device: Device;
  readonly #authorize: Authorize;
  readonly #openMicrophone: OpenMicrophone;
  readonly #started = createListeners<() => void>();
  readonly #paused = createListeners<() => void>();
  readonly #resumed = createListeners<() => void>();
  readonly #stopped =
    createListeners<(result: { tempFilePath: string; duration: number; fileSize: number }) => void>();
  readonly #frame = createListeners<(result: { frameBuffer: ArrayBuffer; isLastFrame: boolean }) => void>();
  readonly #error = createListeners<(result: { errMsg: string }) => void>();
  readonly #interrupted = createListeners<() => void>();
  readonly #interruptionOver = createListeners<() => void>();
  #state: RecorderState = 'idle';
  #take: Take | undefined;
  #limit: ReturnType<typeof setTimeout> | undefined;

  /** @param open the browser's microphone, or a test's; `device.microphone` takes its place where it is set */
  constructor(device: Device, authorize: Authorize, open: OpenMicrophone = openBrowserMicrophone) {
    this.#device = device;
    this.#authorize = authorize;
    this.#openMicrophone = open;
    device.on('interruptionBegin', () => {
      if (this.#state === 'recording') this.#interrupted.emit();
      this.pause();
    });
    device.on('interruptionEnd', () => {
      if (this.#state === 'paused') this.#interruptionOver.emit();
    });
  }

  readonly onStart = this.#started.on;
  readonly onPause = this.#paused.on;
  readonly onResume = this.#resumed.on;
  readonly onStop = this.#stopped.on;
  readonly onFrameRecorded = this.#frame.on;
  readonly onError = this.#error.on;
  readonly onInterruptionBegin = this.#interrupted.on;
  readonly onInterruptionEnd = this.#interruptionOver.on;

  /** The only place where the state changes. @returns whether the event counts in this state */
  #apply(event: RecorderEvent): boolean {
    const next = RECORDER_TABLE.next(this.#state, event);
    if (next === 'none') return false;
    this.#state = next;
    this.#device.setRecorder(next);
    return true;
  }

  readonly start = (options: StartOptions = {}): void => {
    if (this.#apply('start')) void this.#open(options);
    else this.#fail('is recording or paused');
  };

  async #open(given: StartOptions): Promise<void> {
    try {
      const options = readOptions(given);
      if (!this.#device.foreground) throw new Error('app is in background');
      await this.#authorize('scope.record', 'operateRecorder');
      const open = this.#device.microphone ?? this.#openMicrophone;
      const capture = await open(options.rateHz);
      // `stop` was called while the microphone was opening.
      if (!this.#apply('opened')) return void capture.close();
      this.#record({ options, capture, framer: new PcmFramer(options.frameBytes) });
    } catch (error) {
      this.#apply('failed');
      this.#fail(error);
    }
  }

  #record(take: Take): void {
    this.#take = take;
    take.capture.onBlock = (block) => {
      if (this.#state !== 'recording') return;
      this.#device.countRecorded(block.length, take.options.rateHz);
      for (const frameBuffer of take.framer.push(block)) this.#emitFrame(take, frameBuffer, false);
    };
    this.#armLimit(take);
    this.#started.emit();
  }

  readonly stop = (): void => {
    clearTimeout(this.#limit);
    this.#apply('stop');
    const take = this.#take;
    if (take === undefined) return;
    this.#take = undefined;
    const rest = take.framer.flush();
    if (rest !== undefined) this.#emitFrame(take, rest, true);
    void take.capture.close();
    this.#stopped.emit(this.#save(take));
  };

  readonly pause = (): void => {
    clearTimeout(this.#limit);
    if (this.#apply('pause')) this.#paused.emit();
  };

  readonly resume = (): void => {
    if (this.#take === undefined || !this.#apply('resume')) return;
    this.#armLimit(this.#take);
    this.#resumed.emit();
  };

  #save({ options: { rateHz, extension }, framer }: Take) {
    const wav = pcmToWav(framer.pieces(), rateHz);
    const data = extension === '.wav' ? wav : wav.slice(WAV_HEADER_BYTES);
    return {
      tempFilePath: addTempFile(data, extension),
      duration: Math.round((framer.samples * 1000) / rateHz),
      fileSize: data.byteLength,
    };
  }

  /** Stops once the recording has the duration that the app asked for; pauses don't count. */
  #armLimit({ options, framer }: Take): void {
    const recordedMs = (framer.samples * 1000) / options.rateHz;
    clearTimeout(this.#limit);
    this.#limit = setTimeout(this.stop, Math.max(0, options.durationMs - recordedMs));
  }

  #emitFrame({ options }: Take, frameBuffer: ArrayBuffer, isLastFrame: boolean): void {
    if (options.framed) this.#frame.emit({ frameBuffer, isLastFrame });
  }

  #fail(error: unknown): void {
    this.#error.emit({ errMsg: describeError(error) });
  }
}

export const recorderApi = ({ device }: WxContext, authorize: Authorize) => {
  let manager: Manager | undefined;
  return {
    getRecorderManager: (): Manager => {
      manager ??= new Recorder(device, authorize) as unknown as Manager;
      return manager;
    },
  } satisfies Partial<WechatMiniprogram.Wx>;
};
