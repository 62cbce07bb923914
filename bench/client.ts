/**
 * `npm run bench:client`: CPU time per event of our client and of the browser build of socket.io-client, on the same stub
 * server; the numbers of frames and answers are checked.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleClient } from '../compile/client.ts';
import type { CloudBaseSocketIOClient } from '../miniprogram/client/cloudbase-socketio-client.ts';
import { JSON_OPTION, runTool } from '../tools/cli.ts';
import { Wire, WireWebSocket, wireTask } from './client-wire.ts';

/** Measurements of each client and case; the median is reported. */
const ROUNDS = 151;
const BATCHES = 5;
const BATCH = 200;
const EVENTS = BATCHES * BATCH;
/** 40 ms of audio at 16 kHz. */
const FRAME_BYTES = 1280;
/** Our client must be faster by this factor. */
const MIN_RATIO = 1.5;

/** The methods that both clients have. */
interface Client {
  on(event: string, fn: () => void): unknown;
  off(event: string, fn: () => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
}
interface Contender {
  wire: Wire;
  client: Client;
}
type Case = (contender: Contender) => Promise<number>;

const frame = new ArrayBuffer(FRAME_BYTES);
const HEADER = '451-["audio",1280,{"_placeholder":true,"num":0}]';
/** Waits for a macrotask, until either client has sent its frames and called its listeners. */
const nextMacrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function inBatches(work: () => void, afterBatch: () => void = () => {}): Promise<void> {
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let i = 0; i < BATCH; i++) work();
    await nextMacrotask();
    afterBatch();
  }
}

/** Each returns the number of events that were delivered. */
const CASES: Record<string, Case> = {
  async emit({ wire, client }) {
    const before = wire.binaries;
    await inBatches(() => client.emit('audio', 1280, frame));
    return wire.binaries - before;
  },
  async emitAck({ wire, client }) {
    let answers = 0;
    wire.answers = true;
    const onAnswer = (): void => {
      answers++;
    };
    await inBatches(
      () => client.emit('audio', 1280, frame, onAnswer),
      () => wire.acknowledge(),
    );
    wire.answers = false;
    return answers;
  },
  async receive({ wire, client }) {
    let received = 0;
    const onAudio = (): void => {
      received++;
    };
    client.on('audio', onAudio);
    await inBatches(() => {
      wire.deliver(HEADER);
      wire.deliver(frame);
    });
    client.off('audio', onAudio);
    return received;
  },
};

async function ours(folder: string): Promise<Contender> {
  const file = join(folder, 'ours.cjs');
  await writeFile(file, await bundleClient());
  const Client: typeof CloudBaseSocketIOClient = createRequire(import.meta.url)(file);
  const wire = new Wire();
  const client = new Client({ service: 'bench', platform: null, dial: () => wireTask(wire) });
  await client.connect();
  return { wire, client };
}

async function official(folder: string): Promise<Contender> {
  const file = join(folder, 'official.mjs');
  await build({
    stdin: { contents: "export { io } from 'socket.io-client'", resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    outfile: file,
    logLevel: 'error',
  });
  const wire = new Wire();
  WireWebSocket.wire = wire;
  Object.assign(globalThis, { WebSocket: WireWebSocket });
  const { io } = await import(file);
  const client = io('ws://bench', { transports: ['websocket'] });
  await new Promise((resolve) => client.on('connect', resolve));
  return { wire, client };
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Ns per event, median of the rounds. The clients alternate, so that other load on the machine affects both. */
async function compare(name: string, run: Case, contenders: Contender[]): Promise<number[]> {
  const rounds: number[][] = contenders.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, contender] of contenders.entries()) {
      const { texts, binaries } = contender.wire;
      const start = process.hrtime.bigint();
      const delivered = await run(contender);
      const ns = Number(process.hrtime.bigint() - start) / EVENTS;
      const sent = [contender.wire.texts - texts, contender.wire.binaries - binaries];
      const expected = name === 'receive' ? [0, 0] : [EVENTS, EVENTS];
      if (delivered !== EVENTS) throw new Error(`${name}：${delivered} 个事件，应为 ${EVENTS}`);
      if (sent.join() !== expected.join()) throw new Error(`${name}：发出 ${sent} 帧，应为 ${expected}`);
      // The first round warms up.
      if (round > 0) rounds[i]?.push(ns);
    }
  }
  return rounds.map(median);
}

await runTool(
  {
    command: 'npm run -s bench:client --',
    summary: '测量客户端每个事件的 CPU 时间，与官方客户端并列；不够快时以 1 退出',
    options: { json: JSON_OPTION },
  },
  '正在测量',
  async ({ values }) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-client-'));
    try {
      const contenders = [await ours(folder), await official(folder)];
      const results: Record<string, { ratio: number; oursNs: number; officialNs: number }> = {};
      console.log('每个事件（1280 字节二进制）的耗时，中位数：');
      for (const [name, run] of Object.entries(CASES)) {
        const [oursNs = 0, officialNs = 0] = (await compare(name, run, contenders)).map(Math.round);
        const ratio = Number((officialNs / oursNs).toFixed(2));
        results[name] = { ratio, oursNs, officialNs };
        console.log(`${name.padEnd(8)} 本客户端 ${oursNs} ns，官方 ${officialNs} ns，${ratio} 倍`);
        if (ratio < MIN_RATIO) process.exitCode = 1;
      }
      if (values.json) console.log(JSON.stringify(results));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
// the official client's timers
process.exit();
