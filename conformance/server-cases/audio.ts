import { at, counted, silence } from '../audio.ts';
import { recommended, required } from '../case.ts';
import { equal, like, pause, that } from '../check.ts';
import type { AudioOptions, Connection } from '../driver/connection.ts';
import type { ServerCase, ServerContext } from '../server-context.ts';
import { begin, fence, granted, nextPosOf, refused, stop, undisturbed } from '../steps.ts';

/** A frame is refused with an error, nothing of it is taken, and the session goes on. */
const refusedFrame =
  (frame: Uint8Array, options: AudioOptions, error: object) =>
  async ({ connect }: ServerContext): Promise<void> => {
    const one = await connect();
    const { sessionId } = await begin(one);
    one.audio(frame, options);
    like('the error', await one.next('error'), error);
    await goesOn(one, sessionId);
  };

/** Nothing was received yet, and audio from 0 is taken. */
async function goesOn(one: Connection, sessionId: string): Promise<void> {
  one.audio(silence(100), { pos: 0 });
  equal('received after it', await nextPosOf(one), 1_600);
  like('the end', await stop(one, 1_600), { id: sessionId, durationMs: 100 });
}

/** Frames without a position, in one of the forms, make up the session. */
const unpositioned =
  (form: AudioOptions['form']) =>
  async ({ connect }: ServerContext): Promise<void> => {
    const one = await connect();
    await begin(one);
    for (let i = 0; i < 5; i++) one.audio(counted(i * 1_600, 1_600), { form });
    like('the end', await stop(one), { durationMs: 500 });
    await undisturbed(one);
  };

