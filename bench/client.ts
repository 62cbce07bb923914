/**
 * `npm run bench:client`: CPU time per event of our client, of the browser build of socket.io-client and of weapp.socket.io, on the same
 * stub server; the numbers of frames and answers are checked.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JSON_OPTION, runTool } from '../tools/cli.ts';
import { contenders } from './client/contenders.ts';
import { type Case, compare } from './client/measure.ts';

/** Our client must be faster than the official one by this factor. What the measurement itself costs is in both. */
const MIN_RATIO: Readonly<Record<Case, number>> = { emit: 2.5, emitAck: 2.5, receive: 3 };

const times = (others: number, ours: number): number => Number((others / ours).toFixed(2));

await runTool(
  {
    command: 'npm run -s bench:client --',
    summary: '测量客户端每个事件的 CPU 时间，与官方客户端、weapp.socket.io 并列；不够快时以 1 退出',
    options: { json: JSON_OPTION },
  },
  '正在测量',
  async ({ values }) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-client-'));
    try {
      const all = await contenders(folder);
      const results: Record<string, object> = {};
      console.log(
        '每个事件（1280 字节二进制）的 CPU 时间，中位数，ns；「空」是没有客户端时测量本身的，含在每一项里：',
      );
      for (const [name, least] of Object.entries(MIN_RATIO) as [Case, number][]) {
        const { ours, official, weapp, none } = await compare(name, all);
        const ratio = times(official, ours);
        const weappRatio = times(weapp, ours);
        results[name] = {
          ratio,
          weappRatio,
          oursNs: ours,
          officialNs: official,
          weappNs: weapp,
          noneNs: none,
        };
        console.log(
          `${name.padEnd(8)} 本客户端 ${ours}，官方 ${official}（${ratio} 倍，至少 ${least}），weapp.socket.io ${weapp}（${weappRatio} 倍），空 ${none}`,
        );
        if (ratio < least) process.exitCode = 1;
      }
      if (values.json) console.log(JSON.stringify(results));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
// the timers of the other clients
process.exit();
