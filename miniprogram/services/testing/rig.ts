import { msToSamples } from '../../../contract/limits.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import type { Store } from '../persistence.ts';
import { StreamingSession, type VoiceSessionDeps } from '../streaming-session.ts';
import type { Tickets } from '../ticket.ts';
import type { StateChange, VoiceState } from '../voice-session.types.ts';
import { RATE_HZ, SENTENCE_SAMPLES, speech, truth } from './audio.ts';
import { FakeContainer } from './fake-container.ts';

/** Files in memory. */
export class MemoryStore implements Store {
  readonly files = new Map<string, ArrayBuffer>();
  async read(name: string): Promise<ArrayBuffer | null> {
    return this.files.get(name) ?? null;
  }
  async write(name: string, data: ArrayBuffer): Promise<void> {
    this.files.set(name, data.slice(0));
  }
  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }
  async list(): Promise<string[]> {
    return [...this.files.keys()];
  }
}

const TAKES_AUDIO = new Set<VoiceState>(['connecting', 'live', 'reconnecting']);

/** A new one after each that was not taken. */
class CountedTickets implements Tickets {
  #number = 1;
  async get(): Promise<string> {
    return `ticket-${this.#number}`;
  }
  invalidate(): void {
    this.#number += 1;
  }
}

/** A session with everything around it, and someone who speaks into it. */
export class Rig {
  readonly clock = new FakeClock();
  readonly container = new FakeContainer(this.clock);
  readonly store = new MemoryStore();
  readonly active = new Set<string>();
  readonly changes: StateChange[] = [];
  readonly #hide = new Set<() => void>();
  readonly #wake = new Set<() => void>();
  readonly deps: VoiceSessionDeps = {
    dial: this.container.dial,
    tickets: new CountedTickets(),
    clock: this.clock,
    random: () => 0.5,
    clientId: () => 'client-0001',
    newSessionId: () => 'session-0001',
    store: this.store,
    active: this.active,
    surroundings: {
      onHide: (fn) => this.#listen(this.#hide, fn),
      onWake: (fn) => this.#listen(this.#wake, fn),
    },
  };
  readonly session = new StreamingSession(this.deps);
  #said = 0;

  constructor() {
    this.session.on('state', (change) => this.changes.push(change));
  }

  get reasons(): string[] {
    return this.changes.map(({ old, new: now, reason }) => `${old} → ${now}: ${reason}`);
  }

  hide(): void {
    for (const fn of this.#hide) fn();
  }

  wake(): void {
    for (const fn of this.#wake) fn();
  }

  /** Speaks for so long, in frames as a recorder delivers them, while time passes. */
  async speak(ms: number, frameMs = 128): Promise<void> {
    for (let left = ms; left > 0; left -= frameMs) {
      this.say(Math.min(left, frameMs));
      await this.clock.advance(Math.min(left, frameMs));
    }
  }

  /** Says it at once, without time passing. After a stop nobody speaks. */
  say(ms: number): void {
    if (!TAKES_AUDIO.has(this.session.status.state)) return;
    const samples = msToSamples(ms, RATE_HZ);
    this.session.push(speech(this.#said, samples));
    this.#said += samples;
  }

  /** What must stand in the record when everything that was said is recognised, but for what was declared lost. */
  expected(sessionId = 'session-0001'): string[] {
    const losses = this.container.sessions.get(sessionId)?.losses ?? [];
    const count = Math.ceil(this.#said / SENTENCE_SAMPLES);
    return Array.from({ length: count }, (_, index) => {
      const fromPos = index * SENTENCE_SAMPLES;
      return truth(fromPos, Math.min(fromPos + SENTENCE_SAMPLES, this.#said), losses);
    });
  }

  record(sessionId = 'session-0001'): string[] {
    return this.container.sessions.get(sessionId)?.texts ?? [];
  }

  get shown(): string[] {
    return this.session.lines.map((line) => line.text);
  }

  /** Waits for a promise of the session while time passes. */
  async done<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.clock.until(() => settled, limitMs);
    return promise;
  }

  #listen(listeners: Set<() => void>, fn: () => void): () => void {
    listeners.add(fn);
    return () => listeners.delete(fn);
  }
}
