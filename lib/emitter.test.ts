import { expect, test } from 'vitest';
import { EventEmitter } from './emitter.ts';

interface Events {
  size: (width: number, height: number) => void;
  end: () => void;
}

function setUp() {
  const reported: unknown[] = [];
  const calls: string[] = [];
  const emitter = new EventEmitter<Events>((error) => reported.push(error));
  return { emitter, reported, calls };
}

test('listeners are called in order of registration, with all arguments', () => {
  const { emitter, calls } = setUp();
  emitter.on('size', (width, height) => calls.push(`second ${width}×${height}`));
  emitter.on('size', (width) => calls.push(`first ${width}`), true);
  emitter.on('end', () => calls.push('end'));
  emitter.emit('size', 3, 4);
  expect(calls).toEqual(['first 3', 'second 3×4']);
});

test('once calls a listener once, and off takes it back before', () => {
  const { emitter, calls } = setUp();
  const listener = () => calls.push('end');
  emitter.once('end', listener);
  emitter.emit('end');
  emitter.emit('end');
  emitter.once('end', listener).off('end', listener);
  emitter.emit('end');
  expect(calls).toEqual(['end']);
});

test('off removes one registration, all of an event, or all there are', () => {
  const { emitter, calls } = setUp();
  const listener = () => calls.push('end');
  emitter.on('end', listener).on('end', listener).off('end', listener);
  emitter.emit('end');
  expect(calls).toEqual(['end']);
  emitter.on('size', () => calls.push('size')).off('end');
  expect(emitter.listeners('end')).toEqual([]);
  expect(emitter.listeners('size')).toHaveLength(1);
  emitter.off();
  expect(emitter.listeners('size')).toEqual([]);
});

test('what a listener throws is reported and stops no other listener', () => {
  const { emitter, reported, calls } = setUp();
  const fault = new Error('a page fault');
  emitter.on('end', () => {
    throw fault;
  });
  emitter.on('end', () => calls.push('end'));
  emitter.emit('end');
  expect(reported).toEqual([fault]);
  expect(calls).toEqual(['end']);
});

test('a listener that is added or removed during an event takes part from the next one on', () => {
  const { emitter, calls } = setUp();
  const late = () => calls.push('late');
  emitter.on('end', () => emitter.on('end', late));
  const remove = emitter.subscribe('end', () => {
    calls.push('once');
    remove();
  });
  emitter.emit('end');
  expect(calls).toEqual(['once']);
  emitter.emit('end');
  expect(calls).toEqual(['once', 'late']);
});
