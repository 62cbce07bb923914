import { describe, expect, it } from 'vitest';
import { VoiceError, type WireError } from '../../../contract/errors.ts';
import { FakeClock, flushPromises } from '../../../lib/fake-clock.ts';
import { ScriptedServer, type ScriptedTask } from '../../client/testing/scripted-server.ts';
import {
  type Channel,
  CONNECTION_TABLE,
  ContainerConnection,
  containerClient,
  type RequestOutcome,
} from './container-connection.ts';
import { LocalError } from './local-errors.ts';

const NSP = '/realtime-voice';

/** A connection over the real client, whose sockets go on talking after they were closed. */
function setUp(get: () => Promise<string> = async () => 'ticket') {
  const clock = new FakeClock();
  const server = new ScriptedServer();
  const received: string[] = [];
  const failures: WireError[] = [];
  const channels: Channel[] = [];
  const tickets = { get, invalidate: () => received.push('invalidate') };
  const address = { service: 'first', dial: server.dial, platform: null };
  const connection: ContainerConnection = new ContainerConnection(
    { createClient: containerClient(() => address), tickets, clock, random: () => 0.5 },
    {
      connected: (channel) => {
        channels.push(channel);
        received.push('connected');
      },
      disconnected: (reason) => received.push(`disconnected ${reason}`),
      event: (name) => received.push(name),
      failed: (error) => failures.push(error),
      attempting: () => received.push(`attempt ${connection.attempt}`),
      retrying: () => {},
    },
  );
  /** Lets the newest dial succeed. */
  const accept = async (): Promise<ScriptedTask> => {
    const task = await server.task();
    task.handshake();
    await flushPromises();
    task.welcome(NSP);
    return task;
  };
  return { clock, server, address, received, failures, channels, connection, accept };
}

async function connected() {
  const it = setUp();
  it.connection.open();
  const task = await it.accept();
  return { ...it, task };
}

const refusal = (error: WireError): string =>
  `44${NSP},${JSON.stringify({ message: error.message, data: error })}`;

describe('the connection to the container', () => {
  it('is one at a time, and nothing of another one is delivered', async () => {
    const { clock, server, received, channels, connection, accept, task } = await connected();
    connection.reconnect('silent');
    expect(task.closed).toBe(true);
    await clock.advance(1_000);
    const second = await accept();
    received.length = 0;
    task.deliver(`42${NSP},["result",{}]`, refusal(new VoiceError('BUSY').toWire()), `40${NSP},{"sid":"x"}`);
    task.drop();
    expect(received).toEqual([]);
    expect(server.tasks).toHaveLength(2);
    second.deliver(`42${NSP},["result",{}]`);
    expect(received).toEqual(['result']);
    expect(channels).toHaveLength(2);
  });

  it('waits longer after every failure, with a limit', async () => {
    const { clock, server, connection } = setUp();
    server.refuseWith = { errMsg: 'websocket error' };
    connection.open();
    await flushPromises();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const from = clock.now();
      const before = server.requests.length;
      await clock.until(() => server.requests.length > before);
      waits.push(Math.round((clock.now() - from) / 100) * 100);
    }
    expect(waits).toEqual([300, 600, 1_200, 1_500, 1_500, 1_500, 1_500, 1_500]);
  });

  it('begins with short waits again after something worked', async () => {
    const { clock, server, received, connection, accept, task } = await connected();
    let newest = task;
    for (let drop = 0; drop < 4; drop++) {
      newest.drop();
      await clock.advance(10_000);
      newest = await accept();
    }
    expect(connection.attempt).toBe(4);
    connection.worked();
    expect(connection.attempt).toBe(0);
    expect(received.at(-1)).toBe('attempt 0');
    const dials = server.tasks.length;
    newest.drop();
    await clock.advance(350);
    expect(server.tasks).toHaveLength(dials + 1);
  });

  it('gives up a dial that never opens, and a namespace that never answers', async () => {
    for (const handshake of [false, true]) {
      const { clock, server, connection } = setUp();
      connection.open();
      const first = await server.task();
      if (handshake) first.handshake({ pingInterval: 60_000 });
      await clock.advance(20_500);
      expect(server.tasks).toHaveLength(2);
      expect(first.closed).toBe(true);
    }
  });

  it('gives up a ticket that never comes', async () => {
    let asked = 0;
    const { clock, server, connection } = setUp(() => {
      asked += 1;
      return new Promise(() => {});
    });
    connection.open();
    (await server.task()).handshake({ pingInterval: 60_000 });
    await flushPromises();
    const before = asked;
    await clock.advance(20_500);
    (await server.task()).handshake();
    await flushPromises();
    expect(asked).toBe(before + 1);
  });

  it('asks for a ticket at every connection, and where the settings say that the container is', async () => {
    let asked = 0;
    const { clock, server, address, connection, accept } = setUp(async () => `ticket-${asked++}`);
    connection.open();
    const first = await accept();
    expect(first.sent).toContain(`40${NSP},{"ticket":"ticket-1"}`);
    address.service = 'second';
    first.drop();
    await clock.advance(300);
    expect((await accept()).sent).toContain(`40${NSP},{"ticket":"ticket-2"}`);
    expect(server.requests.map(({ service }) => service)).toEqual(['first', 'second']);
  });

  it('tries again for a ticket where the network is at code, and fails where nothing helps', async () => {
    const errors = [new LocalError('NETWORK'), new LocalError('NETWORK')];
    const { clock, server, failures, connection } = setUp(async () => {
      throw errors.shift() ?? new LocalError('FUNCTION_NOT_FOUND', 'ticket');
    });
    connection.open();
    (await server.task()).handshake();
    await clock.advance(100);
    expect(failures).toEqual([]);
    await clock.advance(1_000);
    (await server.task()).handshake();
    await flushPromises();
    expect(failures).toMatchObject([
      { code: 'UNAUTHENTICATED', retriable: false, detail: 'FUNCTION_NOT_FOUND: ticket' },
    ]);
  });

  it('does not wait for the container where no ticket can ever be had', async () => {
    const { server, failures, connection } = setUp(async () => {
      throw new LocalError('CLOUD_NOT_READY');
    });
    server.gate = new Promise(() => {});
    connection.open();
    await flushPromises();
    expect(failures).toMatchObject([{ code: 'UNAUTHENTICATED', detail: 'CLOUD_NOT_READY' }]);
  });

  it('dials no more once it is closed', async () => {
    const { clock, server, received, connection, task } = await connected();
    connection.reconnect('silent');
    connection.close();
    received.length = 0;
    connection.reconnect('silent');
    connection.refused(new VoiceError('BUSY').toWire(), 'start');
    task.drop();
    await clock.advance(60_000);
    expect(server.tasks).toHaveLength(1);
    expect(received).toEqual([]);
  });

  it('takes what the server asks for as the least wait', async () => {
    const { clock, server, connection } = await connected();
    connection.refused(new VoiceError('BUSY', { retryAfterMs: 5_000 }).toWire(), 'start');
    await clock.advance(4_900);
    expect(server.tasks).toHaveLength(1);
    await clock.advance(200);
    expect(server.tasks).toHaveLength(2);
  });

  it('counts one loss once, however many signs of it there are', async () => {
    const { server, connection } = setUp();
    connection.open();
    const task = await server.task();
    task.handshake();
    await flushPromises();
    task.error('websocket error');
    task.drop();
    expect(connection.attempt).toBe(1);
  });

  it('sends nothing ahead of the next start that was kept for an overdue connection', async () => {
    const { clock, channels, accept, task } = await connected();
    clock.freeze(60_000);
    channels[0]?.emit('audio', 0, new ArrayBuffer(2));
    channels[0]?.emit('audio', 1, new ArrayBuffer(2));
    await clock.advance(1_000);
    expect(task.closed).toBe(true);
    const second = await accept();
    expect(second.sent).toEqual([`40${NSP},{"ticket":"ticket"}`]);
  });
});

