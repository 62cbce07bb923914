import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseResult } from './case.ts';
import { prepareClientCase } from './client-cases/context.ts';
import { CLIENT_CASES } from './client-cases/index.ts';
import type { Data } from './driver/connection.ts';
import { runCases } from './run.ts';
import { SERVER_CASES } from './server-cases/index.ts';
import { givenBy, prepareServerCase } from './server-context.ts';
import { type Breakage, type Message, startBrokenServer } from './testing/broken-server.ts';
import { type LocalServer, startLocalServer } from './testing/local-server.ts';
import { type ClientFault, referenceClient } from './testing/reference-client.ts';

const WITHIN_MS = 120_000;

/** Changes the messages that pass, one by one. */
const each =
  (change: (message: Message) => Message | Message[]): Breakage =>
  () =>
  (message) =>
    [change(message)].flat();
const isEvent = (message: Message, event: string): boolean => message.event === event;
const isStart = ({ ack, data }: Message): boolean => ack !== undefined && data.nextIndex !== undefined;
const isStop = ({ ack, data }: Message): boolean => ack !== undefined && data.sentences !== undefined;
const withData = (message: Message, changes: object): Message => ({
  ...message,
  data: { ...message.data, ...changes },
});
const isFinal = (message: Message): boolean => isEvent(message, 'result') && message.data.final === true;

/** Broken servers, each with the case that has to catch it. */
const SERVERS: [what: string, breakage: Breakage, caughtBy: string][] = [
  [
    'answers a resumption with a nextPos that went back',
    each((m) =>
      isStart(m) && Number(m.data.nextPos) > 0 ? withData(m, { nextPos: Number(m.data.nextPos) - 1_600 }) : m,
    ),
    'a session goes on after a disconnection, from all that was received',
  ],
  ['tells a final twice', each((m) => (isFinal(m) ? [m, m] : m)), 'a sentence is told once as final'],
  ['leaves a final out', each((m) => (isFinal(m) ? [] : m)), 'a recording becomes its text'],
  [
    'lets audio go before its sentence is stored',
    each((m) =>
      isEvent(m, 'progress') ? withData(m, { committedPos: m.data.nextPos, settledIndex: -1 }) : m,
    ),
    'no audio is let go before its sentence is stored',
  ],
  [
    'reports a progress that goes back',
    () => {
      let n = 0;
      return (m) => [
        isEvent(m, 'progress') && ++n % 2 === 0 ? withData(m, { nextPos: 0, committedPos: 0 }) : m,
      ];
    },
    'nothing in progress goes back, and committedPos ≤ nextPos ≤ limitPos',
  ],
  [
    'says ready before its answer',
    () => {
      let answer: Message | undefined;
      return (m) => {
        if (isStart(m)) answer = m;
        if (!answer) return [m];
        if (isStart(m)) return [];
        const held = answer;
        answer = undefined;
        return [m, held];
      };
    },
    'ready follows the answer',
  ],
  [
    'calls a gap final',
    each((m) => (m.data.code === 'AUDIO_GAP' ? withData(m, { retriable: false }) : m)),
    'retriable is what the page says of the code, for every error that can be provoked',
  ],
  [
    'does not say where a gap begins',
    each((m) => (m.data.code === 'AUDIO_GAP' ? withData(m, { nextPos: undefined }) : m)),
    'a gap is AUDIO_GAP with the position that is due, and is mended from there',
  ],
  [
    'gives times of the connection, not of the audio',
    each((m) => (isEvent(m, 'result') ? withData(m, { startMs: 0, endMs: 10 }) : m)),
    'times are those of the audio, in order and within the session',
  ],
  [
    'counts sentences wrongly',
    each((m) => (isStop(m) ? withData(m, { sentences: Number(m.data.sentences) + 1 }) : m)),
    'stop answers with the session, its sentences and its duration',
  ],
  [
    'begins indexes anew after a resumption',
    each((m) => (isStart(m) ? withData(m, { nextIndex: 0 }) : m)),
    'final sentences above haveIndex come again behind the answer, in order',
  ],
  [
    'gives a session to a client that does not ask for it',
    each((m) =>
      (m.data?.error as Data | undefined)?.code === 'TAKEN_OVER'
        ? { ack: m.ack ?? 0, data: { state: 'live' } }
        : m,
    ),
    'a client that reconnects by itself takes nothing from another',
  ],
];

