/**
 * Runs in the app's window, before the app: notes when frames, messages and texts pass. It is bundled to one script and handed to the
 * browser; see `measure.ts`.
 */
import { adpcmSamples } from '../../lib/ima-adpcm.ts';
import { textStampsIn } from '../sink/stamp.ts';

/** Of this window's `performance.now()`, ms. */
type Moment = number;

/** All audio before a position, in samples, has passed. */
export interface Passed {
  endPos: number;
  atMs: Moment;
}

/** When one result passed; what has not happened is missing. */
export interface ResultMoments {
  /** The socket's message was here. */
  received?: Moment;
  /** The page has told what it wants to show. */
  wanted?: Moment;
  /** `setData` was called. */
  called?: Moment;
  /** The text is in the document. */
  changed?: Moment;
  /** The browser's next frame began. */
  frame?: Moment;
  /** Style, layout and painting of that frame are done. */
  drawn?: Moment;
}

export interface PageLog {
  /** Frames as the recorder gave them to the app. */
  recorded: Passed[];
  /** Frames as the app gave them to its socket. */
  sent: Passed[];
  /** By the stamp in their text. */
  results: Record<string, ResultMoments>;
}

/** The best of many round trips to a server that tells its own time. */
export interface ClockSync {
  /** To be added to this window's time, ms, to have the server's. */
  offsetMs: number;
  /** How wrong that may be at most: half of the round trip, ms. */
  boundMs: number;
}

/** What the benchmark asks this script. */
export interface LatencyProbe {
  /** Forgets what was noted, and watches the page that is shown; to be called before it records. */
  watch(): void;
  log(): PageLog;
  /** @param url of a WebSocket that answers every message with its time, µs */
  synchronise(url: string, rounds: number): Promise<ClockSync>;
  /** Least difference of two readings of the clock, ms. */
  resolutionMs(): number;
}

/** The part of the window that is used here: this file is checked without the types of a browser. */
interface AppWindow {
  __latency: LatencyProbe;
  __device: {
    on(event: 'socket', listener: (activity: { kind: string; data?: string | ArrayBuffer }) => void): void;
  };
  __pages: { page(): { view: ViewData } };
  requestAnimationFrame(fn: () => void): void;
  MutationObserver: new (
    fn: (changes: Change[]) => void,
  ) => { observe(node: unknown, what: Record<string, boolean>): void };
  MessageChannel: new () => {
    port1: { onmessage: (() => void) | null };
    port2: { postMessage(message: number): void };
  };
  document: unknown;
}
interface Node {
  textContent: string | null;
}
interface Change {
  target: Node;
  addedNodes: Iterable<Node>;
}
/** `PageData`. */
type ViewData = Record<'set' | 'setFirst', (values: object) => void>;
interface RecorderWx {
  getRecorderManager(): {
    onFrameRecorded(fn: (frame: { frameBuffer: ArrayBuffer }) => void): void;
  };
}

