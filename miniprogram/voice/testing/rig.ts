import { expect } from 'vitest';
import { msToSamples } from '../../../contract/limits.ts';
import { FakeClock } from '../../../lib/fake-clock.ts';
import type { PlatformEvents } from '../../client/platform.ts';
import type { FileStore } from '../saved/saved-recordings.ts';
import { containerClient } from '../session/container-connection.ts';
import { StreamingSession, type VoiceSessionDeps } from '../session/streaming-session.ts';
import type { Tickets } from '../session/ticket.ts';
import type { StateChange, VoiceState } from '../session/voice-session.types.ts';
import { RATE_HZ, SENTENCE_SAMPLES, speech, truth } from './audio.ts';
import { FakeContainer } from './fake-container.ts';

/** Files in memory. */
export class MemoryFileStore implements FileStore {
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

/** @returns a function that takes it out again */
function addTo<T>(set: Set<T>, item: T): () => void {
  set.add(item);
  return () => set.delete(item);
}

/** A session with everything around it, and someone who speaks into it. */
export class Rig {
  readonly clock = new FakeClock();
  readonly container = new FakeContainer(this.clock);
  readonly store = new MemoryFileStore();
  readonly active = new Set<string>();
  readonly changes: StateChange[] = [];
  readonly #hideListeners = new Set<() => void>();
  /** The clients that watch the phone. */
  readonly #watchers = new Set<PlatformEvents>();
  readonly deps: VoiceSessionDeps = {
    createClient: containerClient(() => ({
      service: 'test',
      dial: this.container.dial,
      platform: (events) => addTo(this.#watchers, events),
    })),
    tickets: new CountedTickets(),
    clock: this.clock,
    random: () => 0.5,
    clientId: () => 'client-0001',
    newSessionId: () => 'session-0001',
    store: this.store,
    active: this.active,
    onAppHide: (fn) => addTo(this.#hideListeners, fn),
  };
  readonly session = new StreamingSession(this.deps);
  #said = 0;

  constructor() {
    this.session.on('state', (change) => this.changes.push(change));
  }

  get reasons(): string[] {
    return this.changes.map(({ old, new: now, reason }) => `${old} → ${now}: ${reason}`);
  }

  /** The app goes to the background. */
  hide(): void {
    for (const fn of this.#hideListeners) fn();
    for (const { hide } of this.#watchers) hide();
  }

  /** The app is in front again. */
  wake(): void {
    for (const { show } of this.#watchers) show();
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
}

/** A recording that the container has accepted. */
export async function started(): Promise<Rig> {
  const rig = new Rig();
  await rig.done(rig.session.start());
  return rig;
}

/** Stops, and holds what is shown and what is stored against what was said. */
export async function stopAndCompare(rig: Rig): Promise<void> {
  const answer = await rig.done(rig.session.stop());
  expect(rig.record()).toEqual(rig.expected());
  expect(rig.shown).toEqual(rig.record());
  expect(rig.session.lines.every((line) => line.settled)).toBe(true);
  expect(answer.sentences).toBe(rig.record().length);
  expect(rig.container.violations).toEqual([]);
  expect(rig.session.status.state).toBe('ended');
}
