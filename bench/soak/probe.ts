/** Loaded into a process before its own code: tells what is in its memory, counted and not timed, and can leak on purpose. */
import { EventEmitter } from 'node:events';
import { Session } from 'node:inspector/promises';
import { Server } from 'node:net';
import { writeHeapSnapshot } from 'node:v8';
import { answerParent } from '../processes/answering.ts';
import type { Leak } from './leaks.ts';

/** What a process holds, besides what a heap snapshot tells. */
export interface Held {
  /** Of all emitters together. */
  listeners: number;
  /** Entries of all maps and sets. */
  entries: number;
  /** Of all arrays. */
  elements: number;
  /** Open sockets, those included that wait in a pool. */
  sockets: number;
  /** What keeps the process alive, by type (`process.getActiveResourcesInfo`). */
  resources: Record<string, number>;
}

const count = (from: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of from) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** Runs on an array of all objects. Some of them throw when they are looked at: prototypes, proxies. */
const COUNT_ALL = `function () {
  const held = { listeners: 0, entries: 0, elements: 0, sockets: 0 };
  for (const one of this)
    try {
      if (one instanceof Map || one instanceof Set) held.entries += one.size;
      else if (Array.isArray(one)) held.elements += one === this ? 0 : one.length;
      else if (Object.hasOwn(one, '_events')) {
        if (one.constructor.name === 'Socket' && one._handle) held.sockets += 1;
        for (const name of Reflect.ownKeys(one._events)) held.listeners += [one._events[name]].flat().length;
      }
    } catch {}
  return held;
}`;

async function held(): Promise<Held> {
  const session = new Session();
  session.connect();
  try {
    const { result } = await session.post('Runtime.evaluate', { expression: 'Object.prototype' });
    const { objects } = await session.post('Runtime.queryObjects', {
      prototypeObjectId: result.objectId as string,
    });
    const { result: counted } = await session.post('Runtime.callFunctionOn', {
      objectId: objects.objectId as string,
      functionDeclaration: COUNT_ALL,
      returnByValue: true,
    });
    return {
      ...(counted.value as Omit<Held, 'resources'>),
      resources: count(process.getActiveResourcesInfo()),
    };
  } finally {
    session.disconnect();
  }
}

/** What is leaked on purpose. */
class Leaked {
  readonly atMs = performance.now();
}
const leaks = { emitter: new EventEmitter(), entries: new Map<number, number>() };
leaks.emitter.setMaxListeners(0);
const LEAK: Readonly<Record<Leak, () => void>> = {
  listener: () => leaks.emitter.on('never', () => {}),
  entry: () => leaks.entries.set(leaks.entries.size, 0),
  timer: () => setInterval(() => new Leaked(), 3_600_000).unref(),
};

/** One for each connection that a server of this process accepts. */
function leakForEachConnection(leak: Leak): void {
  const { emit } = EventEmitter.prototype;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    if (event === 'connection') LEAK[leak]();
    return emit.call(this, event, ...args);
  };
}
if (process.env.SOAK_LEAK) leakForEachConnection(process.env.SOAK_LEAK as Leak);

/**
 * A snapshot says where each function stands. Without its scripts' line ends, which a debugger asks for, V8 counts lines from the
 * beginning of the bundle for each of them: 13 s instead of one.
 */
async function snapshot(file: string): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post('Debugger.enable');
  await session.post('Debugger.disable');
  session.disconnect();
  writeHeapSnapshot(file);
}

answerParent({
  held,
  snapshot,
  rss: () => process.memoryUsage.rss(),
});
