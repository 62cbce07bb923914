import { at, joined, samplesOf, silence } from '../audio.ts';
import { recommended, required } from '../case.ts';
import { absent, count, equal, flag, like, that } from '../check.ts';
import type { Connection, Data } from '../driver/connection.ts';
import type { ServerCase, ServerContext } from '../server-context.ts';
import { begin, finalsOf, granted, isText, send, stop, textOf } from '../steps.ts';

/** The recording three times, with a pause behind each: three sentences. */
const threeTimes = ({ pcm }: { pcm: Uint8Array }) => {
  const all = joined(pcm, silence(1_500), pcm, silence(1_500), pcm, silence(1_500));
  return { pcm: all, endPos: samplesOf(all) };
};

/** A whole session of the recording said three times. */
async function said({ connect, speech }: ServerContext, request: Data = {}): Promise<Connection> {
  const one = await connect();
  await begin(one, request);
  const three = threeTimes(speech);
  send(one, three);
  await stop(one, three.endPos);
  return one;
}

interface Result {
  index: number;
  text: string;
  final: boolean;
  startMs: number;
  endMs: number;
  words?: { text: string; startMs: number; endMs: number }[];
}
const resultsOf = (one: Connection): Result[] => one.of('result') as unknown as Result[];

/** Numbers of `progress` that may not go back. */
const ADVANCING = ['nextPos', 'committedPos', 'limitPos', 'settledIndex'] as const;

