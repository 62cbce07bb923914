import { readFileSync } from 'node:fs';
import type { Answer, StartAnswer, StopAnswer } from '../../../contract/stream.ts';
import { isRefusal, type ResultEvent, type ServerEvents } from '../../../contract/stream.ts';
import { AdpcmEncoder } from '../../../lib/ima-adpcm.ts';
import { readMonoWav } from '../../../local/asr/mono-wav.ts';
import { joined, silence } from '../audio.ts';
import { uniqueId } from '../voice-client.ts';
import { type EventData, exactBuffer, type VoiceConnection } from './types.ts';

const FRAME_BYTES = 6_400;
const EVENTS = ['ready', 'result', 'progress', 'completed', 'error', 'draining', 'queue'] as const;

export interface Recording {
  pcm: Uint8Array;
  text: string;
  /** In samples. */
  endPos: number;
}

/** A recording of the samples with silence around it, and the text that it is recognised as. */
export function recordingOf(file: string): Recording {
  const { samples } = readMonoWav(readFileSync(file));
  const speech = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const pcm = joined(silence(500), speech, silence(500));
  const text = readFileSync(file.replace(/\.wav$/, '.txt'), 'utf8').trim();
  return { pcm, text, endPos: pcm.byteLength / 2 };
}

/** How a client sends its audio; in ADPCM it is always positioned. */
export type AudioForm = 'positioned' | 'binary' | 'base64' | 'positioned base64' | 'adpcm' | 'adpcm base64';

/** One connection, and everything that the service has said on it. */
export class Talk {
  readonly connection: VoiceConnection;
  readonly heard: { event: string; data: EventData }[] = [];
  readonly #encoder = new AdpcmEncoder();
  #closed = false;
  #wake: (() => void)[] = [];

  constructor(connection: VoiceConnection) {
    this.connection = connection;
    for (const event of EVENTS)
      connection.on(event, (data) => {
        this.heard.push({ event, data });
        for (const wake of this.#wake.splice(0)) wake();
      });
    void connection.closed.then(() => {
      this.#closed = true;
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  of(event: keyof ServerEvents): EventData[] {
    return this.heard.filter((one) => one.event === event).map(({ data }) => data);
  }

  /** The first event of that name that was or will be heard. @throws Error: the connection is closed without it */
  async said(
    event: keyof ServerEvents,
    matches: (data: EventData) => boolean = () => true,
  ): Promise<EventData> {
    for (;;) {
      const found = this.of(event).find(matches);
      if (found) return found;
      if (this.#closed) throw new Error(`closed without "${event}"; heard ${JSON.stringify(this.heard)}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** An answer that is no refusal. */
  async ask<T extends object>(event: string, payload?: object): Promise<T> {
    const answer = (await this.connection.ask(event, payload)) as Answer<T>;
    if (isRefusal(answer)) throw new Error(`${event}: ${answer.error.code}`);
    return answer;
  }

  /** The code of a refusal. */
  async refusal(event: string, payload?: object): Promise<string> {
    const answer = (await this.connection.ask(event, payload)) as Answer<object>;
    return isRefusal(answer) ? answer.error.code : 'not refused';
  }

  start(request: object = {}): Promise<StartAnswer> {
    return this.ask('start', { sessionId: uniqueId(), clientId: 'client-0001', ...request });
  }

  stop(endPos?: number): Promise<StopAnswer> {
    return this.ask('stop', endPos === undefined ? {} : { endPos });
  }

  /** Sends a part of a recording; positions and end in samples. */
  send({ pcm }: Recording, form: AudioForm = 'positioned', fromPos = 0, untilPos = pcm.byteLength / 2): void {
    for (let at = fromPos * 2; at < untilPos * 2; at += FRAME_BYTES) {
      const frame = pcm.subarray(at, Math.min(at + FRAME_BYTES, untilPos * 2));
      if (form === 'positioned') this.connection.audio(frame, at / 2);
      else if (form === 'binary') this.connection.audio(frame);
      else if (form === 'base64') this.connection.base64(frame);
      else if (form === 'positioned base64') this.connection.base64(frame, at / 2);
      else if (form === 'adpcm') this.connection.audio(this.#encoded(frame), at / 2, 'adpcm');
      else this.connection.base64(this.#encoded(frame), at / 2, 'adpcm');
    }
  }

  #encoded(frame: Uint8Array): Uint8Array {
    return this.#encoder.encode(new Int16Array(exactBuffer(frame)));
  }

  /** The transcript as a client shows it: the newest result of each index. */
  get text(): string {
    const lines = new Map<number, string>();
    for (const { index, text } of this.of('result') as unknown as ResultEvent[]) lines.set(index, text);
    return [...lines.values()].filter(Boolean).join('\n');
  }
}