const BYTES_PER_SAMPLE = 2;
/** A binary event of Socket.IO: its position, and what follows that. */
const AUDIO_EVENT = /\["audio",(\d+),(.*)$/;

const app = globalThis as unknown as AppWindow;
const log: PageLog = { recorded: [], sent: [], results: {} };
/** Of what the recorder gave, samples. */
let recordedPos = 0;

/** Notes the first time that each stamp of a text is seen at this stage. @returns the results seen for the first time */
function note(stage: keyof ResultMoments, text: string): ResultMoments[] {
  const atMs = performance.now();
  const fresh: ResultMoments[] = [];
  for (const stamp of textStampsIn(text)) {
    log.results[stamp] ??= {};
    const result = log.results[stamp];
    if (result[stage] !== undefined) continue;
    result[stage] = atMs;
    fresh.push(result);
  }
  return fresh;
}

function watchRecorder(wx: RecorderWx): void {
  wx.getRecorderManager().onFrameRecorded(({ frameBuffer }) => {
    recordedPos += frameBuffer.byteLength / BYTES_PER_SAMPLE;
    log.recorded.push({ endPos: recordedPos, atMs: performance.now() });
  });
}

/** Noted before it is given to the socket: meanwhile this thread may lose its core, and the frame would arrive before it was sent. */
function watchSending(): void {
  const { prototype } = WebSocket;
  const { send } = prototype;
  let next: { pos: number; adpcm: boolean } | undefined;
  const noteAudio = (data: unknown): void => {
    if (typeof data === 'string') {
      const [, pos, rest = ''] = AUDIO_EVENT.exec(data) ?? [];
      next = pos === undefined ? undefined : { pos: Number(pos), adpcm: rest.includes('adpcm') };
    } else if (next && data instanceof ArrayBuffer) {
      const samples = next.adpcm ? adpcmSamples(new Uint8Array(data)) : data.byteLength / BYTES_PER_SAMPLE;
      log.sent.push({ endPos: next.pos + samples, atMs: performance.now() });
      next = undefined;
    }
  };
  prototype.send = function (data) {
    noteAudio(data);
    send.call(this, data);
  };
}

function watchReceiving(): void {
  app.__device.on('socket', ({ kind, data }) => {
    if (kind === 'received' && typeof data === 'string') note('received', data);
  });
}

/** What the page wants to show, and its calls of `setData`. */
function watchPage(): void {
  const page = app.__pages.page();
  const { view } = page;
  for (const name of ['set', 'setFirst'] as const) {
    const original = view[name].bind(view);
    view[name] = (values) => {
      note('wanted', JSON.stringify(values));
      original(values);
    };
  }
  let owner = page as object;
  while (!Object.hasOwn(owner, 'setData')) owner = Object.getPrototypeOf(owner);
  const components = owner as { setData(patch: object, callback?: () => void): void };
  const { setData } = components;
  components.setData = function (patch, callback) {
    note('called', JSON.stringify(patch));
    setData.call(this, patch, callback);
  };
}

function watchDocument(): void {
  const painted = new app.MessageChannel();
  const waiting: ResultMoments[] = [];
  painted.port1.onmessage = () => {
    for (const result of waiting.splice(0)) result.drawn ??= performance.now();
  };
  const observer = new app.MutationObserver((changes) => {
    const texts = changes.flatMap(({ target, addedNodes }) => [target, ...addedNodes]);
    const fresh = note('changed', texts.map(({ textContent }) => textContent ?? '').join(' '));
    if (fresh.length === 0) return;
    app.requestAnimationFrame(() => {
      const atMs = performance.now();
      for (const result of fresh) result.frame = atMs;
      waiting.push(...fresh);
      // a message is handled after the frame that is being made
      painted.port2.postMessage(0);
    });
  });
  observer.observe(app.document, { subtree: true, childList: true, characterData: true });
}

/** Before the app asks for its recorder: its frames are noted here before the app has them. */
function watchFromTheStart(): void {
  Object.defineProperty(globalThis, 'wx', {
    configurable: true,
    set(wx: RecorderWx) {
      Object.defineProperty(globalThis, 'wx', {
        configurable: true,
        enumerable: true,
        writable: true,
        value: wx,
      });
      watchRecorder(wx);
    },
  });
}

async function synchronise(url: string, rounds: number): Promise<ClockSync> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  let best: ClockSync = { offsetMs: 0, boundMs: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    const answer = new Promise<string>((resolve) => {
      socket.onmessage = ({ data }) => resolve(String(data));
    });
    const beforeMs = performance.now();
    socket.send('');
    const serverUs = Number(await answer);
    const afterMs = performance.now();
    const boundMs = (afterMs - beforeMs) / 2;
    if (boundMs < best.boundMs) best = { offsetMs: serverUs / 1_000 - (beforeMs + afterMs) / 2, boundMs };
  }
  socket.close();
  return best;
}

/** Readings that are compared. */
const READINGS = 20_000;

function resolutionMs(): number {
  let least = Number.POSITIVE_INFINITY;
  let last = performance.now();
  for (let reading = 0; reading < READINGS; reading++) {
    const now = performance.now();
    if (now > last) least = Math.min(least, now - last);
    last = now;
  }
  return least;
}

watchFromTheStart();
app.__latency = {
  watch() {
    recordedPos = 0;
    Object.assign(log, { recorded: [], sent: [], results: {} } satisfies PageLog);
    watchSending();
    watchReceiving();
    watchPage();
    watchDocument();
  },
  log: () => log,
  synchronise,
  resolutionMs,
};