export const TEXT_CASES: ServerCase[] = [
  ...required<ServerCase>([
    {
      name: 'a recording becomes its text',
      ids: ['R-RESULT-1', 'R-STOP-4'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        send(one, speech);
        await stop(one, speech.endPos);
        isText(speech, textOf(one));
        for (const result of one.of('result'))
          like('a result', result, {
            sessionId,
            index: count,
            text: (value: unknown) => typeof value === 'string',
            final: flag,
            startMs: count,
            endMs: (ms: unknown) => count(ms) && Number(ms) >= Number(result.startMs),
          });
      },
    },
    {
      name: 'the indexes of final sentences go up one by one',
      ids: ['R-RESULT-2'],
      needs: ['speech'],
      run: async (context) => {
        const one = await said(context);
        const indexes = resultsOf(one)
          .filter(({ final }) => final)
          .map(({ index }) => index);
        that('sentences', indexes.length >= 2, indexes, 'at least two for a recording said three times');
        equal(
          'the indexes',
          indexes,
          indexes.map((_, i) => i),
        );
        like('completed', await one.next('completed'), { sentences: indexes.length });
      },
    },
    {
      name: 'an interim result is that of the sentence to come',
      ids: ['R-RESULT-3', 'R-RESULT-4'],
      needs: ['speech'],
      run: async (context) => {
        let next = 0;
        for (const { index, final } of resultsOf(await said(context))) {
          equal(final ? 'the index of a final' : 'the index of an interim', index, next);
          if (final) next += 1;
        }
      },
    },
    {
      name: 'times are those of the audio, in order and within the session',
      ids: ['R-RESULT-5'],
      needs: ['speech'],
      run: async (context) => {
        const { speech } = context;
        const finals = resultsOf(await said(context)).filter(({ final }) => final);
        const lengthMs = (samplesOf(threeTimes(speech).pcm) * 1_000) / 16_000;
        let beforeMs = 0;
        for (const { startMs, endMs } of finals) {
          that(
            'a sentence',
            startMs >= beforeMs && endMs <= lengthMs + 1,
            { beforeMs, startMs, endMs },
            `≤ ${lengthMs}`,
          );
          beforeMs = endMs;
        }
        // it is said once in each third
        const third = lengthMs / 3;
        const last = finals.at(-1);
        that('the last sentence', (last?.endMs ?? 0) > 2 * third, last, `ends behind ${2 * third} ms`);
      },
    },
    {
      name: 'times stay right behind audio that was lost',
      ids: ['R-SKIP-1', 'R-RESULT-5'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const one = await connect();
        await begin(one);
        await granted(one, 'skip', { fromPos: 0, toPos: at(60_000) });
        const { pcm } = speech;
        for (let pos = 0; pos < samplesOf(pcm); pos += 3_200)
          one.audio(pcm.subarray(pos * 2, (pos + 3_200) * 2), { pos: at(60_000) + pos });
        const endMs = 60_000 + (speech.endPos * 1_000) / 16_000;
        like('the end', await stop(one, at(60_000) + speech.endPos), { durationMs: Math.round(endMs) });
        isText(speech, textOf(one));
        for (const result of resultsOf(one))
          that(
            'a sentence',
            result.startMs >= 60_000 && result.endMs <= endMs + 1,
            result,
            `60,000 … ${endMs} ms`,
          );
      },
    },
    {
      name: 'there are no words where none were asked for',
      ids: ['R-RESULT-6'],
      needs: ['speech'],
      run: async (context) => {
        for (const result of resultsOf(await said(context))) like('a result', result, { words: absent });
      },
    },
    {
      name: 'words that were asked for lie in order within their sentence',
      ids: ['R-RESULT-6'],
      needs: ['speech'],
      run: async (context) => {
        for (const { words = [], startMs, endMs, final } of resultsOf(
          await said(context, { wordTimes: true }),
        )) {
          if (!final) continue;
          let beforeMs = startMs;
          for (const word of words) {
            that(
              'a word',
              word.startMs >= beforeMs && word.endMs >= word.startMs,
              { word, beforeMs },
              'in order',
            );
            beforeMs = word.startMs;
          }
          that('the last word', (words.at(-1)?.endMs ?? endMs) <= endMs + 1, words.at(-1), `≤ ${endMs}`);
        }
      },
    },
    {
      name: 'silence has no sentence',
      ids: ['R-RESULT-7'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (let i = 0; i < 6; i++) one.audio(silence(500), { pos: at(i * 500) });
        like('the end', await stop(one, at(3_000)), { sentences: 0 });
        equal('the text', textOf(one), '');
      },
    },
    {
      name: 'two sessions at once do not hear each other',
      ids: ['R-TRANSPORT-6', 'R-RESULT-1'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const [one, other] = [await connect(), await connect()];
        const speaking = await begin(one);
        await begin(other);
        send(one, speech);
        other.audio(silence(500), { pos: 0 });
        await Promise.all([stop(one, speech.endPos), stop(other, at(500))]);
        isText(speech, textOf(one));
        equal('what the other one heard', other.of('result'), []);
        for (const { sessionId } of one.of('result')) equal('the session', sessionId, speaking.sessionId);
      },
    },
    {
      name: 'progress says how far the audio is, within five seconds',
      ids: ['R-PROGRESS-1', 'R-PROGRESS-2'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        one.audio(silence(500), { pos: 0 });
        like('progress', await one.next('progress', ({ nextPos }) => nextPos === 8_000, 5_000), {
          sessionId,
          nextPos: 8_000,
          committedPos: count,
          limitPos: count,
          settledIndex: -1,
        });
      },
    },
    {
      name: 'nothing in progress goes back, and committedPos ≤ nextPos ≤ limitPos',
      ids: ['R-PROGRESS-3', 'R-PROGRESS-4'],
      needs: ['speech'],
      run: async (context) => {
        const told = (await said(context)).of('progress');
        that('progress', told.length >= 2, told.length, 'at least two');
        for (const [i, progress] of told.entries()) {
          const { committedPos, nextPos, limitPos } = progress as Record<string, number>;
          const ordered = Number(committedPos) <= Number(nextPos) && Number(nextPos) <= Number(limitPos);
          that('the order of the positions', ordered, progress);
          for (const name of ADVANCING)
            that(
              name,
              Number(progress[name]) >= Number(told[i - 1]?.[name] ?? -1),
              [told[i - 1], progress],
              'no less',
            );
        }
      },
    },
    {
      name: 'a final sentence gets stored, and its audio may be forgotten',
      ids: ['R-PROGRESS-6'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const one = await connect();
        await begin(one);
        // enough silence behind it to end the sentence, and to be sure that nothing follows
        send(one, { pcm: joined(speech.pcm, silence(5_000)) });
        const spoken = await one.next('result', ({ final }) => final === true);
        await one.next(
          'progress',
          ({ settledIndex, committedPos }) =>
            Number(settledIndex) >= Number(spoken.index) &&
            Number(committedPos) >= at(Number(spoken.endMs)) - 160,
        );
      },
    },
    {
      name: 'no audio is let go before its sentence is stored',
      ids: ['R-PROGRESS-5'],
      needs: ['speech'],
      run: async (context) => {
        const one = await said(context);
        const finals = resultsOf(one).filter(({ final }) => final);
        for (const progress of one.of('progress'))
          for (const { index, endMs } of finals)
            that(
              `sentence ${index}`,
              Number(progress.committedPos) < at(endMs) || Number(progress.settledIndex) >= index,
              progress,
              `settledIndex ≥ ${index} where committedPos ≥ ${at(endMs)}`,
            );
      },
    },
    {
      name: 'hearingPos, where it is said, is a position of the audio',
      ids: ['R-PROGRESS-1'],
      needs: ['speech'],
      run: async (context) => {
        for (const { hearingPos = 0, nextPos } of (await said(context)).of('progress'))
          that('hearingPos', count(hearingPos) && Number(hearingPos) <= Number(nextPos), {
            hearingPos,
            nextPos,
          });
      },
    },
    {
      name: 'a sentence is told once as final',
      ids: ['R-RESULT-4'],
      needs: ['speech'],
      run: async (context) => {
        const one = await said(context);
        const finals = resultsOf(one).filter(({ final }) => final);
        equal('finals', finals.length, finalsOf(one).size);
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'silence may be forgotten, too, without a sentence behind it',
      ids: ['R-PROGRESS-7'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (let i = 0; i < 40; i++) one.audio(silence(500), { pos: at(i * 500) });
        await one.next('progress', ({ committedPos }) => Number(committedPos) >= at(10_000), 60_000);
      },
    },
    {
      name: 'a sentence is shown while it is spoken',
      ids: ['R-PROGRESS-8', 'R-RESULT-3'],
      needs: ['speech'],
      run: async (context) => {
        const interim = resultsOf(await said(context)).filter(({ final }) => !final);
        that('interim results', interim.length > 0, interim.length, 'some');
      },
    },
  ]),
];
