/** Loaded into a server before its own code: tells the parent what the server uses, and makes CPU profiles. */
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { answerParent } from '../processes/answering.ts';
import { watchLoop } from '../processes/usage.ts';

/** Memory of a process, bytes: as the machine sees it; then what is alive in it, after a collection. */
export interface Memory {
  rss: number;
  heap: number;
  /** Outside the heap: audio and what is under way in sockets. */
  buffers: number;
}

/** µs between two samples. */
const SAMPLING_US = 200;

const loop = watchLoop();
let profiler: Session | undefined;
let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

answerParent({
  begin: () => loop.begin(),
  end: () => loop.end(),
  memory: (): Memory => {
    const { rss } = process.memoryUsage();
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return { rss, heap: heapUsed, buffers: arrayBuffers };
  },
  startProfile: async () => {
    profiler = new Session();
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
    await profiler.post('Profiler.start');
  },
  stopProfile: async (file: string) => {
    const profile = await profiler?.post('Profiler.stop');
    profiler?.disconnect();
    await writeFile(file, JSON.stringify((profile as { profile: object }).profile));
  },
});
process.channel?.unref();
