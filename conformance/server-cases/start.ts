import { silence } from '../audio.ts';
import { recommended, required } from '../case.ts';
import { absent, count, equal, like, positive, text, that } from '../check.ts';
import { ANSWER } from '../driver/connection.ts';
import { newId, type ServerCase, type ServerContext } from '../server-context.ts';
import { begin, CLIENT_ID, fence, granted, nextPosOf, refused, stop, undisturbed } from '../steps.ts';

const BAD_IDS = [
  'short',
  'with space',
  'slash/slash',
  'x'.repeat(65),
  '',
  7,
  null,
  { $gt: '' },
  ['a'.repeat(8)],
];

/** Requests that are refused with a code, each on the same connection. */
const refusedWith =
  (code: string, requests: readonly unknown[]) =>
  async ({ connect }: ServerContext): Promise<void> => {
    const one = await connect();
    for (const request of requests)
      like(`the refusal of ${JSON.stringify(request)?.slice(0, 80)}`, await refused(one, 'start', request), {
        code,
        retriable: false,
        message: text,
      });
  };

export const START_CASES: ServerCase[] = [
  ...required<ServerCase>([
    {
      name: 'a new session begins at 0, and the answer says everything',
      ids: ['R-START-1', 'R-START-2'],
      run: async ({ connect }) => {
        const sessionId = newId();
        like('the answer', await begin(await connect(), { sessionId }), {
          sessionId,
          state: 'live',
          nextPos: 0,
          committedPos: 0,
          limitPos: positive,
          nextIndex: 0,
          settledIndex: -1,
          limits: { maxFrameBytes: positive, creditMs: positive, ringMs: positive },
        });
      },
    },
    {
      name: 'ready follows the answer',
      ids: ['R-START-3', 'R-TRANSPORT-3'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        like('ready', await one.next('ready'), { sessionId, nextPos: 0 });
        const order = one.heard.map(({ event }) => event);
        that('the order', order.indexOf(ANSWER) < order.indexOf('ready'), order, 'the answer, then ready');
      },
    },
    {
      name: 'a sessionId that is not 8–64 letters, digits, _ and - is BAD_REQUEST',
      ids: ['R-START-4'],
      run: refusedWith(
        'BAD_REQUEST',
        BAD_IDS.map((sessionId) => ({ sessionId, clientId: CLIENT_ID })),
      ),
    },
    {
      name: 'a clientId that is not 8–64 letters, digits, _ and - is BAD_REQUEST',
      ids: ['R-START-4'],
      run: refusedWith(
        'BAD_REQUEST',
        BAD_IDS.map((clientId) => ({ sessionId: 'session-of-nobody', clientId })),
      ),
    },
    {
      name: 'ids of 8 and of 64 characters are taken',
      ids: ['R-START-4'],
      run: async ({ connect }) => {
        const one = await connect();
        for (const length of [8, 64]) {
          const id = newId().replaceAll('-', '_').repeat(2).slice(0, length);
          like('the answer', await begin(one, { sessionId: id, clientId: id }), { sessionId: id });
          await granted(one, 'cancel');
        }
      },
    },
    {
      name: 'start again after a lost answer gets the same session, with what it has received',
      ids: ['R-START-5'],
      run: async ({ connect }) => {
        const first = await connect();
        const { sessionId } = await begin(first);
        first.audio(silence(200), { pos: 0 });
        equal('received', await nextPosOf(first), 3_200);
        first.cut();
        // without `resume`: the client does not know that there is a session
        like('the answer', await begin(await connect(), { sessionId }), {
          sessionId,
          state: 'live',
          nextPos: 3_200,
        });
      },
    },
    {
      name: 'everything may be left out, and the server makes a sessionId',
      ids: ['R-START-6'],
      run: async ({ connect }) => {
        const one = await connect();
        const answer = await granted(one, 'start', {});
        like('the answer', answer, { sessionId: /^[A-Za-z0-9_-]{8,64}$/.test.bind(/^[A-Za-z0-9_-]{8,64}$/) });
        await granted(one, 'cancel');
        const other = await granted(one, 'start');
        like('another', other, { sessionId: (id: unknown) => id !== answer.sessionId });
      },
    },
    {
      name: 'fields that nobody knows are ignored',
      ids: ['R-START-6'],
      run: async ({ connect }) => {
        const answer = await begin(await connect(), { future: { a: [1] }, __v: 2, lang: 'zh' });
        like('the answer', answer, { state: 'live' });
      },
    },
    {
      name: 'an engine that does not exist is UNKNOWN_ENGINE',
      ids: ['R-START-7'],
      run: refusedWith('UNKNOWN_ENGINE', [
        { engine: '16k_klingon' },
        { engine: '__proto__' },
        { engine: '' },
      ]),
    },
    {
      name: 'a sample rate that is not the engine’s is BAD_SAMPLE_RATE',
      ids: ['R-START-7'],
      run: refusedWith('BAD_SAMPLE_RATE', [
        { engine: '16k_zh', sampleRate: 8_000 },
        { sampleRate: 44_100 },
        { sampleRate: '16000' },
      ]),
    },
    {
      name: 'hot words against the rules are BAD_HOTWORDS',
      ids: ['R-START-7'],
      run: refusedWith('BAD_HOTWORDS', [
        { hotwords: 'word' },
        { hotwords: [{ word: '' }] },
        { hotwords: [{ word: 'a|b' }] },
        { hotwords: [{ word: 'x'.repeat(31) }] },
        { hotwords: [{ word: '一二三四五六七八九十一' }] },
        { hotwords: [{ word: 'good', weight: 12 }] },
        { hotwords: Array(129).fill({ word: 'a' }) },
      ]),
    },
    {
      name: 'good hot words and options are taken',
      ids: ['R-START-7'],
      run: async ({ connect }) => {
        const hotwords = [
          { word: '采样率', weight: 11 },
          { word: 'WebSocket', weight: 100 },
          { word: '容器' },
        ];
        const request = { engine: '16k_zh', sampleRate: 16_000, hotwords, silenceMs: 800, title: '会议' };
        like('the answer', await begin(await connect(), { ...request, wordTimes: true }), { state: 'live' });
      },
    },
    {
      name: 'other wrong parameters are BAD_REQUEST',
      ids: ['R-START-7'],
      run: refusedWith('BAD_REQUEST', [
        { title: ['a'] },
        { title: 'x'.repeat(61) },
        { wordTimes: 'yes' },
        { silenceMs: 10 },
        { token: 7 },
        { engine: 16 },
        { resume: {} },
        { resume: { haveIndex: -2 } },
        { resume: { haveIndex: 0.5 } },
        { encodings: 'adpcm' },
      ]),
    },
    {
      name: 'a second start on a connection is ALREADY_STARTED, and the session goes on',
      ids: ['R-START-9', 'R-ERROR-4'],
      run: async ({ connect }) => {
        const one = await connect();
        const { sessionId } = await begin(one);
        for (const request of [{ sessionId }, { sessionId: newId() }])
          like('the refusal', await refused(one, 'start', { clientId: CLIENT_ID, ...request }), {
            code: 'ALREADY_STARTED',
            retriable: false,
          });
        one.audio(silence(200), { pos: 0 });
        like('the end', await stop(one, 3_200), { id: sessionId, durationMs: 200 });
      },
    },
    {
      name: 'two starts at once on a connection make one session',
      ids: ['R-START-9'],
      needs: ['users'],
      run: async ({ connect }) => {
        const one = await connect();
        const ask = () => one.ask('start', { sessionId: newId(), clientId: CLIENT_ID });
        const [first, second] = await Promise.all([ask(), ask()]);
        like('the first', first, { state: 'live' });
        like('the second', second, { error: { code: 'ALREADY_STARTED' } });
      },
    },
    {
      name: 'after the end of a session the connection may begin the next',
      ids: ['R-START-10'],
      run: async ({ connect }) => {
        const one = await connect();
        const first = await begin(one);
        one.audio(silence(100), { pos: 0 });
        await stop(one, 1_600);
        const second = await begin(one);
        like('the next', second, { state: 'live', nextPos: 0, nextIndex: 0 });
        one.audio(silence(300), { pos: 0 });
        like('its end', await stop(one, 4_800), { id: second.sessionId, durationMs: 300 });
        like('the sessions', [first.sessionId, second.sessionId], (ids: string[]) => ids[0] !== ids[1]);
      },
    },
    {
      name: 'after a cancel the connection may begin the next',
      ids: ['R-START-10'],
      run: async ({ connect }) => {
        const one = await connect();
        await begin(one);
        await granted(one, 'cancel');
        like('the next', await begin(one), { state: 'live', nextPos: 0 });
        await undisturbed(one);
      },
    },
    {
      name: 'to have sentences of a session that does not exist is NOT_FOUND',
      ids: ['R-START-11'],
      run: async ({ connect }) => {
        const one = await connect();
        const request = { sessionId: newId(), clientId: CLIENT_ID, resume: { haveIndex: 0 } };
        like('the refusal', await refused(one, 'start', request), { code: 'NOT_FOUND', retriable: false });
        like('without sentences', await begin(one, { ...request, resume: { haveIndex: -1 } }), {
          state: 'live',
        });
      },
    },
    {
      name: 'a refused start leaves no session behind',
      ids: ['R-START-13'],
      run: async ({ connect }) => {
        const one = await connect();
        const sessionId = newId();
        await refused(one, 'start', { sessionId, clientId: CLIENT_ID, engine: 'none' });
        like('stop', await refused(one, 'stop', {}), { code: 'NOT_STARTED' });
        like('another start', await begin(one, { sessionId }), { sessionId, state: 'live', nextPos: 0 });
      },
    },
    {
      name: 'a payload that is no object is BAD_REQUEST',
      ids: ['R-START-7'],
      needs: ['socketio'],
      run: refusedWith('BAD_REQUEST', [[], [{}], 'start', 7, true]),
    },
  ]),
  ...recommended<ServerCase>([
    {
      name: 'detail says which parameter is wrong',
      ids: ['R-START-8'],
      run: async ({ connect }) => {
        const one = await connect();
        const bad = { hotwords: [{ word: 'good' }, { word: 'bad|word' }] };
        like('hot words', await refused(one, 'start', bad), { detail: 'hotwords.1.word' });
        like('the title', await refused(one, 'start', { title: 7 }), { detail: 'title' });
        like('resume', await refused(one, 'start', { resume: {} }), { detail: 'resume.haveIndex' });
      },
    },
    {
      name: 'the limits are those of the page',
      ids: ['R-START-12'],
      run: async ({ connect }) => {
        like('the answer', await begin(await connect()), {
          limits: { maxFrameBytes: 64_000, creditMs: 30_000, ringMs: 120_000 },
          limitPos: 480_000,
        });
      },
    },
    {
      name: 'an 8 kHz engine has a session of 8 kHz',
      ids: ['R-START-12', 'R-STOP-1'],
      run: async ({ connect }) => {
        const one = await connect();
        like('the answer', await begin(one, { engine: '8k_zh' }), { limitPos: 240_000, encodings: absent });
        one.audio(silence(100), { pos: 0 });
        await fence(one);
        like('the end', await stop(one, 1_600), { durationMs: 200, sentences: count });
      },
    },
  ]),
];
