import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.ts';
import type { ProcessSpec } from './managed-process.ts';
import {
  CONTAINER_TABLE,
  type ContainerEvent,
  FORGET_CRASHES_AFTER_MS,
  RESTART_DELAYS_MS,
  SupervisedContainer,
} from './supervised-container.ts';

/** For each event the next state from idle, starting, running, waiting, failed and stopped; `-`: it is ignored. */
const EXPECTED: Record<ContainerEvent, string> = {
  startRequested: 'starting - starting starting starting -',
  ready: '- running - - - -',
  crashed: '- waiting waiting - - -',
  gaveUp: '- - - failed - -',
  stopRequested: 'stopped stopped stopped stopped stopped -',
};

test.each(Object.entries(EXPECTED) as [ContainerEvent, string][])(
  'what a container does on %s, in each state',
  (event, expected) => {
    expect(
      CONTAINER_TABLE.states
        .map((state) => CONTAINER_TABLE.next(state, event))
        .join(' ')
        .replaceAll('none', '-'),
    ).toBe(expected);
  },
);

/** A container whose process only counts; `crash` is what its end would do. */
function supervised() {
  const clock = new FakeClock();
  const seen = {
    starts: 0,
    stops: 0,
    signals: [] as string[],
    failing: false,
    reports: [] as string[],
    givenUp: [] as string[],
  };
  let crash = (_how: string): void => {};
  const container = new SupervisedContainer(
    { name: 'container-1', label: '容器', logPath: 'x.log' } as ProcessSpec,
    (onExit) => {
      crash = onExit;
      return {
        start: async () => {
          seen.starts++;
          if (seen.failing) throw new Error('not ready');
        },
        stop: async () => void seen.stops++,
        signal: (signal) => void seen.signals.push(signal),
        url: 'http://127.0.0.1:1',
        lastLines: ['its last line'],
      };
    },
    { report: (text) => seen.reports.push(text), onGiveUp: (reason) => seen.givenUp.push(reason), clock },
  );
  return { clock, seen, container, crash: (how = '退出码 1') => crash(how) };
}

describe('a container that crashes', () => {
  test('is restarted with growing waits, and given up with one message after the last', async () => {
    const { clock, seen, container, crash } = supervised();
    await container.start();
    const waits: number[] = [];
    for (let i = 0; i <= RESTART_DELAYS_MS.length; i++) {
      crash();
      waits.push(...clock.due);
      await clock.advance(clock.due[0] ?? 0);
    }
    expect(waits).toEqual([...RESTART_DELAYS_MS]);
    expect([container.state, seen.starts]).toEqual(['failed', 1 + RESTART_DELAYS_MS.length]);
    expect(seen.givenUp).toEqual(['容器反复退出（退出码 1）。日志：x.log\nits last line']);
    // its log is shown with the first crash only
    expect(seen.reports.filter((text) => text.includes('its last line'))).toHaveLength(1);
  });

  test('and cannot start any more is given up likewise, and started by the next build', async () => {
    const { clock, seen, container, crash } = supervised();
    await container.start();
    seen.failing = true;
    crash();
    await clock.advance(60_000);
    expect([container.state, seen.givenUp.length]).toEqual(['failed', 1]);
    seen.failing = false;
    await container.restart();
    expect(container.state).toBe('running');
    crash();
    expect(clock.due).toEqual([RESTART_DELAYS_MS[0]]);
  });

  test('after it has run for a while waits as at the first time', async () => {
    const { clock, container, crash } = supervised();
    await container.start();
    crash();
    await clock.advance(RESTART_DELAYS_MS[0]);
    crash();
    expect(clock.due).toEqual([RESTART_DELAYS_MS[1]]);
    await clock.advance(FORGET_CRASHES_AFTER_MS);
    crash();
    expect(clock.due).toEqual([RESTART_DELAYS_MS[0]]);
  });
});

test('killed again and again on purpose, it is started each time, and only while it runs can it be killed', async () => {
  const { clock, seen, container, crash } = supervised();
  expect(container.kill()).toBe(false);
  await container.start();
  for (let i = 0; i < 3 * RESTART_DELAYS_MS.length; i++) {
    expect(container.kill()).toBe(true);
    crash('被信号 SIGKILL 终止');
    expect([container.kill(), clock.due]).toEqual([false, [RESTART_DELAYS_MS[0]]]);
    await clock.advance(RESTART_DELAYS_MS[0]);
  }
  expect([container.state, seen.givenUp]).toEqual(['running', []]);
  expect(new Set(seen.signals)).toEqual(new Set(['SIGKILL']));
});

test('a build during the wait restarts it at once, and only once', async () => {
  const { clock, seen, container, crash } = supervised();
  await container.start();
  crash();
  await container.restart();
  await clock.advance(60_000);
  expect([container.state, seen.starts]).toEqual(['running', 2]);
});

test('stopped, it is not started again by a crash or a build', async () => {
  const { clock, seen, container, crash } = supervised();
  await container.start();
  crash();
  await container.stop();
  await container.restart();
  await clock.advance(60_000);
  expect([container.state, seen.starts]).toEqual(['stopped', 1]);
});