export const AUDIO_CASES: ServerCase[] = [
  ...required<ServerCase>([
    {
      name: 'positions count samples',
      ids: ['R-AUDIO-1'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(counted(0, 1_000), { pos: 0 });
        one.audio(counted(1_000, 600), { pos: 1_000 });
        equal('received', await nextPosOf(one), 1_600);
        await undisturbed(one);
      },
    },
    {
      name: 'overlap is trimmed by sample',
      ids: ['R-AUDIO-2'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(counted(0, 1_000), { pos: 0 });
        one.audio(counted(501, 1_000), { pos: 501 });
        equal('received', await nextPosOf(one), 1_501);
        await undisturbed(one);
      },
    },
    {
      name: 'a frame that was received has no effect',
      ids: ['R-AUDIO-2'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (const pos of [0, 0, 100]) one.audio(counted(pos, 1_000 - pos), { pos });
        equal('received', await nextPosOf(one), 1_000);
        await undisturbed(one);
      },
    },
    {
      name: 'a gap is AUDIO_GAP with the position that is due, and is mended from there',
      ids: ['R-AUDIO-3'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        one.audio(silence(100), { pos: 0 });
        one.audio(silence(100), { pos: 1_601 });
        like('the error', await one.next('error'), {
          code: 'AUDIO_GAP',
          retriable: true,
          sessionId,
          nextPos: 1_600,
        });
        equal('received', await nextPosOf(one), 1_600);
        one.audio(silence(200), { pos: 1_600 });
        equal('received after it', await nextPosOf(one), 4_800);
      },
    },
    {
      name: 'a frame ahead of the very first is a gap, too',
      ids: ['R-AUDIO-3'],
      run: refusedFrame(silence(20), { pos: 16_000 }, { code: 'AUDIO_GAP', nextPos: 0 }),
    },
    {
      name: 'an odd number of bytes with a position is BAD_AUDIO',
      ids: ['R-AUDIO-5', 'R-AUDIO-13'],
      run: refusedFrame(new Uint8Array(321), { pos: 0 }, { code: 'BAD_AUDIO', retriable: false }),
    },
    {
      name: 'an empty frame is BAD_AUDIO',
      ids: ['R-AUDIO-5', 'R-AUDIO-13'],
      run: refusedFrame(new Uint8Array(0), { pos: 0 }, { code: 'BAD_AUDIO' }),
    },
    {
      name: 'a frame of more than maxFrameBytes is TOO_LARGE',
      ids: ['R-AUDIO-6', 'R-AUDIO-13'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId, limits } = await begin(one);
        one.audio(new Uint8Array(limits.maxFrameBytes + 2), { pos: 0 });
        like('the error', await one.next('error'), { code: 'TOO_LARGE', retriable: false });
        await goesOn(one, sessionId);
      },
    },
    {
      name: 'a frame of exactly maxFrameBytes is taken',
      ids: ['R-AUDIO-6'],
      run: async ({ connect }) => {
        const one = await connect();
        const { limits } = await begin(one);
        one.audio(new Uint8Array(limits.maxFrameBytes), { pos: 0 });
        equal('received', await nextPosOf(one), limits.maxFrameBytes / 2);
        await undisturbed(one);
      },
    },
    {
      name: 'a negative position is BAD_REQUEST',
      ids: ['R-AUDIO-7', 'R-AUDIO-13'],
      run: refusedFrame(silence(20), { pos: -1 }, { code: 'BAD_REQUEST', retriable: false }),
    },
    {
      name: 'a position within a sample is BAD_REQUEST',
      ids: ['R-AUDIO-7', 'R-AUDIO-13'],
      run: refusedFrame(silence(20), { pos: 0.5 }, { code: 'BAD_REQUEST' }),
    },
    {
      name: 'a position beyond all integers is BAD_REQUEST',
      ids: ['R-AUDIO-7', 'R-AUDIO-13'],
      run: refusedFrame(silence(20), { pos: 2 ** 60 }, { code: 'BAD_REQUEST' }),
    },
    {
      name: 'audio before start is NOT_STARTED',
      ids: ['R-AUDIO-8'],
      run: async ({ connect }) => {
        const one = await connect();
        one.audio(silence(20), { pos: 0 });
        like('the error', await one.next('error'), { code: 'NOT_STARTED', retriable: false });
        like('start after it', await begin(one), { state: 'live', nextPos: 0 });
      },
    },
    {
      name: 'audio that was on its way when the session ended is ignored',
      ids: ['R-AUDIO-8', 'R-RESUME-8'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        const ended = await stop(one, 1_600);
        one.audio(silence(100), { pos: 1_600 });
        await undisturbed(one);
        equal('the end, asked again', await stop(one), ended);
      },
    },
    {
      name: 'audio that was on its way when the session was cancelled is refused or ignored, and begins nothing',
      ids: ['R-RESUME-8'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        await granted(one, 'cancel');
        one.audio(silence(100), { pos: 0 });
        await fence(one);
        like('start after it', await begin(one), { nextPos: 0 });
      },
    },
    { name: 'binary audio without a position is taken', ids: ['R-AUDIO-9'], run: unpositioned('binary') },
    { name: 'base64 without a position is taken', ids: ['R-AUDIO-9'], run: unpositioned('base64') },
    {
      name: '{ audio: base64 } is taken',
      ids: ['R-AUDIO-9'],
      needs: ['socketio'],
      run: unpositioned('object'),
    },
    {
      name: 'frames without a position may be split within a sample',
      ids: ['R-AUDIO-10'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (const bytes of [1_601, 1, 1_599, 3_199]) one.audio(new Uint8Array(bytes));
        like('the end', await stop(one), { durationMs: 200 });
        await undisturbed(one);
      },
    },
    {
      name: 'a frame without a position in a session with positions is MIXED_FRAMES',
      ids: ['R-AUDIO-11', 'R-AUDIO-13'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        one.audio(silence(100));
        like('the error', await one.next('error'), { code: 'MIXED_FRAMES', retriable: false });
        one.audio(silence(100), { pos: 1_600 });
        equal('received', await nextPosOf(one), 3_200);
      },
    },
    {
      name: 'a position in a session without positions is MIXED_FRAMES',
      ids: ['R-AUDIO-11', 'R-AUDIO-13'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100));
        one.audio(silence(100), { pos: 1_600 });
        like('the error', await one.next('error'), { code: 'MIXED_FRAMES' });
        one.audio(silence(100));
        like('the end', await stop(one), { durationMs: 200 });
      },
    },
    {
      name: 'base64 with a position is the same as binary',
      ids: ['R-AUDIO-12'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(counted(0, 1_000), { pos: 0, form: 'base64' });
        one.audio(counted(500, 1_100), { pos: 500 });
        one.audio(counted(1_600, 400), { pos: 1_600, form: 'base64' });
        equal('received', await nextPosOf(one), 2_000);
        await undisturbed(one);
      },
    },
    {
      name: 'text that is no base64 is BAD_AUDIO',
      ids: ['R-AUDIO-12', 'R-AUDIO-13'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        one.say('audio', { audio: 'no base64!' });
        like('the error', await one.next('error'), { code: 'BAD_AUDIO' });
        await goesOn(one, sessionId);
      },
    },
    {
      name: 'stop does not overtake the audio before it',
      ids: ['R-TRANSPORT-3', 'R-STOP-2'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (let i = 0; i < 50; i++) one.audio(silence(100), { pos: i * 1_600 });
        like('the end', await stop(one), { durationMs: 5_000 });
      },
    },
    {
      name: 'skip passes over audio that the client has lost, and its time counts',
      ids: ['R-SKIP-1'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        equal('the answer', await granted(one, 'skip', { fromPos: 1_600, toPos: at(1_000) }), {
          nextPos: 16_000,
        });
        one.audio(silence(100), { pos: 16_000 });
        like('the end', await stop(one, 17_600), { durationMs: 1_100 });
        await undisturbed(one);
      },
    },
    {
      name: 'skip of what has been received has no effect',
      ids: ['R-SKIP-2'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(200), { pos: 0 });
        for (const toPos of [1, 3_200])
          like('the answer', await granted(one, 'skip', { fromPos: 0, toPos }), { nextPos: 3_200 });
      },
    },
    {
      name: 'skip of a part that has been received passes over the rest',
      ids: ['R-SKIP-1', 'R-SKIP-2'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(200), { pos: 0 });
        like('the answer', await granted(one, 'skip', { fromPos: 1_600, toPos: 4_800 }), { nextPos: 4_800 });
      },
    },
    {
      name: 'skip from ahead of what was received, of nothing, or backwards is BAD_REQUEST',
      ids: ['R-SKIP-3'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        const bad = [
          { fromPos: 1_601, toPos: 3_200 },
          { fromPos: 5, toPos: 5 },
          { fromPos: 5, toPos: 4 },
          {},
        ];
        for (const range of bad)
          like(`the refusal of ${JSON.stringify(range)}`, await refused(one, 'skip', range), {
            code: 'BAD_REQUEST',
          });
        equal('received', await nextPosOf(one), 1_600);
      },
    },
    {
      name: 'skip without a session is NOT_STARTED',
      ids: ['R-STOP-7'],
      run: async ({ connect }) => {
        const one = await connect();
        like('the refusal', await refused(one, 'skip', { fromPos: 0, toPos: 1 }), { code: 'NOT_STARTED' });
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'the same gap is told once, not once a frame, and again after a while',
      ids: ['R-AUDIO-4'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (let i = 1; i <= 20; i++) one.audio(silence(20), { pos: i * 320 });
        await fence(one);
        that(
          'errors',
          one.of('error').length <= 2,
          one.of('error').length,
          'at most 2 for 20 frames at once',
        );
        await pause(700);
        const before = one.of('error').length;
        one.audio(silence(20), { pos: 320 });
        await fence(one);
        that('errors after a while', one.of('error').length > before, one.of('error').length, 'one more');
      },
    },
  ]),
];
