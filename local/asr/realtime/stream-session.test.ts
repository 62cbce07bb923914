import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { FakeClock } from '../../../lib/fake-clock.ts';
import { FaultDecision } from '../faults.ts';
import { DEFAULT_LIMITS } from '../options.ts';
import type { AsrEngine, RecogniserEvents } from '../recogniser.ts';
import { newStats } from '../stats.ts';
import type { ServerMessage } from './messages.ts';
import { parseParams } from './params.ts';
import { STREAM_ACTIONS, type StreamEvent, StreamSession, type StreamState } from './stream-session.ts';

const STATES: readonly StreamState[] = ['opening', 'streaming', 'ending', 'closed'];
const EVENTS: readonly StreamEvent[] = [
  'handshakeDue',
  'audio',
  'end',
  'unknownText',
  'update',
  'engineFailure',
  'idleTimeout',
  'socketClosed',
];

test.each(STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))(
  'it is decided what a stream that is %s does on %s',
  (state, event) => {
    expect(STREAM_ACTIONS[state][event]).toEqual(expect.any(String));
  },
);

/** A stream on a fake socket and a fake engine, with a handshake that is delayed by 100 ms. */
function setUp() {
  const clock = new FakeClock();
  const sent: ServerMessage[] = [];
  const socket = Object.assign(new EventEmitter(), {
    readyState: 1,
    OPEN: 1,
    send: (text: string) => sent.push(JSON.parse(text) as ServerMessage),
    close: (code: number) => {
      socket.closeCode = code;
    },
    closeCode: 0,
  });
  const stats = newStats();
  const calls: string[] = [];
  let events: RecogniserEvents | undefined;
  const engine: AsrEngine = {
    name: 'fake',
    lagMs: () => 0,
    open(given) {
      events = given;
      return {
        push: () => calls.push('push'),
        flush: () => calls.push('flush'),
        close: () => calls.push('close'),
      };
    },
    close: async () => {},
  };
  const params = parseParams(
    new Map([
      ['voice_id', 'v'],
      ['nonce', '1'],
      ['voice_format', '1'],
      ['engine_model_type', '16k_zh'],
    ]),
  );
  if ('code' in params) throw new Error(params.detail);
  const session = new StreamSession({
    socket: socket as unknown as WebSocket,
    params,
    engine,
    limits: DEFAULT_LIMITS,
    clock,
    faults: new FaultDecision([{ kind: 'delay-handshake', ms: 100, seed: 1 }]),
    stats,
    recording: null,
  });
  session.start();
  return {
    clock,
    session,
    socket,
    sent,
    stats,
    calls,
    engineEvents: () => events as RecogniserEvents,
    sendAudio: () => socket.emit('message', Buffer.alloc(640), true),
    sendText: (text: string) => socket.emit('message', Buffer.from(text), false),
  };
}

const END = '{"type":"end"}';
const LAST = { finals: [], interim: null, speechStartMs: null, processedMs: 0, last: true };

describe('a stream', () => {
  test('goes through opening, streaming, ending and closed', () => {
    const { session, clock, sendAudio, sendText, engineEvents, sent, socket, calls } = setUp();
    expect(session.state).toBe('opening');
    clock.advanceSync(100);
    expect(session.state).toBe('streaming');
    sendAudio();
    sendText(END);
    expect(session.state).toBe('ending');
    engineEvents().onUpdate(LAST);
    expect(session.state).toBe('closed');
    expect(calls).toEqual(['push', 'flush', 'close']);
    expect(sent.map(({ final }) => final)).toEqual([undefined, 1]);
    expect(socket.closeCode).toBe(1000);
  });

  test('that gets `end` before its handshake is completed without one', () => {
    const { session, clock, sendText, sent } = setUp();
    sendText(END);
    clock.advanceSync(1_000);
    expect(session.state).toBe('closed');
    expect(sent.map(({ final }) => final)).toEqual([1]);
  });

  test('whose client disconnects is counted as 4009 before `end`, not after it', () => {
    const before = setUp();
    before.socket.emit('close');
    const after = setUp();
    after.clock.advanceSync(100);
    after.sendText(END);
    after.socket.emit('close');
    expect([before.session.state, after.session.state]).toEqual(['closed', 'closed']);
    expect([before.stats.codes, after.stats.codes]).toEqual([{ 4009: 1 }, {}]);
  });

  test('that is closed ignores everything', () => {
    const { session, clock, sendAudio, sendText, engineEvents, sent, stats, socket, calls } = setUp();
    clock.advanceSync(100);
    engineEvents().onFailure(new Error('gone'));
    expect(session.state).toBe('closed');
    const [messages, codes, engineCalls] = [[...sent], { ...stats.codes }, [...calls]];
    sendAudio();
    sendText(END);
    sendText('nonsense');
    engineEvents().onUpdate(LAST);
    engineEvents().onFailure(new Error('again'));
    clock.advanceSync(60_000);
    socket.emit('close');
    expect([sent, stats.codes, calls]).toEqual([messages, codes, engineCalls]);
    expect(session.state).toBe('closed');
  });
});
