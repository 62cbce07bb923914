import type { AsrConnection, AsrFailure, AsrSentence } from '../container/src/asr/types.ts';
import type { SimRecogniser } from './recogniser.ts';
import type { SimulatedHost } from './scheduler.ts';

/** The service's own close code after it has said everything, and what a peer sees where there was none (RFC 6455 §7.4.1). */
const CLOSE_NORMAL = 1000;
const CLOSE_ABNORMAL = 1006;
/** `slice_type` of Tencent's results: under way, and final. */
const SLICE_UNDER_WAY = 1;
const SLICE_FINAL = 2;

interface Service {
  party: SimulatedHost;
  recogniser: SimRecogniser;
}
const services = new Map<string, Service>();

/** From now on sockets to `ws://<host>` reach this recogniser. @returns the endpoint */
export function serveAt(host: string, service: Service): string {
  services.set(host, service);
  return `ws://${host}`;
}

type Listener = (...args: never[]) => void;

/**
 * The part of `ws` that the container's connection to the recogniser uses, on a simulated network: the build puts it in the place of
 * that library. The recogniser behind it speaks Tencent's messages (1093/48982).
 */
export class WebSocket {
  /** The simulated network takes everything at once. */
  readonly bufferedAmount = 0;
  readonly #party: SimulatedHost;
  readonly #stream: AsrConnection;
  readonly #listeners = new Map<string, Listener>();
  #isUpgraded = false;
  #isOver = false;

  constructor(address: string) {
    const url = new URL(address);
    const service = services.get(url.host);
    if (!service) throw new Error(`nobody serves ${url.host}`);
    this.#party = service.party;
    const asked = url.searchParams;
    const params = {
      engine: asked.get('engine_model_type') ?? '',
      sampleRate: 16_000 as const,
      hotwords: [],
      silenceMs: Number(asked.get('vad_silence_time')),
      wordTimes: asked.get('word_info') !== null,
    };
    this.#stream = service.recogniser.connect(service.party, params, {
      open: () => {
        this.#upgraded();
        this.#message({ code: 0, message: 'success', voice_id: asked.get('voice_id') });
      },
      sentence: (sentence) => this.#sentence(sentence),
      finished: () => {
        this.#message({ code: 0, message: 'success', final: 1 });
        this.#closed(CLOSE_NORMAL);
      },
      failed: (failure) => this.#failed(failure),
    });
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }

  send(data: Uint8Array | string): void {
    if (this.#isOver) return;
    if (typeof data !== 'string') this.#stream.send(data);
    else if ((JSON.parse(data) as { type?: unknown }).type === 'end') this.#stream.end();
  }

  close(): void {
    this.#stream.close();
    this.#party.after(1, () => this.#closed(CLOSE_NORMAL));
  }

  terminate(): void {
    this.#stream.close();
    this.#party.after(0, () => this.#closed(CLOSE_ABNORMAL));
  }

  #sentence({ index, text, final, startMs, endMs, words }: AsrSentence): void {
    const result = {
      slice_type: final ? SLICE_FINAL : SLICE_UNDER_WAY,
      index,
      start_time: startMs,
      end_time: endMs,
      voice_text_str: text,
      word_size: words.length,
      word_list: words.map((word) => ({
        word: word.text,
        start_time: word.startMs,
        end_time: word.endMs,
        stable_flag: word.stable ? 1 : 0,
      })),
    };
    this.#message({ code: 0, message: 'success', result });
  }

  #failed({ code, reason }: AsrFailure): void {
    // The product has a limit of its own for a final that does not come.
    if (reason === 'final-timeout') return;
    if (code !== undefined) {
      this.#upgraded();
      this.#message({ code, message: 'refused' });
    }
    this.#closed(code === undefined ? CLOSE_ABNORMAL : CLOSE_NORMAL);
  }

  #upgraded(): void {
    if (!this.#isUpgraded) this.#emit('open');
    this.#isUpgraded = true;
  }

  #message(message: object): void {
    this.#emit('message', Buffer.from(JSON.stringify(message)), false);
  }

  #closed(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#emit('close', code);
  }

  #emit(event: string, ...args: unknown[]): void {
    (this.#listeners.get(event) as ((...args: unknown[]) => void) | undefined)?.(...args);
  }
}
