import { at, silence } from '../audio.ts';
import { recommended, required } from '../case.ts';
import { count, equal, like, that } from '../check.ts';
import { newId, type ServerCase, type ServerContext } from '../server-context.ts';
import {
  begin,
  CLIENT_ID,
  fence,
  finalsOf,
  granted,
  isText,
  refused,
  resume,
  send,
  stop,
  textOf,
  undisturbed,
} from '../steps.ts';

/** `stop` with this argument ends a session of 200 ms. */
const stopsWith =
  (argument: unknown) =>
  async ({ connect }: ServerContext): Promise<void> => {
    const one = await connect();
    await begin(one);
    one.audio(silence(200), { pos: 0 });
    like('the answer', await granted(one, 'stop', argument), { durationMs: 200 });
  };

export const END_CASES: ServerCase[] = [
  ...required<ServerCase>([
    {
      name: 'stop answers with the session, its sentences and its duration',
      ids: ['R-STOP-1'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        one.audio(silence(1_000), { pos: 0 });
        equal('the answer', await stop(one, 16_000), { id: sessionId, sentences: 0, durationMs: 1_000 });
      },
    },
    { name: 'stop takes { endPos }', ids: ['R-STOP-2'], run: stopsWith({ endPos: 3_200 }) },
    { name: 'stop takes nothing: all that has come', ids: ['R-STOP-2'], run: stopsWith({}) },
    { name: 'stop takes a number', ids: ['R-STOP-2'], needs: ['socketio'], run: stopsWith(3_200) },
    {
      name: 'stop takes no argument at all',
      ids: ['R-STOP-2'],
      needs: ['socketio'],
      run: stopsWith(undefined),
    },
    {
      name: 'a session without audio ends',
      ids: ['R-STOP-1'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        equal('the answer', await stop(one, 0), { id: sessionId, sentences: 0, durationMs: 0 });
      },
    },
    {
      name: 'stop is answered the same however often it is asked, at once too',
      ids: ['R-STOP-3'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(300), { pos: 0 });
        const answers = await Promise.all([stop(one, 4_800), stop(one, 4_800), stop(one)]);
        answers.push(await stop(one), await stop(one, 1));
        like('the first', answers[0], { durationMs: 300 });
        for (const answer of answers) equal('each other', answer, answers[0]);
        equal('completed', one.of('completed').length, 1);
      },
    },
    {
      name: 'stop is answered the same on a new connection',
      ids: ['R-STOP-3', 'R-RESUME-7'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        first.audio(silence(300), { pos: 0 });
        const ended = await stop(first, 4_800);
        first.cut();
        const second = await connect();
        await resume(second, sessionId);
        equal('the answer', await stop(second, 4_800), ended);
      },
    },
    {
      name: 'when stop is answered, everything was recognised and told, and completed agrees',
      ids: ['R-STOP-4', 'R-TRANSPORT-3'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        send(one, speech);
        const answer = await stop(one, speech.endPos);
        const completed = await one.next('completed');
        like('completed', completed, { ...answer, sessionId, state: 'completed' });
        equal('sentences', answer.sentences, finalsOf(one).size);
        isText(speech, textOf(one));
        const order = one.heard.map(({ event }) => event);
        that(
          'the order',
          order.lastIndexOf('result') < order.indexOf('completed'),
          order,
          'results, then completed',
        );
      },
    },
    {
      name: 'completed comes without an acknowledgement, too',
      ids: ['R-STOP-4'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        one.audio(silence(100), { pos: 0 });
        one.say('stop', { endPos: 1_600 });
        like('completed', await one.next('completed'), {
          sessionId,
          id: sessionId,
          sentences: count,
          durationMs: 100,
          state: 'completed',
        });
      },
    },
    {
      name: 'stop waits for audio that is on its way',
      ids: ['R-STOP-5'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        const stopped = stop(one, 4_800);
        await fence(one);
        one.audio(silence(200), { pos: 1_600 });
        like('the answer', await stopped, { durationMs: 300 });
      },
    },
    {
      name: 'audio behind endPos does not belong to the session',
      ids: ['R-STOP-5'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        const stopped = stop(one, 2_400);
        one.audio(silence(500), { pos: 1_600 });
        like('the answer', await stopped, { durationMs: 150 });
        equal('errors', one.of('error'), []);
      },
    },
    {
      name: 'audio that does not come in time is AUDIO_GAP, and the session can still be ended',
      ids: ['R-STOP-6'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        like('the refusal', await refused(one, 'stop', { endPos: 3_200 }), {
          code: 'AUDIO_GAP',
          retriable: true,
        });
        one.audio(silence(100), { pos: 1_600 });
        like('the answer', await stop(one, 3_200), { durationMs: 200 });
      },
    },
    {
      name: 'a bad endPos is BAD_REQUEST, and the session goes on',
      ids: ['R-STOP-7', 'R-ERROR-4'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (const endPos of [-1, 0.5, '3200', {}])
          like(`the refusal of ${JSON.stringify(endPos)}`, await refused(one, 'stop', { endPos }), {
            code: 'BAD_REQUEST',
          });
        one.audio(silence(100), { pos: 0 });
        like('the answer', await stop(one, 1_600), { durationMs: 100 });
      },
    },
    {
      name: 'stop without a session is NOT_STARTED',
      ids: ['R-STOP-7'],
      run: async ({ connect }) => {
        like('the refusal', await refused(await connect(), 'stop', {}), {
          code: 'NOT_STARTED',
          retriable: false,
        });
      },
    },
    {
      name: 'after the end cancel and skip are SESSION_ENDED',
      ids: ['R-STOP-8'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        const ended = await stop(one, 0);
        like('cancel', await refused(one, 'cancel'), { code: 'SESSION_ENDED', retriable: false });
        like('skip', await refused(one, 'skip', { fromPos: 0, toPos: 1 }), { code: 'SESSION_ENDED' });
        equal('stop', await stop(one), ended);
      },
    },
    {
      name: 'cancel keeps nothing: the session cannot be started again',
      ids: ['R-CANCEL-1'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        one.audio(silence(500), { pos: 0 });
        equal('the answer', await granted(one, 'cancel'), { ok: true });
        for (const connection of [one, await connect()])
          like('another start', await refused(connection, 'start', { sessionId, clientId: CLIENT_ID }), {
            code: 'SESSION_ENDED',
            retriable: false,
          });
      },
    },
    {
      name: 'a session that was cancelled has no completed and no more results',
      ids: ['R-CANCEL-2'],
      needs: ['speech'],
      run: async ({ connect, speech }) => {
        const one = await connect();
        await begin(one);
        send(one, speech);
        await one.next('result');
        await granted(one, 'cancel');
        const told = one.of('result').length;
        const next = await begin(one, { sessionId: newId() });
        one.audio(silence(200), { pos: 0 });
        await stop(one, 3_200);
        equal('results behind the cancel', one.of('result').slice(told), []);
        like('completed', one.of('completed'), [{ sessionId: next.sessionId }]);
      },
    },
    {
      name: 'cancel without a session is NOT_STARTED',
      ids: ['R-CANCEL-3'],
      run: async ({ connect }) => {
        like('the refusal', await refused(await connect(), 'cancel'), { code: 'NOT_STARTED' });
      },
    },
    {
      name: 'cancel of a session on a connection that took it up again',
      ids: ['R-CANCEL-1'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        first.audio(silence(200), { pos: 0 });
        await fence(first);
        first.cut();
        const second = await connect();
        await resume(second, sessionId);
        equal('the answer', await granted(second, 'cancel'), { ok: true });
        await undisturbed(second);
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'a stop that still waits is refused by a cancel',
      ids: ['R-CANCEL-4'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        const stopping = one.ask('stop', { endPos: 1_600 });
        await granted(one, 'cancel');
        like('the stop', await stopping, { error: { code: 'SESSION_ENDED' } });
      },
    },
    {
      name: 'stop with little to do is answered within 45 seconds',
      ids: ['R-STOP-9'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (let second = 0; second < 20; second++) one.audio(silence(1_000), { pos: at(second * 1_000) });
        const askedMs = performance.now();
        await one.ask('stop', { endPos: at(20_000) });
        const ms = performance.now() - askedMs;
        that('the time until the answer', ms < 45_000, `${ms} ms`, 'less than 45 s');
      },
    },
  ]),
];
