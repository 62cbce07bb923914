import { ERRORS } from '../../contract/errors.ts';
import { silence } from '../audio.ts';
import { NotApplicable, recommended, required } from '../case.ts';
import { equal, flag, like, text, that, within } from '../check.ts';
import type { Connection, Data } from '../driver/connection.ts';
import type { ServerCase } from '../server-context.ts';
import { begin, CLIENT_ID, fence, granted, nextPosOf, refused, stop } from '../steps.ts';

/** Requests that are refused before there is a session. */
const REFUSED_REQUESTS: readonly [event: string, payload: unknown][] = [
  ['stop', {}],
  ['cancel', {}],
  ['skip', { fromPos: 0, toPos: 1 }],
  ['start', { engine: 'none' }],
  ['start', { clientId: 'x' }],
  ['dance', {}],
];

const isError = { code: text, message: text, retriable: flag };

/** Every error of a connection that was driven into many of them. */
async function manyErrors(one: Connection): Promise<Data[]> {
  const errors: Data[] = [];
  for (const [event, payload] of REFUSED_REQUESTS) errors.push(await refused(one, event, payload));
  one.audio(silence(20), { pos: 0 });
  await fence(one);
  await begin(one);
  one.audio(silence(20), { pos: 5 });
  one.audio(new Uint8Array(3), { pos: 0 });
  one.audio(silence(20), { pos: -1 });
  errors.push(
    await refused(one, 'start', { clientId: CLIENT_ID }),
    await refused(one, 'stop', { endPos: -1 }),
  );
  await stop(one, 0);
  errors.push(await refused(one, 'cancel'));
  return [...errors, ...one.of('error')];
}

/** How far the limit may move while audio is on its way; all of it is still less than what a connection may send at once. */
const MEANWHILE_SAMPLES = 48_000;

/** The refusal of audio that goes beyond the limit. @throws NotApplicable: the limit moves as fast as audio comes */
async function tooFast(one: Connection, limitPos: number): Promise<Data> {
  const until = limitPos + MEANWHILE_SAMPLES;
  for (let pos = 0; pos <= until; pos += 16_000) one.audio(silence(1_000), { pos });
  await fence(one);
  const error = one.of('error').find(({ code }) => code === 'TOO_FAST');
  if (!error) throw new NotApplicable('the server recognises as fast as audio comes');
  return error;
}

