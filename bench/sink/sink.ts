/**
 * Stands for the recogniser: speaks Tencent's real-time protocol (1093/48982) as far as a container needs it, takes audio at any pace, checks
 * that every frame comes once and unchanged, and says sentences by the clock of the audio. A process of its own.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { BYTES_PER_SAMPLE } from '../../contract/limits.ts';
import { answerParent } from '../processes/answering.ts';
import { nowUs } from '../processes/now-us.ts';
import { type LoopUsage, watchLoop } from '../processes/usage.ts';
import { type Quantiles, quantilesOf } from '../statistics.ts';
import { elapsedUs, readAudioStamp, SPEECH, stampText } from './stamp.ts';

/** An interim as often as this, ms of audio. */
const INTERIM_MS = 400;
/** A final comes this long after the end of a sentence: the silence that ends it. */
const FINAL_AFTER_MS = 500;
const FINAL_AT_MS = SPEECH.sentenceMs + FINAL_AFTER_MS;
/** A word of two characters in so many ms. */
const WORD_MS = 250;
const WORDS = [...'今天我们讨论这个项目的进展情况以及下一步的安排还有大家的意见'];
const SLICE = { begins: 0, goesOn: 1, final: 2 } as const;

export interface SinkWindow {
  /** From the moment at which a frame was sent until its last byte was here, µs. */
  upstreamUs: Quantiles;
  frames: number;
  /** Messages in which these frames came. */
  messages: number;
  loop: LoopUsage;
}
export interface SinkTotals {
  streams: number;
  frames: number;
  /** Frames that were not the next one of their stream, or not as they were sent. */
  damaged: number;
}

/** One stream, frame by frame, and result by result. Times are of {@link nowUs}. */
export interface SinkLog {
  /** When the last byte of each frame was here; null: it is not as it was sent. */
  arrivedUs: (number | null)[];
  /** Results, and the number of the frame after which they were due. */
  said: { frame: number; sentUs: number }[];
}

let frameBytes = 0;
/** Of the stream that was opened last; undefined: nobody has asked for it. */
let log: SinkLog | undefined;
let latencies: number[] = [];
let messages = 0;
const totals: SinkTotals = { streams: 0, frames: 0, damaged: 0 };
const loop = watchLoop();

/** One connection: joins its messages to frames, whatever messages they came in. */
class Stream {
  readonly #ws: WebSocket;
  readonly #frame = Buffer.alloc(frameBytes);
  #filled = 0;
  #frames = 0;
  #saidMs = 0;
  #said = 0;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    if (log) log = { arrivedUs: [], said: [] };
    this.#send({});
  }

  audio(bytes: Buffer): void {
    messages += 1;
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#frame, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < frameBytes) return;
      this.#filled = 0;
      this.#onFrame();
    }
  }

  finish(): void {
    this.#send({ final: 1 });
    this.#ws.close();
  }

  #onFrame(): void {
    const atUs = nowUs();
    const sentUs = readAudioStamp(this.#frame, this.#frames);
    if (sentUs === undefined) totals.damaged += 1;
    else latencies.push(elapsedUs(sentUs, atUs));
    log?.arrivedUs.push(sentUs === undefined ? null : atUs);
    totals.frames += 1;
    this.#frames += 1;
    this.#say((this.#frames * frameBytes * 1_000) / BYTES_PER_SAMPLE / SPEECH.rateHz);
  }

  /** What is due by `nowMs` of audio. */
  #say(nowMs: number): void {
    const index = Math.floor(this.#saidMs / SPEECH.periodMs);
    const startMs = index * SPEECH.periodMs;
    const saidMs = this.#saidMs - startMs;
    const nextMs = saidMs + INTERIM_MS > SPEECH.sentenceMs ? FINAL_AT_MS : saidMs + INTERIM_MS;
    if (startMs + nextMs > nowMs) return;
    const isFinal = nextMs === FINAL_AT_MS;
    this.#saidMs = isFinal ? startMs + SPEECH.periodMs : startMs + nextMs;
    const spokenMs = Math.min(nextMs, SPEECH.sentenceMs);
    const type = isFinal ? SLICE.final : saidMs === 0 ? SLICE.begins : SLICE.goesOn;
    const sentUs = nowUs();
    log?.said.push({ frame: this.#frames - 1, sentUs });
    this.#send({ result: sentence(type, index, startMs, spokenMs, sentUs) });
  }

  #send(more: object): void {
    const message_id = `v_${this.#said++}`;
    this.#ws.send(JSON.stringify({ code: 0, message: 'success', voice_id: 'v', message_id, ...more }));
  }
}

function sentence(
  slice_type: number,
  index: number,
  start_time: number,
  lengthMs: number,
  sentUs: number,
): object {
  const word_list = Array.from({ length: Math.floor(lengthMs / WORD_MS) }, (_, i) => ({
    word: `${WORDS[(2 * i) % WORDS.length]}${WORDS[(2 * i + 1) % WORDS.length]}`,
    start_time: start_time + i * WORD_MS,
    end_time: start_time + (i + 1) * WORD_MS,
    stable_flag: slice_type === SLICE.final ? 1 : 0,
  }));
  const text = word_list.map(({ word }) => word).join('');
  return {
    slice_type,
    index,
    start_time,
    end_time: start_time + lengthMs,
    voice_text_str: stampText(text, sentUs),
    word_size: word_list.length,
    word_list,
  };
}

const server = createServer((_request, response) => response.end(String(Math.floor(Date.now() / 1_000))));
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (ws) => {
  totals.streams += 1;
  const stream = new Stream(ws);
  ws.on('message', (data: Buffer, isBinary) => (isBinary ? stream.audio(data) : stream.finish()));
  ws.on('error', () => ws.terminate());
});

answerParent({
  listen: async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
  /** Before the streams of a run are opened. */
  reset: (bytes: number) => {
    frameBytes = bytes;
    Object.assign(totals, { streams: 0, frames: 0, damaged: 0 });
  },
  begin: () => {
    latencies = [];
    messages = 0;
    loop.begin();
  },
  end: (): SinkWindow => ({
    upstreamUs: quantilesOf(latencies),
    frames: latencies.length,
    messages,
    loop: loop.end(),
  }),
  totals: (): SinkTotals => totals,
  /** From the next stream on, its log is kept. */
  keepLog: () => {
    log = { arrivedUs: [], said: [] };
  },
  log: (): SinkLog | undefined => log,
});