describe('a channel', () => {
  it('delivers no answers and sends nothing once its connection is lost', async () => {
    const { clock, channels, connection, accept, task } = await connected();
    const outcomes: RequestOutcome[] = [];
    const ask = (channel: Channel | undefined) =>
      channel?.request('stop', [], 1_000, (o) => outcomes.push(o));
    ask(channels[0]);
    connection.reconnect('silent');
    await clock.advance(300);
    const second = await accept();
    second.take();
    task.deliver(`43${NSP},0[{"id":"old"}]`);
    channels[0]?.emit('audio', 0);
    ask(channels[0]);
    await clock.advance(2_000);
    expect(outcomes).toEqual([]);
    expect(second.take()).toEqual([]);
    ask(channels[1]);
    second.deliver(`43${NSP},1[{"id":"new"}]`);
    expect(outcomes).toEqual([{ answered: true, answer: { id: 'new' } }]);
  });
});

describe('the table of states and events', () => {
  type Rig = ReturnType<typeof setUp> & { task?: ScriptedTask };
  type State = (typeof CONNECTION_TABLE.states)[number];
  type Event = (typeof CONNECTION_TABLE.events)[number];

  const IN_STATE: Record<State, () => Promise<Rig>> = {
    closed: async () => setUp(),
    connecting: async () => {
      const rig = setUp();
      rig.connection.open();
      await rig.server.task();
      return rig;
    },
    connected,
    draining: async () => {
      const rig = await connected();
      rig.connection.draining(10_000);
      return rig;
    },
    waiting: async () => {
      const rig = await connected();
      rig.connection.reconnect('lost');
      return rig;
    },
  };
  const BRING_ABOUT: Record<Event, (rig: Rig) => unknown> = {
    open: ({ connection }) => connection.open(),
    attempt: ({ clock }) => clock.advance(1_000),
    connected: ({ accept }) => accept(),
    draining: ({ connection }) => connection.draining(10_000),
    lost: ({ connection }) => connection.reconnect('lost'),
    close: ({ connection }) => connection.close(),
  };
  /** The client dials and connects only by itself, and after an attempt. */
  const CANNOT_HAPPEN: Partial<Record<Event, readonly State[]>> = {
    attempt: ['closed', 'connecting', 'connected', 'draining'],
    connected: ['closed', 'connected', 'draining', 'waiting'],
  };

  describe.each(CONNECTION_TABLE.states)('in the state %s', (state) => {
    it.each(CONNECTION_TABLE.events)('%s is decided, and does what the table says', async (event) => {
      const next = CONNECTION_TABLE.next(state, event);
      expect([...CONNECTION_TABLE.states, 'none']).toContain(next);
      if (CANNOT_HAPPEN[event]?.includes(state)) return;
      const rig = await IN_STATE[state]();
      expect(rig.connection.state).toBe(state);
      rig.received.length = 0;
      await BRING_ABOUT[event](rig);
      expect(rig.connection.state).toBe(next === 'none' ? state : next);
      // a connection that will be made again is reported with its reason, once
      const reported = rig.received.filter((line) => line.startsWith('disconnected'));
      const had = state === 'connected' || state === 'draining';
      const reason = state === 'draining' ? 'DRAINING' : 'lost';
      expect(reported).toEqual(had && next === 'waiting' ? [`disconnected ${reason}`] : []);
    });
  });
});
