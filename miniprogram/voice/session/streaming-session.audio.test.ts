import { expect, test } from 'vitest';
import { resumePending } from '../saved/pending.ts';
import { Rig } from '../testing/rig.ts';
import type { AudioKeeper } from './audio-keeper.types.ts';
import { StreamingSession } from './streaming-session.ts';

/** What a session asks of the archive. */
class Keeper implements AudioKeeper {
  readonly calls: string[] = [];
  readonly pieces: { pos: number; samples: number }[] = [];
  wanted = true;

  open(sessionId: string, rateHz: number) {
    this.calls.push(`open ${sessionId} ${rateHz}`);
    if (!this.wanted) return null;
    return {
      append: (pos: number, pcm: ArrayBuffer) => void this.pieces.push({ pos, samples: pcm.byteLength / 2 }),
      flush: async () => void this.calls.push('flush'),
      end: async () => void this.calls.push('end'),
    };
  }
  async remove(sessionId: string): Promise<void> {
    this.calls.push(`remove ${sessionId}`);
  }
  async makeRoom(): Promise<void> {
    this.calls.push('make room');
  }
  /** Whether the pieces follow each other without a hole, from 0 on. */
  get endPos(): number {
    return this.pieces.reduce((end, { pos, samples }) => (pos === end ? end + samples : Number.NaN), 0);
  }
}

function rig() {
  const keeper = new Keeper();
  const around = new Rig();
  const deps = { ...around.deps, audio: keeper };
  const session = new StreamingSession(deps);
  const speak = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 100) {
      session.push(new ArrayBuffer(3_200));
      await around.clock.advance(100);
    }
  };
  return { keeper, around, deps, session, speak };
}

test('all audio is kept at its position, also what is spoken before the connection and while there is none', async () => {
  const { keeper, around, session, speak } = rig();
  void session.start();
  await speak(2_000);
  around.container.drop();
  await speak(3_000);
  await around.clock.until(() => session.status.state === 'live');
  await speak(1_000);
  void session.stop();
  session.push(new ArrayBuffer(3_200));
  expect(keeper.endPos).toBe(6 * 16_000);
  expect(keeper.calls).toEqual(['open session-0001 16000', 'end']);
});

test('where the user does not want it nothing is kept, and it is asked once a recording', async () => {
  const { keeper, session, speak } = rig();
  keeper.wanted = false;
  void session.start();
  await speak(1_000);
  expect([keeper.pieces, keeper.calls]).toEqual([[], ['open session-0001 16000']]);
});

test('a cancelled recording is deleted at once, though the container cannot be reached', async () => {
  const { keeper, around, session, speak } = rig();
  void session.start().catch(() => {});
  await speak(1_000);
  around.container.drop();
  void session.cancel();
  expect(keeper.calls).toContain('remove session-0001');
});

test('a recording that was cancelled in an earlier run of the app is deleted, too', async () => {
  const { keeper, around, deps, session, speak } = rig();
  void session.start().catch(() => {});
  await speak(1_000);
  around.container.drop();
  void session.cancel().catch(() => {});
  await around.clock.advance(0);
  session.dispose();
  await around.clock.advance(0);
  keeper.calls.length = 0;
  const resuming = resumePending({ ...deps, active: new Set() });
  await around.clock.advance(60_000);
  await resuming;
  expect(keeper.calls).toEqual(['remove session-0001']);
});

test('what is held is written when the app is hidden', async () => {
  const { keeper, around, session, speak } = rig();
  void session.start();
  await speak(1_000);
  around.hide();
  expect(keeper.calls).toContain('flush');
});

test('audio that cannot be saved for delivery has priority over what is kept', async () => {
  const { keeper, around, session, speak } = rig();
  around.store.write = async () => {
    throw new Error('full');
  };
  void session.start();
  await speak(6_000);
  expect(keeper.calls).toContain('make room');
  expect(session.status.state).toBe('live');
});
