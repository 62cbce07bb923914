/** Loaded into the container before its own code: counts what it writes to sockets, and what it allocates; can be wasteful on purpose. */
import { type HeapProfiler, Session } from 'node:inspector/promises';
import { Socket } from 'node:net';
import { runInThisContext } from 'node:vm';
import { answerParent } from '../processes/answering.ts';
import type { Waste } from './limits.ts';

export interface ServerCounts {
  /** Writes that reach the operating system: to whoever has connected to this process, … */
  toClients: number;
  /** … and to others, by port. */
  toPort: Record<string, number>;
  /** In the heap, whether it was collected since or not. */
  allocatedBytes: number;
}

/** One sample in so many bytes, on average: about two thousand in a run, which is 2 % of error. */
const SAMPLING_BYTES = 16_384;
/** What is called by these allocates for this measurement: messages of the parent. */
const CALLED_BY = /^node:internal\/child_process|^node:inspector/;
/** What these allocate themselves does; what they call does not: the clock calls the container's timers. */
const ITSELF = /\/(clock|counter)\.cjs$/;
/** Objects for each write. In a script of its own, so that it is not counted as ours. */
const makeGarbage = runInThisContext('() => Array.from({ length: 400 }, (_, i) => ({ i, garbage: null }))', {
  filename: 'garbage.js',
}) as () => unknown;

type Sink = Socket & { server?: unknown };
type Done = (error?: Error | null) => void;
type Write = (this: Sink, data: Buffer, encoding: string, done: Done) => void;
type WriteMany = (this: Sink, data: unknown[], done: Done) => void;

const session = new Session();
let toClients = 0;
let toPort: Record<string, number> = {};
const waste = new Set((process.env.COUNTS_WASTE ?? '').split(',') as Waste[]);
/** Keeps what is wasted from being optimised away. */
let garbage: unknown;

function count(socket: Sink): void {
  if (socket.server) toClients += 1;
  else toPort[String(socket.remotePort)] = (toPort[String(socket.remotePort)] ?? 0) + 1;
  if (waste.has('garbage')) garbage = makeGarbage();
}

function countWrites(): void {
  const prototype = Socket.prototype as unknown as { _write: Write; _writev: WriteMany | null };
  const { _write: write, _writev: writeMany } = prototype;
  prototype._write = function (data, encoding, done) {
    count(this);
    write.call(this, data, encoding, done);
  };
  prototype._writev = function (data, done) {
    count(this);
    writeMany?.call(this, data, done);
  };
  if (!waste.has('split-writes')) return;
  prototype._writev = null;
  prototype._write = function (data, encoding, done) {
    count(this);
    if (typeof data === 'string' || data.length < 2) return write.call(this, data, encoding, done);
    write.call(this, data.subarray(0, 1), encoding, (error) => {
      if (error) return done(error);
      count(this);
      write.call(this, data.subarray(1), encoding, done);
    });
  };
}

function bytesOf({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number {
  if (CALLED_BY.test(callFrame.url)) return 0;
  const own = ITSELF.test(callFrame.url) ? 0 : selfSize;
  return children.reduce((sum, child) => sum + bytesOf(child), own);
}

countWrites();
answerParent({
  startCounting: async () => {
    session.connect();
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: SAMPLING_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    toClients = 0;
    toPort = {};
  },
  stopCounting: async (): Promise<ServerCounts> => {
    const writes = { toClients, toPort };
    const { profile } = (await session.post(
      'HeapProfiler.stopSampling',
    )) as HeapProfiler.StopSamplingReturnType;
    session.disconnect();
    return { ...writes, allocatedBytes: bytesOf(profile.head) };
  },
  /** So that it is not taken for unused. */
  wasted: () => garbage !== undefined,
});
