import { at } from '../audio.ts';
import { required } from '../case.ts';
import { equal, like, pause, that, within } from '../check.ts';
import type { ClientCase, ClientContext } from './context.ts';

const END_WITHIN_MS = 30_000;
/** Long enough for a client that comes back although it should not. */
const MEANWHILE_MS = 4_000;

/** It has come to an end and does not come back. */
async function staysAway({ server }: ClientContext): Promise<void> {
  const before = server.handshakes.length;
  await pause(MEANWHILE_MS);
  equal('handshakes', server.handshakes.length, before);
}

/** The session turns out to have ended while the client was away. */
const endedAs =
  (state: 'completed' | 'interrupted') =>
  async (context: ClientContext): Promise<void> => {
    const { begin, record, session, server, client, showsLines, shows } = context;
    const first = await begin();
    record(1_000);
    await session.received(first, at(1_000));
    server.relay.cut();
    record(500);
    session.nextIndex = 2;
    session.settledIndex = 1;
    const ended = { nextPos: at(1_000), committedPos: at(1_000), limitPos: at(1_000) };
    const second = await server.connection();
    await session.accept(second, { state, ...ended });
    session.result(second, 0, '一', true);
    session.result(second, 1, '二', true);
    session.completed(second, state);
    await showsLines('一', '二');
    await shows(
      'it has ended',
      () => client.state() === 'ended',
      () => client.state(),
    );
    equal('audio', session.framesOf(second), []);
    like('its result', await within(client.stop(), END_WITHIN_MS, 'stop'), {
      sentences: 2,
      durationMs: 1_000,
    });
    await staysAway(context);
  };

