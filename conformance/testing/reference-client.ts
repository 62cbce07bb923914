import { WebSocket } from 'ws';
import { at } from '../audio.ts';
import type { ClientAdapter, ClientOptions, ClientUnderTest, ShownLine } from '../client-cases/adapter.ts';
import type { Data } from '../driver/connection.ts';
import { newId } from '../server-context.ts';
import { KeptAudio } from './kept-audio.ts';

/** What a client can do wrong. Each is caught by cases. */
export type ClientFault =
  | 'audio before the answer'
  | 'forgets at nextPos'
  | 'doubles finals'
  | 'keeps what is not stored'
  | 'new session on each connection'
  | 'haveIndex of what is shown'
  | 'ignores limitPos'
  | 'ignores AUDIO_GAP'
  | 'stop is not repeated'
  | 'waits for ever on a dead link'
  | 'takes the session back'
  | 'the same ticket again';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 1_500;
const SILENCE_MS = 8_000;
const STOP_SILENCE_MS = 30_000;
const START_MS = 15_000;
const DRAIN_MARGIN_MS = 1_000;
const FRAME_SAMPLES = 3_200;
const IN_FLIGHT_SAMPLES = 64_000;
const RING_MS = 120_000;
/** All frames behind a lost one are refused with the same position. */
const SAME_GAP_MS = 1_000;
/** The session may have lost its instance: `start` tells. */
const START_AGAIN = new Set(['NOT_STARTED', 'ALREADY_STARTED']);

/**
 * A small client over the plain WebSocket that does all that docs/protocol.md asks of one: for the tests of the suite itself, where
 * it is also broken in known ways.
 */
class ReferenceClient implements ClientUnderTest {
  readonly #options: ClientOptions;
  readonly #faults: ReadonlySet<ClientFault>;
  #sessionId = newId();
  #ws: WebSocket | undefined;
  #state: 'working' | 'ended' | 'failed' = 'working';
  #streaming = false;
  #startSaid = false;
  #attempt = 0;
  #retryAfterMs = 0;
  #ticket: string | undefined;
  readonly #audio = new KeptAudio();
  #cursor = 0;
  #received = 0;
  #limitPos = 0;
  #maxFrameSamples = FRAME_SAMPLES;
  #committed = 0;
  #settled = -1;
  #skipping = false;
  #rewound = { pos: -1, atMs: 0 };
  #stopped = false;
  #cancelled = false;
  #lines: ShownLine[] = [];
  readonly #errors: string[] = [];
  readonly #waiting = new Map<number, (answer: Data) => void>();
  #ids = 0;
  #timer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #finish: (result: { sentences: number; durationMs: number }) => void = () => {};
  #fail: (error: Error) => void = () => {};
  readonly #ended: Promise<{ sentences: number; durationMs: number }>;

  constructor(options: ClientOptions, faults: readonly ClientFault[]) {
    this.#options = options;
    this.#faults = new Set(faults);
    this.#ended = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#ended.catch(() => {});
  }

  async start(): Promise<void> {
    await this.#dial();
  }

  push(pcm: Uint8Array): void {
    if (this.#stopped || this.#cancelled || this.#state !== 'working') return;
    this.#audio.append(pcm);
    this.#audio.forget(this.#end - at(this.#options.ringMs ?? RING_MS));
    this.#pump();
  }

  stop(): Promise<{ sentences: number; durationMs: number }> {
    this.#stopped = true;
    this.#pump();
    return this.#ended;
  }

  async cancel(): Promise<void> {
    this.#cancelled = true;
    if (this.#streaming) this.#sayCancel();
    await this.#ended;
  }

  lines = (): readonly ShownLine[] => this.#lines;
  errors = (): readonly string[] => this.#errors;
  state = (): 'working' | 'ended' | 'failed' => this.#state;
  dispose = (): void => this.#leave('ended');

  get #end(): number {
    return this.#audio.endPos;
  }

  #has(fault: ClientFault): boolean {
    return this.#faults.has(fault);
  }

  #leave(state: 'ended' | 'failed'): void {
    if (this.#state === 'working') this.#state = state;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#ws?.close();
    this.#ws = undefined;
    this.#streaming = false;
  }