describe('a server that', () => {
  let good: LocalServer;
  beforeAll(async () => {
    good = await startLocalServer();
  });
  afterAll(() => good?.stop());

  const outcomeOf = async (name: string, url?: string): Promise<CaseResult | undefined> => {
    const underTest = { ...good.underTest('native'), ...(url && { url }) };
    const cases = SERVER_CASES.filter((one) => one.name === name);
    expect(cases).toHaveLength(1);
    const options = { concurrency: 1, has: givenBy(underTest) };
    return (await runCases(cases, () => prepareServerCase(underTest), options))[0];
  };

  it.concurrent.each(SERVERS)(
    '%s is caught',
    async (_what, breakage, caughtBy) => {
      const broken = await startBrokenServer(good.underTest('native').url, breakage);
      try {
        const result = await outcomeOf(caughtBy, broken.url);
        expect(result, JSON.stringify(result)).toMatchObject({
          outcome: 'fail',
          expected: expect.any(String),
        });
      } finally {
        broken.close();
      }
    },
    WITHIN_MS,
  );

  it(
    'is only behind the proxy passes those cases',
    async () => {
      const proxy = await startBrokenServer(
        good.underTest('native').url,
        each((message) => message),
      );
      try {
        for (const [, , name] of SERVERS)
          expect(await outcomeOf(name, proxy.url)).toMatchObject({ outcome: 'pass' });
      } finally {
        proxy.close();
      }
    },
    WITHIN_MS,
  );
});

/** What a client can do wrong, each with the case that has to catch it. */
const CLIENTS: [fault: ClientFault, caughtBy: string][] = [
  ['audio before the answer', 'no audio comes before start is answered'],
  ['forgets at nextPos', 'audio behind committedPos is kept, however far nextPos is'],
  ['doubles finals', 'a final sentence that comes twice is shown once'],
  ['keeps what is not stored', 'what is not stored is dropped after a resumption, and comes again'],
  ['new session on each connection', 'a recording keeps its sessionId and clientId on every connection'],
  ['haveIndex of what is shown', 'haveIndex is what is stored, not all that was shown'],
  ['ignores limitPos', 'nothing comes beyond limitPos, until it moves'],
  ['ignores AUDIO_GAP', 'after AUDIO_GAP it goes back to nextPos'],
  ['stop is not repeated', 'stop is said again where its answer was lost'],
  ['waits for ever on a dead link', 'a link on which nothing passes any more is given up'],
  ['takes the session back', 'a reconnection resumes, and takes nothing from another client'],
  ['the same ticket again', 'fetches a new ticket where the handshake says that it has expired'],
];

describe('the reference client', () => {
  it.concurrent.each(CLIENTS)(
    'that is broken (%s) is caught',
    async (fault, caughtBy) => {
      const cases = CLIENT_CASES.filter(({ name }) => name === caughtBy);
      expect(cases).toHaveLength(1);
      const options = { concurrency: 1, has: new Set(['native'] as const) };
      const run = (adapter: ReturnType<typeof referenceClient>) =>
        runCases(cases, (one) => prepareClientCase(adapter, one), options);
      const [[broken], [whole]] = await Promise.all([run(referenceClient([fault])), run(referenceClient())]);
      expect(broken, JSON.stringify(broken)).toMatchObject({ outcome: 'fail' });
      expect(whole, JSON.stringify(whole)).toMatchObject({ outcome: 'pass' });
    },
    WITHIN_MS,
  );
});
