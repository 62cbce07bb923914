import { at } from '../audio.ts';
import { NotApplicable, recommended, required } from '../case.ts';
import { equal, like, pause, that } from '../check.ts';
import type { ClientCase, ClientContext, Frame } from './context.ts';
import type { Peer } from './peer.ts';

/** Long enough for a client that sends what it should not. */
const MEANWHILE_MS = 800;

const total = (frames: Frame[]): number => frames.reduce((sum, { samples }) => sum + samples, 0);

/** The first audio of a connection begins there, and the rest follows without a hole. */
function beginsAt({ session }: ClientContext, peer: Peer, pos: number): void {
  const frames = session.framesOf(peer);
  equal('the first position', frames[0]?.pos, pos);
  let due = pos;
  for (const frame of frames) {
    that('a position', frame.pos === due, frame.pos, `${due}`);
    due += frame.samples;
  }
}

/** A session whose `ms` of audio were received, then cut; the next connection is answered with the changes. */
async function cutAfter(context: ClientContext, ms: number, changes: object): Promise<Peer> {
  const { begin, record, session, server, resumed } = context;
  const first = await begin();
  record(ms);
  await session.received(first, at(ms));
  server.relay.cut();
  return resumed({ ...changes });
}

export const SEND_CASES: ClientCase[] = [
  ...required<ClientCase>([
    {
      name: 'no audio comes before start is answered',
      ids: ['R-SEND-1'],
      run: async (context) => {
        const { client, record, server, session } = context;
        void client.start().catch(() => {});
        record(1_000);
        const peer = await server.connection();
        record(1_000);
        await peer.until('start', () => peer.said.some(({ event }) => event === 'start') || undefined);
        await pause(MEANWHILE_MS);
        equal(
          'before the answer',
          peer.said.map(({ event }) => event),
          ['start'],
        );
        await session.accept(peer);
        await session.received(peer, at(2_000));
        beginsAt(context, peer, 0);
      },
    },
    {
      name: 'audio that was recorded without a connection comes behind the next answer',
      ids: ['R-SEND-1', 'R-SEND-2'],
      run: async (context) => {
        const { begin, record, server, session } = context;
        const first = await begin();
        record(500);
        await session.received(first, at(500));
        server.relay.cut();
        record(1_000);
        const second = await server.connection();
        await second.until('start', () => second.said.some(({ event }) => event === 'start') || undefined);
        await pause(MEANWHILE_MS);
        equal(
          'before the answer',
          second.said.map(({ event }) => event),
          ['start'],
        );
        await session.accept(second);
        await session.received(second, at(1_500));
        beginsAt(context, second, at(500));
      },
    },
    {
      name: 'ten seconds of audio come in order, whole and unchanged',
      ids: ['R-SEND-2'],
      run: async (context) => {
        const { begin, record, session } = context;
        const peer = await begin();
        for (let i = 0; i < 20; i++) {
          record(500);
          await pause(10);
        }
        await session.received(peer, at(10_000));
        beginsAt(context, peer, 0);
        equal('samples', total(session.framesOf(peer)), at(10_000));
      },
    },
    {
      name: 'a resumption goes on at the nextPos that is answered',
      ids: ['R-SEND-2'],
      run: async (context) => {
        const second = await cutAfter(context, 1_000, { nextPos: 12_345 });
        context.record(500);
        await context.session.received(second, at(1_500));
        beginsAt(context, second, 12_345);
      },
    },
    {
      name: 'audio that was received and is asked for again comes again',
      ids: ['R-SEND-2', 'R-SEND-7'],
      run: async (context) => {
        const second = await cutAfter(context, 3_000, { nextPos: 0 });
        await context.session.received(second, at(3_000));
        beginsAt(context, second, 0);
      },
    },
    {
      name: 'nothing comes beyond limitPos, until it moves',
      ids: ['R-SEND-3'],
      run: async (context) => {
        const { begin, record, session } = context;
        session.limitPos = at(1_000);
        const peer = await begin();
        record(3_000);
        await session.received(peer, at(1_000));
        await pause(MEANWHILE_MS);
        equal('received', session.nextPos, at(1_000));
        session.limitPos = at(2_500);
        session.progress(peer);
        await session.received(peer, at(2_500));
        await pause(MEANWHILE_MS);
        equal('received', session.nextPos, at(2_500));
        beginsAt(context, peer, 0);
      },
    },
    {
      name: 'a resumption without room sends nothing until there is',
      ids: ['R-SEND-3'],
      run: async (context) => {
        const second = await cutAfter(context, 1_000, { limitPos: at(1_000) });
        const { session, record } = context;
        record(1_000);
        await pause(MEANWHILE_MS);
        equal('frames', session.framesOf(second), []);
        session.progress(second);
        await session.received(second, at(2_000));
      },
    },
    {
      name: 'no frame is larger than maxFrameBytes, in a replay neither',
      ids: ['R-SEND-4'],
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        session.limits = { ...session.limits, maxFrameBytes: 4_000 };
        await begin();
        server.relay.cut();
        record(10_000);
        const second = await resumed();
        await session.received(second, at(10_000));
        for (const { bytes } of session.framesOf(second))
          that('a frame', bytes <= 4_000, bytes, '≤ 4,000 bytes');
      },
    },
    {
      name: 'after AUDIO_GAP it goes back to nextPos',
      ids: ['R-SEND-5'],
      run: async (context) => {
        const { begin, record, session } = context;
        const peer = await begin();
        record(1_000);
        await session.received(peer, at(1_000));
        // what was received is lost: the server says from where it needs it
        session.nextPos = at(400);
        const sent = session.framesOf(peer).length;
        peer.emit('error', gap(session.sessionId, at(400)));
        await session.received(peer, at(1_000));
        equal('the first position sent again', session.framesOf(peer)[sent]?.pos, at(400));
        record(500);
        await session.received(peer, at(1_500));
      },
    },
    {
      name: 'one AUDIO_GAP for each of many frames is no reason to send everything many times',
      ids: ['R-SEND-5'],
      run: async (context) => {
        const { begin, record, session } = context;
        const peer = await begin();
        record(2_000);
        await session.received(peer, at(2_000));
        session.nextPos = 0;
        const sent = total(session.framesOf(peer));
        for (let i = 0; i < 10; i++) peer.emit('error', gap(session.sessionId, 0));
        await session.received(peer, at(2_000));
        await pause(MEANWHILE_MS);
        const again = total(session.framesOf(peer)) - sent;
        that('samples sent again', again <= 3 * at(2_000), again, 'at most three times');
      },
    },
    {
      name: 'after TOO_FAST it waits until limitPos moves, and goes on at nextPos',
      ids: ['R-SEND-6'],
      run: async (context) => {
        const { begin, record, session, showsLines } = context;
        const peer = await begin();
        record(1_000);
        await session.received(peer, at(1_000));
        session.nextPos = at(600);
        session.limitPos = at(600);
        const sent = session.framesOf(peer).length;
        peer.emit('error', { ...gap(session.sessionId, at(600)), code: 'TOO_FAST' });
        // once this is shown, the error was heard, too
        session.result(peer, 0, '一', true);
        await showsLines('一');
        record(500);
        await pause(MEANWHILE_MS);
        equal('frames meanwhile', session.framesOf(peer).slice(sent), []);
        session.limitPos = at(60_000);
        session.progress(peer);
        await session.received(peer, at(1_500));
        equal('the first position behind it', session.framesOf(peer)[sent]?.pos, at(600));
      },
    },
    {
      name: 'audio behind committedPos is kept, however far nextPos is',
      ids: ['R-SEND-7'],
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        const first = await begin();
        record(5_000);
        await session.received(first, at(5_000));
        session.committedPos = at(2_000);
        session.progress(first);
        record(1_000);
        await session.received(first, at(6_000));
        server.relay.cut();
        const second = await resumed({ nextPos: at(2_000) });
        await session.received(second, at(6_000));
        beginsAt(context, second, at(2_000));
      },
    },
    {
      name: 'audio between committedPos and nextPos of a resumption is kept, too',
      ids: ['R-SEND-7'],
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        const first = await begin();
        record(4_000);
        await session.received(first, at(4_000));
        session.committedPos = at(1_000);
        session.progress(first);
        server.relay.cut();
        // an instance that goes on within an open sentence …
        const second = await resumed({ nextPos: at(3_000) });
        record(500);
        await session.received(second, at(4_500));
        server.relay.cut();
        // … and one that has to hear all of it
        const third = await resumed({ nextPos: at(1_000) });
        await session.received(third, at(4_500));
        beginsAt(context, third, at(1_000));
      },
    },
    {
      name: 'a hundred seconds that were not committed are still there',
      ids: ['R-SEND-7'],
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        const first = await begin();
        record(100_000);
        await session.received(first, at(100_000), 60_000);
        server.relay.cut();
        const second = await resumed({ nextPos: 0 });
        await session.received(second, at(100_000), 60_000);
        beginsAt(context, second, 0);
      },
    },
    {
      name: 'audio that had to be dropped is declared, and what follows it comes',
      ids: ['R-SEND-8'],
      ringMs: 5_000,
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        await begin();
        server.relay.cut();
        record(12_000);
        const second = await resumed();
        await session.received(second, at(12_000), 60_000);
        const skips = second.said.filter(({ event }) => event === 'skip').map(({ payload }) => payload);
        const [first] = session.framesOf(second);
        if (skips.length === 0) equal('the first position', first?.pos, 0);
        else {
          like('what is declared', skips[0], { fromPos: 0, toPos: first?.pos });
          that('how much', Number(skips[0]?.toPos) <= at(7_000), skips[0], 'no more than had to be dropped');
        }
      },
    },
    {
      name: 'no audio comes before a skip is answered',
      ids: ['R-SEND-8'],
      ringMs: 5_000,
      run: async (context) => {
        const { begin, record, session, server } = context;
        await begin();
        server.relay.cut();
        record(12_000);
        const second = await server.connection();
        await session.accept(second);
        const handled = second.onSaid;
        let answer: (() => void) | undefined;
        second.onSaid = (said) => {
          if (said.event === 'skip' && !answer) answer = () => handled(said);
          else handled(said);
        };
        await second.until('audio or skip', () => second.said.find(({ event }) => event !== 'start'));
        await pause(MEANWHILE_MS);
        if (answer) equal('audio before the answer', session.framesOf(second), []);
        answer?.();
        await session.received(second, at(12_000), 60_000);
      },
    },
    {
      name: 'only PCM comes where the answer does not take anything else',
      ids: ['R-SEND-9'],
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        await begin();
        server.relay.cut();
        record(10_000);
        const second = await resumed();
        await session.received(second, at(10_000));
        for (const { encoding } of session.framesOf(second)) equal('an encoding', encoding, 'pcm');
      },
    },
    {
      name: 'what is encoded is encoded as the answer takes it, and whole',
      ids: ['R-SEND-9', 'R-SEND-2'],
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        session.encodings = ['adpcm'];
        await begin();
        server.relay.cut();
        record(10_000);
        const second = await resumed();
        await session.received(second, at(10_000));
        beginsAt(context, second, 0);
        for (const { encoding } of session.framesOf(second))
          that('an encoding', encoding === 'pcm' || encoding === 'adpcm', encoding, 'pcm or adpcm');
      },
    },
    {
      name: 'audio that could not be decoded comes again as PCM',
      ids: ['R-SEND-10'],
      run: async (context) => {
        const { begin, record, session, server, resumed } = context;
        session.encodings = ['adpcm'];
        await begin();
        server.relay.cut();
        record(10_000);
        session.confirms = false;
        const second = await resumed();
        await second.until('audio', () => session.framesOf(second)[0]);
        if (session.framesOf(second)[0]?.encoding !== 'adpcm')
          throw new NotApplicable('the client sends PCM only');
        session.nextPos = 0;
        second.emit('error', { ...gap(session.sessionId, 0), code: 'BAD_AUDIO', retriable: false });
        session.confirms = true;
        const told = session.framesOf(second).length;
        const third = await server.connection().then(
          async (peer) => {
            await session.accept(peer, { nextPos: 0 });
            return peer;
          },
          () => second,
        );
        await session.received(third, at(10_000));
        const again = third === second ? session.framesOf(second).slice(told) : session.framesOf(third);
        equal('the first position', again[0]?.pos, 0);
        for (const { encoding } of again) equal('an encoding', encoding, 'pcm');
      },
    },
  ]),
  ...recommended<ClientCase>([
    {
      name: 'what is sent and not confirmed is bounded',
      ids: ['R-SEND-11'],
      run: async ({ begin, record, session }) => {
        session.confirms = false;
        const peer = await begin();
        record(60_000);
        await pause(3_000);
        const bytes = session.framesOf(peer).reduce((sum, frame) => sum + frame.bytes, 0);
        that('bytes', bytes > 0 && bytes <= 160_000, bytes, 'at most 160,000');
      },
    },
  ]),
];

function gap(sessionId: string, nextPos: number) {
  return { code: 'AUDIO_GAP', message: '音频不连续', retriable: true, sessionId, nextPos };
}
