import { required } from '../case.ts';
import { equal, like } from '../check.ts';
import type { ClientCase } from './context.ts';

export const SHOW_CASES: ClientCase[] = required<ClientCase>([
  {
    name: 'an interim result is replaced by the next one of its index',
    ids: ['R-SHOW-1'],
    run: async ({ begin, session, showsLines }) => {
      const peer = await begin();
      session.result(peer, 0, '今', false);
      await showsLines('今');
      session.result(peer, 0, '今天', false);
      await showsLines('今天');
      session.result(peer, 0, '今天好', true);
      await showsLines('今天好');
    },
  },
  {
    name: 'sentences are shown one behind the other',
    ids: ['R-SHOW-1'],
    run: async ({ begin, session, showsLines, client }) => {
      const peer = await begin();
      session.result(peer, 0, '一', true);
      session.result(peer, 1, '二', true);
      session.result(peer, 2, '三', false);
      await showsLines('一', '二', '三');
      like('the lines', client.lines(), [
        { index: 0, final: true },
        { index: 1, final: true },
        { index: 2, final: false },
      ]);
    },
  },
  {
    name: 'a result is put at its index, whenever it comes',
    ids: ['R-SHOW-1'],
    run: async ({ begin, session, showsLines }) => {
      const peer = await begin();
      session.result(peer, 1, '二', true);
      session.result(peer, 2, '三', true);
      session.result(peer, 0, '一', true);
      await showsLines('一', '二', '三');
    },
  },
  {
    name: 'an empty text takes a sentence back',
    ids: ['R-SHOW-1'],
    run: async ({ begin, session, showsLines }) => {
      const peer = await begin();
      session.result(peer, 0, '一', true);
      session.result(peer, 1, '咳', false);
      await showsLines('一', '咳');
      session.result(peer, 1, '', false);
      await showsLines('一');
      session.result(peer, 1, '二', true);
      await showsLines('一', '二');
    },
  },
  {
    name: 'a final sentence is not replaced by a late interim result',
    ids: ['R-SHOW-2'],
    run: async ({ begin, session, showsLines, client }) => {
      const peer = await begin();
      session.result(peer, 0, '今天好', true);
      session.result(peer, 0, '今', false);
      session.result(peer, 1, '二', true);
      await showsLines('今天好', '二');
      like('the line', client.lines()[0], { final: true });
    },
  },
  {
    name: 'a final sentence that comes twice is shown once',
    ids: ['R-SHOW-2'],
    run: async ({ begin, session, showsLines }) => {
      const peer = await begin();
      for (let i = 0; i < 3; i++) session.result(peer, 0, '一', true);
      session.result(peer, 1, '二', true);
      await showsLines('一', '二');
    },
  },
  {
    name: 'what is not stored is dropped after a resumption, and comes again',
    ids: ['R-SHOW-3'],
    run: async ({ begin, session, server, resumed, showsLines }) => {
      const first = await begin();
      session.result(first, 0, '一', true);
      session.settle(first, 0);
      session.result(first, 1, '二', true);
      session.result(first, 2, '三', false);
      await showsLines('一', '二', '三');
      server.relay.cut();
      const second = await resumed({ nextIndex: 1, settledIndex: 0 });
      await showsLines('一');
      session.result(second, 1, '贰', true);
      await showsLines('一', '贰');
    },
  },
  {
    name: 'stored sentences that come again are shown once',
    ids: ['R-SHOW-3', 'R-SHOW-2'],
    run: async ({ begin, session, server, resumed, showsLines }) => {
      const first = await begin();
      session.result(first, 0, '一', true);
      session.result(first, 1, '二', true);
      await showsLines('一', '二');
      server.relay.cut();
      const second = await resumed({ nextIndex: 2, settledIndex: 1 });
      session.result(second, 0, '一', true);
      session.result(second, 1, '二', true);
      session.result(second, 2, '三', true);
      await showsLines('一', '二', '三');
    },
  },
  {
    name: 'a sentence that came to nobody is shown after the resumption',
    ids: ['R-SHOW-3'],
    run: async ({ begin, session, server, resumed, showsLines }) => {
      const first = await begin();
      session.result(first, 0, '一', true);
      await showsLines('一');
      server.relay.cut();
      const second = await resumed({ nextIndex: 2, settledIndex: 1 });
      session.result(second, 1, '二', true);
      await showsLines('一', '二');
    },
  },
  {
    name: 'results of another session are ignored',
    ids: ['R-SHOW-4'],
    run: async ({ begin, session, showsLines }) => {
      const peer = await begin();
      session.result(peer, 0, '一', true);
      session.result(peer, 1, '别人的', true, { sessionId: 'another-session' });
      session.result(peer, 1, '二', true);
      await showsLines('一', '二');
    },
  },
  {
    name: 'a completed of another session ends nothing',
    ids: ['R-SHOW-4'],
    run: async ({ begin, session, showsLines, client }) => {
      const peer = await begin();
      peer.emit('completed', {
        ...session.stopAnswer(),
        sessionId: 'another-session',
        id: 'x',
        state: 'completed',
      });
      session.result(peer, 0, '一', true);
      await showsLines('一');
      equal('the state', client.state(), 'working');
    },
  },
  {
    name: 'events that nobody knows and contents that nobody can read disturb nothing',
    ids: ['R-SHOW-4'],
    run: async ({ begin, session, record, showsLines, client }) => {
      const peer = await begin();
      const { sessionId } = session;
      peer.emit('future', { sessionId, value: [1] });
      peer.emit('result', { sessionId });
      peer.emit('result', { sessionId, index: 'zero', text: 7, final: 'yes' });
      peer.emit('progress', { sessionId });
      peer.emit('progress', { sessionId, nextPos: 'a', committedPos: null, limitPos: {}, settledIndex: [] });
      peer.emit('error', {});
      peer.emit('queue', { sessionId });
      session.result(peer, 0, '一', true, { future: true });
      await showsLines('一');
      record(200);
      await session.received(peer, 3_200);
      equal('the state', client.state(), 'working');
    },
  },
  {
    name: 'a queue is no end: recording and sending go on',
    ids: ['R-SHOW-4'],
    run: async ({ begin, session, record, showsLines }) => {
      const peer = await begin();
      peer.emit('queue', { sessionId: session.sessionId, place: 3, waitMs: 20_000 });
      record(500);
      await session.received(peer, 8_000);
      peer.emit('queue', { sessionId: session.sessionId, place: 0, waitMs: 0 });
      session.result(peer, 0, '一', true);
      await showsLines('一');
    },
  },
  {
    name: 'an interim result does not stay behind completed',
    ids: ['R-SHOW-5'],
    run: async ({ begin, session, showsLines, client, shows }) => {
      const peer = await begin();
      session.result(peer, 0, '一', true);
      session.result(peer, 1, '未', false);
      await showsLines('一', '未');
      const stopped = client.stop();
      await stopped;
      await showsLines('一');
      await shows(
        'it has ended',
        () => client.state() === 'ended',
        () => client.state(),
      );
    },
  },
]);