export const END_CASES: ClientCase[] = required<ClientCase>([
  {
    name: 'stop says how long the recording is, behind all of its audio',
    ids: ['R-END-1'],
    run: async ({ begin, record, client, session }) => {
      const peer = await begin();
      record(5_000);
      const stopped = client.stop();
      const { payload } = await peer.next('stop');
      like('stop', payload, { endPos: at(5_000) });
      equal('received before it', session.nextPos, at(5_000));
      like('its result', await within(stopped, END_WITHIN_MS, 'stop'), { durationMs: 5_000 });
    },
  },
  {
    name: 'a recording without audio can be stopped',
    ids: ['R-END-1'],
    run: async ({ begin, client }) => {
      const peer = await begin();
      const stopped = client.stop();
      like('stop', (await peer.next('stop')).payload, { endPos: 0 });
      like('its result', await within(stopped, END_WITHIN_MS, 'stop'), { sentences: 0 });
    },
  },
  {
    name: 'stop waits for room where the audio has none',
    ids: ['R-END-1', 'R-SEND-3'],
    run: async ({ begin, record, client, session }) => {
      session.limitPos = at(1_000);
      const peer = await begin();
      record(2_000);
      const stopped = client.stop();
      await session.received(peer, at(1_000));
      await pause(500);
      equal('stop so far', peer.said.filter(({ event }) => event === 'stop').length, 0);
      session.limitPos = at(60_000);
      session.progress(peer);
      like('stop', (await peer.next('stop')).payload, { endPos: at(2_000) });
      await within(stopped, END_WITHIN_MS, 'stop');
    },
  },
  {
    name: 'a recording that is stopped without a connection is delivered',
    ids: ['R-END-1', 'R-END-2'],
    run: async ({ begin, record, client, session, server, resumed }) => {
      const first = await begin();
      record(500);
      await session.received(first, at(500));
      server.relay.cut();
      record(1_000);
      const stopped = client.stop();
      const second = await resumed();
      like('stop', (await second.next('stop')).payload, { endPos: at(1_500) });
      equal('received before it', session.nextPos, at(1_500));
      like('its result', await within(stopped, END_WITHIN_MS, 'stop'), { durationMs: 1_500 });
    },
  },
  {
    name: 'stop is said again where its answer was lost',
    ids: ['R-END-2'],
    run: async ({ begin, record, client, session, server, resumed }) => {
      session.answersStop = false;
      const first = await begin();
      record(1_000);
      const stopped = client.stop();
      await first.next('stop');
      server.relay.cut();
      session.answersStop = true;
      const second = await resumed();
      like('stop', (await second.next('stop')).payload, { endPos: at(1_000) });
      like('its result', await within(stopped, END_WITHIN_MS, 'stop'), { durationMs: 1_000 });
    },
  },
  {
    name: 'stop is said again after every one of three losses',
    ids: ['R-END-2'],
    run: async ({ begin, record, client, session, server, resumed }) => {
      session.answersStop = false;
      let peer = await begin();
      record(300);
      const stopped = client.stop();
      for (let i = 0; i < 3; i++) {
        await peer.next('stop');
        server.relay.cut();
        session.answersStop = i === 2;
        peer = await resumed();
      }
      await within(stopped, END_WITHIN_MS, 'stop');
    },
  },
  {
    name: 'completed is enough, without the answer to stop',
    ids: ['R-END-2'],
    run: async ({ begin, record, client, session }) => {
      session.answersStop = false;
      const peer = await begin();
      record(1_000);
      const stopped = client.stop();
      await peer.next('stop');
      session.completed(peer);
      like('its result', await within(stopped, END_WITHIN_MS, 'stop'), { durationMs: 1_000 });
    },
  },
  {
    name: 'the answer to stop is enough, without completed',
    ids: ['R-END-2'],
    run: async ({ begin, record, client, session }) => {
      session.answersStop = false;
      const peer = await begin();
      record(1_000);
      const stopped = client.stop();
      (await peer.next('stop')).answer(session.stopAnswer());
      like('its result', await within(stopped, END_WITHIN_MS, 'stop'), { durationMs: 1_000 });
    },
  },
  {
    name: 'a session that was completed meanwhile ends the recording, with its sentences',
    ids: ['R-END-3'],
    run: endedAs('completed'),
  },
  {
    name: 'a session that was interrupted meanwhile ends the recording, with its sentences',
    ids: ['R-END-3'],
    run: endedAs('interrupted'),
  },
  {
    name: 'cancel is said, no stop, and no audio behind it',
    ids: ['R-END-4', 'R-END-5'],
    run: async (context) => {
      const { begin, record, client, session, shows } = context;
      const peer = await begin();
      record(1_000);
      await session.received(peer, at(1_000));
      const cancelled = client.cancel();
      record(1_000);
      await peer.next('cancel');
      await within(cancelled, END_WITHIN_MS, 'cancel');
      await shows(
        'it has ended',
        () => client.state() === 'ended',
        () => client.state(),
      );
      await peer.closed();
      const order = peer.said.map(({ event }) => event);
      equal('behind cancel', order.slice(order.indexOf('cancel') + 1), []);
      that('stop', !order.includes('stop'), order);
      await staysAway(context);
    },
  },
  {
    name: 'cancel is said again where its answer was lost',
    ids: ['R-END-4'],
    run: async ({ begin, record, client, session, server, resumed }) => {
      session.answersStop = false;
      const first = await begin();
      record(1_000);
      await session.received(first, at(1_000));
      const cancelled = client.cancel();
      await first.next('cancel');
      server.relay.cut();
      session.answersStop = true;
      const second = await resumed();
      await second.next('cancel');
      await within(cancelled, END_WITHIN_MS, 'cancel');
      equal('audio on the second connection', session.framesOf(second), []);
    },
  },
  {
    name: 'it leaves after the end, and does not come back',
    ids: ['R-END-5'],
    run: async (context) => {
      const { begin, record, client } = context;
      const peer = await begin();
      record(300);
      await within(client.stop(), END_WITHIN_MS, 'stop');
      await peer.closed();
      await staysAway(context);
    },
  },
]);
