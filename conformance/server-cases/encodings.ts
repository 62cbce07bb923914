import { adpcm, counted, framesOf, silence } from '../audio.ts';
import { NotApplicable, required } from '../case.ts';
import { absent, equal, like } from '../check.ts';
import type { Connection } from '../driver/connection.ts';
import type { ServerCase, ServerContext } from '../server-context.ts';
import { begin, isText, nextPosOf, type Started, stop, textOf, undisturbed } from '../steps.ts';

/** A session on a server that takes ADPCM. */
async function withAdpcm({ connect }: ServerContext): Promise<{ one: Connection; started: Started }> {
  const one = await connect();
  const started = await begin(one, { encodings: ['adpcm'] });
  if (!started.encodings?.includes('adpcm')) throw new NotApplicable('the server takes PCM only');
  return { one, started };
}

const ENCODED = { pos: 0, encoding: 'adpcm' } as const;

export const ENCODING_CASES: ServerCase[] = required<ServerCase>([
  {
    name: 'encodings are answered with those that were offered and are taken',
    ids: ['R-ENC-2'],
    run: async ({ connect }) => {
      const { encodings = [] } = await begin(await connect(), { encodings: ['opus', 'adpcm', 'x'] });
      like('the answer', encodings, (given: string[]) => given.every((one) => one === 'adpcm'));
    },
  },
  {
    name: 'nothing is said of encodings where none was offered',
    ids: ['R-ENC-2'],
    run: async ({ connect }) => {
      like('the answer', await begin(await connect()), { encodings: absent });
    },
  },
  {
    name: 'PCM is taken by whoever offered something else',
    ids: ['R-ENC-3'],
    run: async ({ connect }) => {
      const one = await connect();
      await begin(one, { encodings: ['opus', 'adpcm'] });
      one.audio(silence(100), { pos: 0 });
      one.audio(silence(100), { pos: 1_600, encoding: 'pcm' });
      equal('received', await nextPosOf(one), 3_200);
      await undisturbed(one);
    },
  },
  {
    name: 'an encoding that does not exist is BAD_AUDIO',
    ids: ['R-ENC-5'],
    run: async ({ connect }) => {
      const one = await connect();
      await begin(one);
      one.audio(silence(100), { pos: 0, encoding: 'opus' });
      like('the error', await one.next('error'), { code: 'BAD_AUDIO' });
      one.audio(silence(100), { pos: 0 });
      equal('received', await nextPosOf(one), 1_600);
    },
  },
  {
    name: 'ADPCM counts by its decoded samples, also an odd number of them',
    ids: ['R-ENC-4'],
    run: async (context) => {
      const { one } = await withAdpcm(context);
      one.audio(adpcm(counted(0, 1_000)), ENCODED);
      equal('received', await nextPosOf(one), 1_000);
      one.audio(adpcm(counted(1_000, 601)), { ...ENCODED, pos: 1_000 });
      equal('received', await nextPosOf(one), 1_601);
      await undisturbed(one);
    },
  },
  {
    name: 'ADPCM and PCM may be mixed, and overlap is trimmed',
    ids: ['R-ENC-4'],
    run: async (context) => {
      const { one } = await withAdpcm(context);
      one.audio(counted(0, 1_000), { pos: 0 });
      one.audio(adpcm(counted(600, 1_000)), { ...ENCODED, pos: 600 });
      one.audio(counted(1_500, 500), { pos: 1_500 });
      one.audio(adpcm(counted(2_000, 400)), { ...ENCODED, pos: 2_000, form: 'base64' });
      equal('received', await nextPosOf(one), 2_400);
      await undisturbed(one);
    },
  },
  {
    name: 'a recording in ADPCM becomes its text',
    ids: ['R-ENC-4'],
    needs: ['speech'],
    run: async (context) => {
      const { one } = await withAdpcm(context);
      for (const { pos, pcm } of framesOf(context.speech.pcm)) one.audio(adpcm(pcm), { ...ENCODED, pos });
      await stop(one, context.speech.endPos);
      isText(context.speech, textOf(one));
    },
  },
  {
    name: 'ADPCM that cannot be decoded is BAD_AUDIO with the position that is due',
    ids: ['R-ENC-5', 'R-AUDIO-13'],
    run: async (context) => {
      const { one, started } = await withAdpcm(context);
      one.audio(silence(100), { pos: 0 });
      one.audio(Uint8Array.of(0, 0, 200, 0, 1), { ...ENCODED, pos: 1_600 });
      like('the error', await one.next('error'), {
        code: 'BAD_AUDIO',
        nextPos: 1_600,
        sessionId: started.sessionId,
      });
      one.audio(silence(100), { pos: 1_600 });
      like('the end', await stop(one, 3_200), { durationMs: 200 });
    },
  },
  {
    name: 'ADPCM without a position is BAD_AUDIO',
    ids: ['R-ENC-5'],
    run: async (context) => {
      const { one } = await withAdpcm(context);
      const form = one.shape === 'socketio' ? 'object' : 'base64';
      one.audio(adpcm(counted(0, 100)), { encoding: 'adpcm', form });
      like('the error', await one.next('error'), { code: 'BAD_AUDIO' });
      one.audio(silence(100), { pos: 0 });
      equal('received', await nextPosOf(one), 1_600);
    },
  },
  {
    name: 'ADPCM with more samples than the largest frame is TOO_LARGE',
    ids: ['R-ENC-6'],
    run: async (context) => {
      const { one, started } = await withAdpcm(context);
      const most = started.limits.maxFrameBytes / 2;
      one.audio(adpcm(new Uint8Array((most + 2) * 2)), ENCODED);
      like('the error', await one.next('error'), { code: 'TOO_LARGE' });
      one.audio(adpcm(new Uint8Array(most * 2)), ENCODED);
      equal('received', await nextPosOf(one), most);
    },
  },
]);
