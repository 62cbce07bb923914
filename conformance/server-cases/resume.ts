import { joined, samplesOf, silence } from '../audio.ts';
import { recommended, required } from '../case.ts';
import { equal, like, that } from '../check.ts';
import type { Connection } from '../driver/connection.ts';
import { newId, type ServerCase, type ServerContext } from '../server-context.ts';
import {
  begin,
  CLIENT_ID,
  fence,
  finalsOf,
  isText,
  lettersOf,
  nextPosOf,
  refused,
  resume,
  send,
  stop,
  textOf,
  undisturbed,
} from '../steps.ts';

/** A session in which the recording was said and its first sentence is stored. */
async function stored({
  connect,
  speech,
}: ServerContext): Promise<{ first: Connection; sessionId: string; endPos: number }> {
  const first = await connect();
  const { sessionId } = await begin(first);
  const pcm = joined(speech.pcm, silence(5_000));
  send(first, { pcm });
  await first.next('progress', ({ settledIndex }) => Number(settledIndex) >= 0);
  return { first, sessionId, endPos: samplesOf(pcm) };
}

export const RESUME_CASES: ServerCase[] = [
  ...required<ServerCase>([
    {
      name: 'a session goes on after a disconnection, from all that was received',
      ids: ['R-RESUME-1', 'R-RESUME-2'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        first.audio(silence(300), { pos: 0 });
        equal('received', await nextPosOf(first), 4_800);
        first.cut();
        const second = await connect();
        const answer = await resume(second, sessionId);
        like('the answer', answer, {
          sessionId,
          state: 'live',
          nextPos: 4_800,
          nextIndex: 0,
          settledIndex: -1,
        });
        that('committedPos', answer.committedPos <= answer.nextPos, answer);
        like('ready', await second.next('ready'), { sessionId, nextPos: 4_800 });
        second.audio(silence(200), { pos: 4_800 });
        like('the end', await stop(second, 8_000), { id: sessionId, durationMs: 500 });
      },
    },
    {
      name: 'audio that comes again after a resumption is trimmed',
      ids: ['R-RESUME-2', 'R-AUDIO-2'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        first.audio(silence(300), { pos: 0 });
        await fence(first);
        first.cut();
        const second = await connect();
        await resume(second, sessionId);
        second.audio(silence(500), { pos: 0 });
        equal('received', await nextPosOf(second), 8_000);
        await undisturbed(second);
      },
    },
    {
      name: 'a gap after a resumption is asked for again',
      ids: ['R-RESUME-2', 'R-AUDIO-3'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        first.audio(silence(300), { pos: 0 });
        await fence(first);
        first.cut();
        const second = await connect();
        await resume(second, sessionId);
        second.audio(silence(100), { pos: 4_801 });
        like('the error', await second.next('error'), { code: 'AUDIO_GAP', nextPos: 4_800 });
      },
    },
    {
      name: 'text is the same with and without a disconnection within a sentence',
      ids: ['R-RESUME-5'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const whole = await connect();
        await begin(whole);
        send(whole, speech);
        await stop(whole, speech.endPos);
        const half = Math.floor(speech.endPos / 2);
        const first = await connect();
        const { sessionId } = await begin(first);
        send(first, speech, { untilPos: half });
        await first.next('progress', ({ nextPos }) => nextPos === half);
        first.cut();
        const second = await connect();
        const { nextPos } = await resume(second, sessionId);
        send(second, speech, { fromPos: nextPos });
        await stop(second, speech.endPos);
        isText(speech, textOf(first, second));
        equal('the text', lettersOf(textOf(first, second)), lettersOf(textOf(whole)));
      },
    },
    {
      name: 'final sentences above haveIndex come again behind the answer, in order',
      ids: ['R-RESUME-3', 'R-RESUME-4'],
      needs: ['speech'],
      run: async (context) => {
        const { first, sessionId } = await stored(context);
        const known = finalsOf(first);
        first.cut();
        const second = await context.connect();
        const { nextIndex, settledIndex } = await resume(second, sessionId);
        that('nextIndex', nextIndex > settledIndex && nextIndex >= known.size, { nextIndex, settledIndex });
        await second.next('result', ({ index, final }) => final === true && index === nextIndex - 1);
        for (const [index, text] of known) equal(`sentence ${index}`, finalsOf(second).get(index), text);
        const indexes = [...finalsOf(second).keys()];
        equal(
          'the order',
          indexes,
          indexes.toSorted((a, b) => a - b),
        );
      },
    },
    {
      name: 'final sentences up to haveIndex do not come again, and the next has the next index',
      ids: ['R-RESUME-3', 'R-RESULT-2'],
      needs: ['speech'],
      run: async (context) => {
        const { first, sessionId } = await stored(context);
        first.cut();
        const second = await context.connect();
        const { settledIndex, nextPos, nextIndex } = await resume(second, sessionId, 0);
        const { speech } = context;
        // the same once more, behind what was received
        const rest = joined(new Uint8Array(nextPos * 2), speech.pcm);
        send(second, { pcm: rest }, { fromPos: nextPos });
        await stop(second, samplesOf(rest));
        const indexes = [...finalsOf(second).keys()];
        that(
          'indexes',
          indexes.every((index) => index > 0),
          indexes,
          'above haveIndex',
        );
        that(
          'the next index',
          indexes.includes(nextIndex),
          { indexes, nextIndex, settledIndex },
          `${nextIndex}`,
        );
      },
    },
    {
      name: 'committedPos and settledIndex do not go back over a resumption',
      ids: ['R-PROGRESS-3'],
      needs: ['speech'],
      run: async (context) => {
        const { first, sessionId } = await stored(context);
        const told = first.of('progress').at(-1) as Record<string, number>;
        first.cut();
        const answer = await resume(await context.connect(), sessionId);
        that('committedPos', answer.committedPos >= Number(told.committedPos), [told, answer], 'no less');
        that('settledIndex', answer.settledIndex >= Number(told.settledIndex), [told, answer], 'no less');
      },
    },
    {
      name: 'a new connection of the same client replaces the old one silently',
      ids: ['R-RESUME-6', 'R-TRANSPORT-5'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        const second = await connect();
        like('the answer', await resume(second, sessionId), { state: 'live' });
        const { reason } = await first.closed();
        // the namespace alone would be `io server disconnect`
        if (first.shape === 'socketio') equal('how it was closed', reason, 'transport close');
        equal('errors', first.of('error'), []);
        second.audio(silence(100), { pos: 0 });
        like('the end', await stop(second, 1_600), { durationMs: 100 });
      },
    },
    {
      name: 'a session that has ended is told again, with its end',
      ids: ['R-RESUME-7'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        send(first, speech);
        const ended = await stop(first, speech.endPos);
        first.close();
        const second = await connect();
        const sentences = Number(ended.sentences);
        like('the answer', await resume(second, sessionId), {
          sessionId,
          state: 'completed',
          nextPos: speech.endPos,
          committedPos: speech.endPos,
          limitPos: speech.endPos,
          nextIndex: sentences,
          settledIndex: sentences - 1,
        });
        like('completed', await second.next('completed'), { ...ended, sessionId, state: 'completed' });
        equal('the text', textOf(second), textOf(first));
        const order = second.heard.map(({ event }) => event);
        that(
          'the order',
          order.lastIndexOf('result') < order.indexOf('completed'),
          order,
          'results, then completed',
        );
        equal('stop', await stop(second), ended);
        equal('ready', second.of('ready'), []);
      },
    },
    {
      name: 'a session that has ended tells nobody what they have',
      ids: ['R-RESUME-7', 'R-RESUME-3'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        send(first, speech);
        const { sentences } = await stop(first, speech.endPos);
        const second = await connect();
        await resume(second, sessionId, Number(sentences) - 1);
        await second.next('completed');
        equal('results', second.of('result'), []);
      },
    },
    {
      name: 'a session that has ended takes no audio',
      ids: ['R-RESUME-8'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        first.audio(silence(100), { pos: 0 });
        const ended = await stop(first, 1_600);
        const second = await connect();
        await resume(second, sessionId);
        second.audio(silence(100), { pos: 1_600 });
        await undisturbed(second);
        equal('stop', await stop(second, 3_200), ended);
      },
    },
    {
      name: 'a resumption with another sample rate is BAD_SAMPLE_RATE',
      ids: ['R-RESUME-9'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        const request = { sessionId, clientId: CLIENT_ID, engine: '8k_zh', sampleRate: 8_000 };
        like('the refusal', await refused(await connect(), 'start', request), { code: 'BAD_SAMPLE_RATE' });
        await undisturbed(first);
      },
    },
    {
      name: 'a client that disconnects while it waits for stop finds the session ended, or can end it',
      ids: ['R-STOP-3', 'R-RESUME-5'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        send(first, speech);
        first.say('stop', { endPos: speech.endPos });
        await fence(first);
        first.cut();
        const second = await connect();
        await resume(second, sessionId);
        like('the end', await stop(second, speech.endPos), { id: sessionId });
        isText(speech, textOf(first, second));
      },
    },
    {
      name: 'five disconnections in a row lose nothing',
      ids: ['R-RESUME-1', 'R-RESUME-2'],
      run: async ({ connect }) => {
        const sessionId = newId();
        let connection = await connect();
        await begin(connection, { sessionId });
        for (let i = 1; i <= 5; i++) {
          connection.audio(silence(100), { pos: (i - 1) * 1_600 });
          equal('received', await nextPosOf(connection), i * 1_600);
          connection.cut();
          connection = await connect();
          like('the answer', await resume(connection, sessionId), { nextPos: i * 1_600 });
        }
        like('the end', await stop(connection), { durationMs: 500 });
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'another instance goes on with the session',
      ids: ['R-RESUME-10'],
      needs: ['restart', 'speech'],
      alone: true,
      run: async (context) => {
        const { first, sessionId, endPos } = await stored(context);
        const told = first.of('progress').at(-1) as Record<string, number>;
        await context.server.restart?.();
        const second = await context.connect();
        const answer = await resume(second, sessionId, 0);
        like('the answer', answer, { state: 'live', sessionId });
        that(
          'nextPos',
          answer.nextPos >= Number(told.committedPos),
          [told, answer],
          'nothing before committedPos',
        );
        const rest = joined(new Uint8Array(endPos * 2), context.speech.pcm);
        send(second, { pcm: rest }, { fromPos: answer.nextPos });
        await stop(second, samplesOf(rest));
        like('the sentences', [...finalsOf(second).keys()], (indexes: number[]) =>
          indexes.every((i) => i > 0),
        );
      },
    },
  ]),
];