  async #dial(): Promise<void> {
    if (!this.#has('the same ticket again') || this.#ticket === undefined)
      this.#ticket = await this.#options.fetchTicket();
    if (this.#state !== 'working') return;
    const address = new URL('/ws', this.#options.url.replace(/^http/, 'ws'));
    address.searchParams.set('ticket', this.#ticket);
    const ws = new WebSocket(address);
    this.#ws = ws;
    ws.on('error', () => {});
    ws.on('open', () => this.#sayStart());
    ws.on('message', (data) => ws === this.#ws && this.#heard(JSON.parse(String(data)) as Data));
    ws.on('close', () => ws === this.#ws && this.#lost());
  }

  /** Gives the present connection up, and makes another one. */
  #lost(): void {
    if (this.#state !== 'working') return;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#silence = undefined;
    const ws = this.#ws;
    this.#ws = undefined;
    ws?.terminate();
    this.#streaming = false;
    this.#skipping = false;
    this.#waiting.clear();
    const backoff =
      Math.min(FIRST_WAIT_MS * 2 ** this.#attempt, LONGEST_WAIT_MS) * (0.7 + Math.random() * 0.3);
    this.#attempt += 1;
    this.#timer = setTimeout(() => void this.#dial(), Math.max(backoff, this.#retryAfterMs));
    this.#retryAfterMs = 0;
  }

  #request(event: string, data: object, answered: (answer: Data) => void): void {
    const id = ++this.#ids;
    this.#waiting.set(id, answered);
    this.#ws?.send(JSON.stringify({ event, id, data }));
  }

  #sayStart(): void {
    if (this.#has('new session on each connection')) this.#sessionId = newId();
    const shown = this.#lines.filter(({ final }) => final).length - 1;
    const haveIndex = this.#has('haveIndex of what is shown') ? shown : this.#contiguous();
    const resume = { haveIndex, takeOver: this.#has('takes the session back') };
    const request = {
      sessionId: this.#sessionId,
      clientId: 'reference-client',
      ...(this.#startSaid && { resume }),
    };
    this.#startSaid = true;
    this.#timer = setTimeout(() => this.#lost(), START_MS);
    this.#request('start', request, (answer) => this.#started(answer));
    if (this.#has('audio before the answer'))
      this.#sendAudio(this.#cursor, Math.min(this.#end - this.#cursor, 1_600));
  }

  /** The newest index up to which all sentences are here and stored. */
  #contiguous(): number {
    let known = -1;
    for (const { index, final } of this.#lines)
      if (final && index === known + 1 && index <= this.#settled) known = index;
    return known;
  }

  #started(answer: Data): void {
    clearTimeout(this.#timer);
    const { error, nextPos, limitPos, committedPos, settledIndex, nextIndex, state, limits } = answer;
    if (error) {
      this.#refused(error as Data, 'start');
      return;
    }
    if (Number(committedPos) < this.#committed || Number(settledIndex) < this.#settled) {
      this.#lost();
      return;
    }
    this.#progress(answer);
    this.#cursor = Number(nextPos);
    this.#received = Number(nextPos);
    this.#limitPos = Number(limitPos);
    this.#maxFrameSamples = Math.min(FRAME_SAMPLES, Number((limits as Data).maxFrameBytes) / 2);
    if (!this.#has('keeps what is not stored'))
      this.#lines = this.#lines.filter(({ index }) => index < Number(nextIndex));
    this.#streaming = state === 'live';
    if (this.#cancelled) this.#sayCancel();
    else this.#pump();
  }

  #progress({ nextPos, limitPos, committedPos, settledIndex }: Data): void {
    if (![nextPos, limitPos, committedPos, settledIndex].every(Number.isFinite)) return;
    this.#received = Math.max(this.#received, Number(nextPos));
    this.#limitPos = Math.max(this.#limitPos, Number(limitPos));
    this.#committed = Math.max(this.#committed, Number(committedPos));
    this.#settled = Math.max(this.#settled, Number(settledIndex));
    this.#audio.forget(this.#has('forgets at nextPos') ? Number(nextPos) : this.#committed);
    if (this.#streaming) this.#attempt = 0;
  }

  #pump(): void {
    while (this.#streaming && !this.#skipping && !this.#cancelled) {
      if (this.#cursor < this.#audio.startPos) {
        if (this.#cursor > this.#received) break;
        this.#skip(this.#cursor, this.#audio.startPos);
        return;
      }
      const limit = this.#has('ignores limitPos') ? this.#end : this.#limitPos;
      const room = Math.min(this.#end, limit, this.#received + IN_FLIGHT_SAMPLES) - this.#cursor;
      if (room <= 0) break;
      this.#sendAudio(this.#cursor, Math.min(room, this.#maxFrameSamples));
      this.#cursor += Math.min(room, this.#maxFrameSamples);
    }
    if (this.#streaming && this.#stopped && !this.#cancelled && this.#cursor >= this.#end) this.#sayStop();
    else if (this.#streaming && this.#cursor > this.#received) this.#expect(SILENCE_MS);
  }

  #sendAudio(pos: number, samples: number): void {
    if (samples <= 0) return;
    this.#ws?.send(JSON.stringify({ event: 'audio', pos }));
    this.#ws?.send(this.#audio.read(pos, samples));
  }

  #skip(fromPos: number, toPos: number): void {
    this.#skipping = true;
    this.#request('skip', { fromPos, toPos }, ({ nextPos }) => {
      this.#skipping = false;
      this.#cursor = Math.max(this.#cursor, Number(nextPos));
      this.#received = Math.max(this.#received, Number(nextPos));
      this.#pump();
    });
  }

  #sayStop(): void {
    this.#expect(STOP_SILENCE_MS);
    if (this.#waiting.size > 0) return;
    const again = this.#has('stop is not repeated');
    this.#request('stop', { endPos: this.#end }, (answer) => {
      if (!answer.error) this.#done(answer);
      else if (!again) this.#refused(answer.error as Data, 'stop');
    });
    if (again) this.#stopped = false;
  }

  #sayCancel(): void {
    this.#expect(SILENCE_MS);
    this.#request('cancel', {}, () => this.#done({ sentences: 0, durationMs: 0 }));
  }

  #done({ sentences, durationMs }: Data): void {
    this.#lines = this.#lines.filter(({ final }) => final);
    this.#finish({ sentences: Number(sentences), durationMs: Number(durationMs) });
    this.#leave('ended');
  }

  /** A message is due. */
  #expect(ms: number): void {
    if (!this.#has('waits for ever on a dead link')) this.#silence ??= setTimeout(() => this.#lost(), ms);
  }

  #heard({ event, data, ack }: Data): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    if (ack !== undefined) {
      const answered = this.#waiting.get(Number(ack));
      this.#waiting.delete(Number(ack));
      answered?.(data as Data);
      return;
    }
    const fields = (data ?? {}) as Data;
    const { sessionId } = fields;
    if (sessionId !== undefined && sessionId !== this.#sessionId) return;
    if (event === 'result') this.#show(fields);
    else if (event === 'progress') this.#progress(fields);
    else if (event === 'completed') this.#done(fields);
    else if (event === 'draining')
      this.#timer = setTimeout(() => this.#lost(), Number(fields.deadlineMs) + DRAIN_MARGIN_MS);
    else if (event === 'error') this.#errorEvent(fields);
    this.#pump();
  }

  #show({ index, text, final }: Data): void {
    if (!Number.isSafeInteger(index) || typeof text !== 'string' || typeof final !== 'boolean') return;
    const former = this.#lines.find((line) => line.index === index);
    if (former?.final && (!final || this.#has('doubles finals'))) {
      if (final) this.#lines = [...this.#lines, { index: Number(index), text, final }];
      return;
    }
    const others = this.#lines.filter((line) => line.index !== index);
    const line = { index: Number(index), text, final };
    this.#lines = text === '' ? others : [...others, line].sort((a, b) => a.index - b.index);
  }

  #errorEvent(error: Data): void {
    const { code, nextPos } = error;
    if (typeof code !== 'string') return;
    if (code === 'AUDIO_GAP' || code === 'TOO_FAST') {
      const again = this.#rewound.pos === nextPos && performance.now() - this.#rewound.atMs < SAME_GAP_MS;
      this.#rewound = { pos: Number(nextPos), atMs: again ? this.#rewound.atMs : performance.now() };
      if (!again && !this.#has('ignores AUDIO_GAP')) this.#cursor = Math.min(this.#cursor, Number(nextPos));
      if (code === 'TOO_FAST') this.#limitPos = Math.min(this.#limitPos, Number(nextPos));
    } else if (error.retriable && this.#streaming) this.#errors.push(code);
    else this.#refused(error, this.#streaming ? 'stream' : 'start');
  }

  /** A refusal of the connection, of `start`, or within the session. */
  #refused(error: Data, origin: 'start' | 'stop' | 'stream'): void {
    const code = String(error.code);
    this.#retryAfterMs = Number(error.retryAfterMs ?? 0);
    const lostSession = START_AGAIN.has(code) || (code === 'SESSION_ENDED' && origin !== 'start');
    if (error.retriable || lostSession) {
      this.#lost();
      return;
    }
    this.#errors.push(code);
    this.#fail(new Error(code));
    this.#leave('failed');
  }
}

/** @param faults what it does wrong */
export const referenceClient = (faults: readonly ClientFault[] = []): ClientAdapter => ({
  name: 'reference client',
  transport: 'native',
  createClient: (options) => new ReferenceClient(options, faults),
});
