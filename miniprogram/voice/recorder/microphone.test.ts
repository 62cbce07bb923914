import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { FakeManager } from '../testing/fake-manager.ts';
import { MICROPHONE_TABLE, Microphone } from './microphone.ts';
import { SharedRecorder } from './shared-recorder.ts';

type State = (typeof MICROPHONE_TABLE.states)[number];
type Event = (typeof MICROPHONE_TABLE.events)[number];

/** A microphone whose phone answers only when the test says so, and what it reports. */
function setUp() {
  const fake = new FakeManager();
  fake.prompt = false;
  const reported: string[] = [];
  const microphone = new Microphone(
    { shared: new SharedRecorder(fake.manager), clock: new FakeClock() },
    { sampleRateHz: 16_000 },
    {
      opened: () => reported.push('opened'),
      frame: () => {},
      closed: (unexpected) => reported.push(unexpected ? 'closed unexpectedly' : 'closed'),
      openFailed: () => reported.push('openFailed'),
      error: () => reported.push('error'),
      paused: () => {},
      interruption: () => {},
    },
  );
  microphone.acquire();
  const events: Record<Event, () => void> = {
    open: () => microphone.open(),
    started: () => fake.started(),
    openFailed: () => fake.failed('no microphone'),
    close: () => microphone.close(),
    stopped: () => fake.stopped(),
  };
  return { fake, microphone, reported, events };
}

const PATH: Record<State, readonly Event[]> = {
  closed: [],
  opening: ['open'],
  open: ['open', 'started'],
  closing: ['open', 'started', 'close'],
};
/** What the recorder is told; nothing where nothing stands here. */
const REPORTS: Partial<Record<Event, Partial<Record<State, string>>>> = {
  started: { opening: 'opened' },
  // the phone's error while it is open is no failure to open; while closing it ends the wait
  openFailed: { opening: 'openFailed', open: 'error', closing: 'closed' },
  stopped: { open: 'closed unexpectedly', closing: 'closed' },
};

describe.each(MICROPHONE_TABLE.states)('a microphone in the state %s', (state) => {
  test.each(MICROPHONE_TABLE.events)('%s is decided, and does what the table says', (event) => {
    const next = MICROPHONE_TABLE.next(state, event);
    expect([...MICROPHONE_TABLE.states, 'none']).toContain(next);
    const { microphone, reported, events } = setUp();
    for (const step of PATH[state]) events[step]();
    expect(microphone.state).toBe(state);
    reported.length = 0;
    events[event]();
    const report = REPORTS[event]?.[state];
    expect(reported).toEqual(report ? [report] : []);
    const ended = event === 'openFailed' && report === 'closed';
    expect(microphone.state).toBe(ended ? 'closed' : next === 'none' ? state : next);
  });
});

test('a microphone that opens after it was given up is closed again', () => {
  const { fake, microphone, events } = setUp();
  events.open();
  events.openFailed();
  const before = fake.stops;
  events.started();
  expect(fake.stops).toBe(before + 1);
  expect(microphone.state).toBe('closed');
});
