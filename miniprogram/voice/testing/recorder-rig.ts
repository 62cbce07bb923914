import { systemClock } from '../../../lib/clock.ts';
import { createRecorder } from '../recorder/recorder.ts';
import type { RecorderState } from '../recorder/recorder.types.ts';
import { SharedRecorder } from '../recorder/shared-recorder.ts';
import { FakeManager } from './fake-manager.ts';

/** PCM of `ms` at 16 kHz, every sample of the same value. */
export const pcm = (ms: number, value = 0): ArrayBuffer => new Int16Array(16 * ms).fill(value).buffer;

/** A state as one readable word: `paused:hidden`, `paused:interrupted:blocked`, `failed:denied`. */
export function stateWord(state: RecorderState): string {
  if (state.name === 'paused') return `paused:${state.reason}${state.blocked ? ':blocked' : ''}`;
  return state.name === 'failed' ? `failed:${state.error.code}` : state.name;
}

/** A recorder with everything around it faked, and what came out of it. Time is vitest's fake time. */
export function recorderRig(ensurePermission: () => Promise<void> = async () => {}) {
  const fake = new FakeManager();
  const shared = new SharedRecorder(fake.manager);
  const hideListeners = new Set<() => void>();
  const seen = {
    states: [] as string[],
    frames: [] as number[][],
    levels: [] as number[],
    screen: [] as boolean[],
  };
  const make = () => {
    const recorder = createRecorder(
      {
        shared,
        clock: systemClock,
        ensurePermission,
        keepScreenOn: (on) => seen.screen.push(on),
        onAppHide(fn) {
          hideListeners.add(fn);
          return () => hideListeners.delete(fn);
        },
      },
      { sampleRateHz: 16_000 },
    );
    recorder.on('state', (state) => seen.states.push(stateWord(state)));
    recorder.on('frame', (frame) => seen.frames.push([...new Int16Array(frame)]));
    recorder.on('level', (level) => seen.levels.push(level));
    return recorder;
  };
  return {
    recorder: make(),
    another: make,
    fake,
    shared,
    seen,
    hideListeners,
    hideApp() {
      for (const fn of [...hideListeners]) fn();
    },
    samples: () => seen.frames.reduce((sum, frame) => sum + frame.length, 0),
  };
}
