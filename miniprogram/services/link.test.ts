import { describe, expect, it } from 'vitest';
import { VoiceError, type WireError } from '../../contract/errors.ts';
import { FakeClock } from '../../lib/fake-clock.ts';
import { Conversation } from './conversation.ts';
import { Link } from './link.ts';
import { LocalError } from './local-errors.ts';
import type { Connection, ConnectionHandlers, Dial, Outcome } from './transport.ts';

interface Call extends ConnectionHandlers {
  closed(reason: string): void;
  open: boolean;
}

/** A dialler by hand: its connections go on talking after they were closed, which a link must survive. */
function setUp(get: () => Promise<string> = async () => 'ticket') {
  const clock = new FakeClock();
  const calls: Call[] = [];
  const dial: Dial = (_ticket, handlers) => {
    const call: Call = { ...handlers, open: true };
    calls.push(call);
    const close = () => {
      call.open = false;
    };
    return { emit: () => {}, request: () => {}, close } satisfies Connection;
  };
  const told: string[] = [];
  const failures: WireError[] = [];
  const tickets = { get, invalidate: () => told.push('invalidate') };
  const link = new Link(
    { dial, tickets, clock, random: () => 0.5 },
    {
      up: () => told.push('up'),
      down: (reason) => told.push(`down ${reason}`),
      event: (name) => told.push(name),
      failed: (error) => failures.push(error),
      attempting: (attempt) => told.push(`attempt ${attempt}`),
    },
  );
  return { clock, calls, told, failures, link };
}

async function upOnce() {
  const rig = setUp();
  rig.link.open();
  await rig.clock.advance(0);
  rig.calls[0]?.opened();
  return rig;
}

describe('the link', () => {
  it('has one connection at a time, and hears no other', async () => {
    const { clock, calls, told, link } = await upOnce();
    const [first] = calls;
    link.again('silent');
    expect(first?.open).toBe(false);
    await clock.advance(1_000);
    calls[1]?.opened();
    told.length = 0;
    first?.event('result', {});
    first?.closed('transport close');
    first?.refused(null, 'late');
    first?.opened();
    expect(told).toEqual([]);
    expect(calls).toHaveLength(2);
    calls[1]?.event('result', {});
    expect(told).toEqual(['result']);
  });

  it('waits longer after every failure, with a limit', async () => {
    const { clock, calls, link } = setUp();
    link.open();
    await clock.advance(0);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const from = clock.now();
      calls.at(-1)?.refused(null, 'websocket error');
      const before = calls.length;
      await clock.until(() => calls.length > before);
      waits.push(Math.round((clock.now() - from) / 100) * 100);
    }
    expect(waits).toEqual([300, 600, 1_200, 2_400, 3_000, 3_000, 3_000, 3_000]);
  });

  it('begins with short waits again after something worked', async () => {
    const { clock, calls, told, link } = await upOnce();
    for (let drop = 0; drop < 4; drop++) {
      calls.at(-1)?.closed('transport close');
      await clock.advance(10_000);
      calls.at(-1)?.opened();
    }
    expect(link.attempt).toBe(4);
    link.worked();
    expect(link.attempt).toBe(0);
    expect(told.at(-1)).toBe('attempt 0');
    const dials = calls.length;
    calls.at(-1)?.closed('transport close');
    await clock.advance(350);
    expect(calls).toHaveLength(dials + 1);
  });

  it('gives up a connection that never opens', async () => {
    const { clock, calls, link } = setUp();
    link.open();
    await clock.advance(20_500);
    expect(calls).toHaveLength(2);
    expect(calls[0]?.open).toBe(false);
  });

  it('gives up a ticket that never comes', async () => {
    let asked = 0;
    const { clock, link } = setUp(() => {
      asked += 1;
      return new Promise(() => {});
    });
    link.open();
    await clock.advance(20_500);
    expect(asked).toBe(2);
  });

  it('tries again for a ticket where the network is at fault, and fails where nothing helps', async () => {
    const errors = [new LocalError('NETWORK'), new LocalError('FUNCTION_NOT_FOUND', 'ticket')];
    const { clock, failures, link } = setUp(async () => {
      throw errors.shift();
    });
    link.open();
    await clock.advance(100);
    expect(failures).toEqual([]);
    await clock.advance(1_000);
    expect(failures).toMatchObject([
      { code: 'UNAUTHENTICATED', retriable: false, detail: 'FUNCTION_NOT_FOUND: ticket' },
    ]);
  });

  it('dials no more once it is closed', async () => {
    const { clock, calls, told, link } = await upOnce();
    link.again('silent');
    link.close();
    told.length = 0;
    link.again('silent');
    link.wake();
    calls[0]?.closed('late');
    await clock.advance(60_000);
    expect(calls).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it('takes what the server asks for as the least wait', async () => {
    const { clock, calls, link } = await upOnce();
    link.refused(new VoiceError('BUSY', { retryAfterMs: 5_000 }).toWire(), 'start');
    await clock.advance(4_900);
    expect(calls).toHaveLength(1);
    await clock.advance(200);
    expect(calls).toHaveLength(2);
  });
});

describe('a conversation', () => {
  it('does not hear the answers of an earlier connection', () => {
    const answers: ((outcome: Outcome) => void)[] = [];
    const heard: unknown[] = [];
    const connection = (): Connection => ({
      emit: () => {},
      request: (_event, _args, _timeoutMs, done) => answers.push(done),
      close: () => {},
    });
    const talk = new Conversation({
      heard: () => heard.push('heard'),
      refused: (error) => heard.push(error),
      broken: (reason) => heard.push(reason),
    });
    const ask = () =>
      talk.ask(
        'stop',
        [],
        1_000,
        (answer) => answer,
        (answer) => heard.push(answer),
      );
    talk.use(connection());
    ask();
    talk.use(connection());
    answers[0]?.({ answered: true, answer: { id: 'old' } });
    answers[0]?.({ answered: false, why: 'closed' });
    expect(heard).toEqual([]);
    ask();
    answers[1]?.({ answered: true, answer: { id: 'new' } });
    expect(heard).toEqual(['heard', { id: 'new' }]);
  });
});