export const ERROR_CASES: ServerCase[] = [
  ...required<ServerCase>([
    {
      name: 'a refusal is in the answer where one was asked for',
      ids: ['R-ERROR-1'],
      run: async ({ connect }) => {
        const one = await connect();
        for (const [event, payload] of REFUSED_REQUESTS)
          like(`the refusal of ${event}`, await refused(one, event, payload), isError);
        equal('error events', one.of('error'), []);
      },
    },
    {
      name: 'a refusal is the event error where no answer was asked for',
      ids: ['R-ERROR-1'],
      run: async ({ connect }) => {
        const one = await connect();
        for (const [event, payload] of REFUSED_REQUESTS) one.say(event, payload);
        await fence(one);
        equal('error events', one.of('error').length, REFUSED_REQUESTS.length);
        for (const error of one.of('error')) like('an error', error, isError);
      },
    },
    {
      name: 'retriable is what the page says of the code, for every error that can be provoked',
      ids: ['R-ERROR-2'],
      run: async ({ connect }) => {
        for (const { code, retriable } of await manyErrors(await connect())) {
          const known = ERRORS[code as keyof typeof ERRORS];
          that('the code', known !== undefined, code, 'a code of contract/errors.ts');
          equal(`retriable of ${code}`, retriable, known.retriable);
        }
      },
    },
    {
      name: 'an event that does not exist is UNKNOWN_EVENT, also one of every object',
      ids: ['R-ERROR-3'],
      run: async ({ connect }) => {
        const one = await connect();
        for (const event of ['dance', 'toString', '__proto__', 'START'])
          like(`the refusal of ${event}`, await refused(one, event, {}), {
            code: 'UNKNOWN_EVENT',
            retriable: false,
          });
      },
    },
    {
      name: 'refusals neither close the connection nor disturb its session',
      ids: ['R-ERROR-4'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        one.audio(silence(100), { pos: 0 });
        for (const [event] of REFUSED_REQUESTS.slice(3)) await refused(one, event, { engine: 'none' });
        for (let i = 0; i < 20; i++) one.say('dance');
        await fence(one);
        equal('received', await nextPosOf(one), 1_600);
        like('the end', await stop(one, 1_600), { durationMs: 100 });
      },
    },
    {
      name: 'what was sent is not repeated in a refusal',
      ids: ['R-ERROR-5'],
      run: async ({ connect }) => {
        const one = await connect();
        const content = 'PRIVATE-CONTENT';
        const requests = [
          { title: [content] },
          { hotwords: [{ word: `${content}|` }] },
          { sessionId: `${content} with space` },
          { engine: content },
          { token: { content } },
        ];
        for (const request of requests) {
          const { message, detail } = await refused(one, 'start', request);
          that('message and detail', !`${message} ${detail}`.includes(content), { message, detail });
        }
        like('an unknown event', await refused(one, content, {}), {
          message: (m: unknown) => !String(m).includes(content),
        });
      },
    },
    {
      name: 'what goes wrong on one connection disturbs no other',
      ids: ['R-TRANSPORT-6'],
      run: async ({ connect }) => {
        const [honest, other] = [await connect(), await connect()];
        await begin(honest);
        honest.audio(silence(100), { pos: 0 });
        await manyErrors(other);
        other.cut();
        honest.audio(silence(100), { pos: 1_600 });
        like('the end', await stop(honest, 3_200), { durationMs: 200 });
        equal('errors', honest.of('error'), []);
      },
    },
    {
      name: 'TOO_FAST says where to go on, and nothing beyond the limit is taken',
      ids: ['R-FLOW-1'],
      run: async ({ connect }) => {
        const one = await connect();
        const { limitPos, sessionId } = await begin(one);
        const error = await tooFast(one, limitPos);
        like('the error', error, {
          retriable: true,
          sessionId,
          nextPos: (pos: number) => pos > 0 && pos % 16_000 === 0,
        });
        that('received', (await nextPosOf(one)) >= Number(error.nextPos), error.nextPos);
        await granted(one, 'cancel');
      },
    },
    {
      name: 'limitPos moves, and what was refused is taken then',
      ids: ['R-FLOW-2'],
      run: async ({ connect }) => {
        const one = await connect();
        const { limitPos } = await begin(one);
        const { nextPos } = await tooFast(one, limitPos);
        const pos = Number(nextPos);
        await one.next('progress', (progress) => Number(progress.limitPos) >= pos + 1_600, 60_000);
        one.audio(silence(100), { pos });
        that('received', (await nextPosOf(one)) >= pos + 1_600, await nextPosOf(one), `≥ ${pos + 1_600}`);
        await granted(one, 'cancel');
      },
    },
    {
      name: 'audio without a position that is too fast counts as time that was lost',
      ids: ['R-FLOW-3'],
      run: async ({ connect }) => {
        const one = await connect();
        const { limitPos } = await begin(one);
        // 2 s a frame; the frame that goes beyond the limit and the one behind it count, whether taken or lost
        const frames = Math.floor(limitPos / 32_000) + 1;
        for (let i = 0; i < frames; i++) one.audio(silence(2_000));
        await fence(one);
        for (const { code } of one.of('error')) equal('the error', code, 'TOO_FAST');
        const limit = await one.ask('stop', {});
        like('the end', limit, { durationMs: frames * 2_000 });
      },
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'a refusal has a requestId of its own',
      ids: ['R-ERROR-6'],
      run: async ({ connect }) => {
        const one = await connect();
        const [first, second] = [await refused(one, 'stop', {}), await refused(one, 'stop', {})];
        like('the first', first, { requestId: text });
        like('the second', second, { requestId: (id: unknown) => id !== first.requestId });
      },
    },
    {
      name: 'a connection that is refused too often is closed',
      ids: ['R-ERROR-7'],
      run: async ({ connect }) => {
        const one = await connect();
        for (let i = 0; i < 400; i++) one.say('dance');
        await one.closed();
        that('errors', one.of('error').length < 300, one.of('error').length, 'fewer than 300');
      },
    },
    {
      name: 'a large message before start closes the connection',
      ids: ['R-FLOW-4'],
      run: async ({ connect }) => {
        const one = await connect();
        one.say('dance', { text: 'x'.repeat(20_000) });
        await one.closed();
      },
    },
    {
      name: 'a message of 2 MB closes the connection, and the session can be resumed',
      ids: ['R-FLOW-4'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        one.audio(silence(100), { pos: 0 });
        await fence(one);
        one.audio(new Uint8Array(2_100_000), { pos: 1_600 });
        await one.closed();
        like('another start', await begin(await connect(), { sessionId }), { nextPos: 1_600 });
      },
    },
    {
      name: 'a user who starts too often is RATE_LIMITED, and told how long to wait',
      ids: ['R-FLOW-5'],
      needs: ['users'],
      run: async ({ connect, user }) => {
        const one = await connect({ user });
        const ended = await begin(one);
        await stop(one, 0);
        let limited: Data | undefined;
        for (let i = 0; i < 60 && !limited; i++) {
          const answer = await one.ask('start', { sessionId: ended.sessionId, clientId: CLIENT_ID });
          limited = answer.error as Data | undefined;
        }
        like('the refusal', limited, {
          code: 'RATE_LIMITED',
          retriable: true,
          retryAfterMs: (ms: unknown) => Number(ms) > 0,
        });
        like('another user', await begin(await connect({ user: `${user}-other` })), { state: 'live' });
      },
    },
    {
      name: 'audio that is sent again and again is RATE_LIMITED',
      ids: ['R-FLOW-6'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        for (let i = 0; i < 60; i++) one.audio(silence(1_000), { pos: 0 });
        like('the error', await one.next('error', ({ code }) => code === 'RATE_LIMITED'), {
          retriable: true,
          retryAfterMs: (ms: unknown) => Number(ms) > 0,
        });
      },
    },
    {
      name: 'a user with too many sessions is BUSY, and may begin one when another has ended',
      ids: ['R-FLOW-7'],
      needs: ['users'],
      run: async ({ connect }) => {
        const open: Connection[] = [];
        let refusal: Data | undefined;
        while (!refusal && open.length < 25) {
          const one = await connect();
          const answer = await one.ask('start', { clientId: CLIENT_ID });
          refusal = answer.error as Data | undefined;
          if (!refusal) open.push(one);
        }
        like('the refusal', refusal, {
          code: 'BUSY',
          retriable: true,
          retryAfterMs: (ms: unknown) => Number(ms) > 0,
        });
        const [first] = open;
        if (first) await granted(first, 'cancel');
        like('after that', await within(begin(await connect()), 30_000, 'a session'), { state: 'live' });
      },
    },
  ]),
];
