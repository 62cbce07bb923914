import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import type { Channel, RequestOutcome } from './container-connection.ts';
import { STREAM_TABLE, Stream } from './stream.ts';

type State = (typeof STREAM_TABLE.states)[number];
type Event = (typeof STREAM_TABLE.events)[number];

const RATE_HZ = 16_000;
const ACCEPTED = {
  state: 'live',
  nextPos: 0,
  committedPos: 0,
  limitPos: 30 * RATE_HZ,
  nextIndex: 0,
  settledIndex: -1,
};

/** A recording of nothing, and what it sends. */
function setUp() {
  const sent: string[] = [];
  const answers: ((outcome: RequestOutcome) => void)[] = [];
  const ignored = () => {};
  const connection = { refused: ignored, draining: ignored, reconnect: ignored, worked: ignored };
  const stream = new Stream(
    { sessionId: 'session-0001', clientId: 'client-0001', rateHz: RATE_HZ, options: {} },
    { clock: new FakeClock(), connection },
    {
      accepted: () => sent.push('accepted'),
      completed: ignored,
      cancelled: ignored,
      warning: ignored,
      linesChanged: ignored,
      numbersChanged: ignored,
      lost: ignored,
    },
  );
  /** Delivers nothing once another one, or none, is attached: as `ContainerConnection` makes it. */
  let current: Channel | null = null;
  const events: Record<Event, () => void> = {
    attach() {
      const channel: Channel = {
        emit: (name) => sent.push(name),
        request(name, _args, _timeoutMs, done) {
          sent.push(name);
          answers.push((outcome) => channel === current && done(outcome));
        },
      };
      current = channel;
      stream.attach(channel);
    },
    accepted() {
      for (const answer of answers.splice(0)) answer({ answered: true, answer: ACCEPTED });
    },
    stop: () => stream.stop(),
    cancel: () => stream.cancel(),
    detach() {
      current = null;
      stream.detach();
    },
  };
  return { stream, sent, events };
}

const PATH: Record<State, readonly Event[]> = {
  offline: [],
  starting: ['attach'],
  streaming: ['attach', 'accepted'],
  closing: ['attach', 'accepted', 'cancel'],
};
/** What an event sends, beside `start` at every `attach` and the report of every answer to it. */
const REQUESTS: Partial<Record<Event, Partial<Record<State, string[]>>>> = {
  stop: { streaming: ['stop'] },
  cancel: { streaming: ['cancel'], closing: ['cancel'] },
};

function inState(state: State) {
  const rig = setUp();
  for (const event of PATH[state]) rig.events[event]();
  expect(rig.stream.state).toBe(state);
  rig.sent.length = 0;
  return rig;
}

describe.each(STREAM_TABLE.states)('a stream in the state %s', (state) => {
  it.each(STREAM_TABLE.events)('%s is decided, and does what the table says', (event) => {
    const next = STREAM_TABLE.next(state, event);
    expect([...STREAM_TABLE.states, 'none']).toContain(next);
    const { stream, sent, events } = inState(state);
    // `start` is answered once: later its answer cannot come
    if (event === 'accepted' && state === 'closing') return;
    events[event]();
    expect(stream.state).toBe(next === 'none' ? state : next);
    if (event === 'attach') expect(sent).toEqual(['start']);
    else if (event === 'accepted') expect(sent).toEqual(next === 'streaming' ? ['accepted'] : []);
    else expect(sent).toEqual(REQUESTS[event]?.[state] ?? []);
  });

  it.each(['stop', 'cancel'] as const)(
    '%s is sent once `start` is answered, whenever it was asked',
    (event) => {
      const { sent, events } = inState(state);
      if (state === 'closing' && event === 'stop') return;
      events[event]();
      if (state === 'offline') events.attach();
      events.accepted();
      expect(sent.at(-1)).toBe(event);
    },
  );
});
