/**
 * `npm run bench:relay`: what the container costs, compared with the least that a relay can cost and with the design that examples
 * publish: the same speakers, the same recogniser, real sockets, and a real database for the container.
 */
import { join, resolve } from 'node:path';
import { exitWhenWritten, JSON_OPTION, runTool, ToolError } from '../../tools/cli.ts';
import { machineOf } from '../machine.ts';
import type { DialectName } from './dialects.ts';
import {
  type IdleClients,
  measureIdle,
  measureRamp,
  profileFile,
  type Ramp,
  reasonsAgainst,
  type Step,
} from './measure.ts';
import { hottest } from './profile.ts';
import { formatGoals, formatIdle, formatSteps, goalsOf } from './report.ts';
import { DB_WRITES_PER_SECOND, Rig } from './rig.ts';

const SERVERS: readonly DialectName[] = ['relay', 'socketio', 'published', 'container'];
/** Frames as recorders give them, ms, and how many streams each server gets. Shorter frames cost more: fewer streams fill a core. */
const FULL = [
  { frameMs: 128, steps: [1, 50, 100, 200, 300, 600] },
  { frameMs: 40, steps: [1, 50, 100, 200] },
];
const QUICK = [
  { frameMs: 128, steps: [100, 300] },
  { frameMs: 40, steps: [100] },
];
/** Frames of another length. */
const OTHER = { steps: [200] };
/** The recogniser takes up to 200 ms at once (Tencent Cloud 1093/48982); a frame has room for its stamp. */
const FRAME_LIMITS_MS = { least: 10, most: 200 };
const WINDOW_S = 15;
const QUICK_WINDOW_S = 8;
/** A session asks the database once a sentence: the code of the database's SDK is compiled long after that of the audio. */
const WARM_UP_S = 60;
const QUICK_WARM_UP_S = 15;
const MOST_WARM_UP_S = 600;
const STARTS_PER_SECOND = 25;
const MOST_STARTS_PER_SECOND = 100;
const IDLE_CLIENTS = 1_000;
const IDLE_PER_SECOND = 200;
const HOT_FUNCTIONS = 25;

interface Results {
  machine: string;
  steps: Step[];
  idle: IdleClients[];
}

function frameLength(given: string): number {
  const frameMs = Number(given);
  const { least, most } = FRAME_LIMITS_MS;
  if (Number.isInteger(frameMs) && frameMs >= least && frameMs <= most) return frameMs;
  throw new ToolError(`--frames：一帧是 ${least}–${most} 的整数毫秒，不是「${given}」`);
}

function rampsOf(values: {
  quick: boolean;
  server: readonly string[];
  frames: readonly string[];
  streams: readonly string[];
}): Ramp[] {
  const servers = SERVERS.filter((name) => values.server.length === 0 || values.server.includes(name));
  const whole = values.quick ? QUICK : FULL;
  const wanted = values.frames.map((frames) => frameLength(frames));
  const plan =
    wanted.length === 0
      ? whole
      : wanted.map(
          (length) => whole.find(({ frameMs }) => frameMs === length) ?? { ...OTHER, frameMs: length },
        );
  const given = values.streams.map(Number).sort((a, b) => a - b);
  return plan.flatMap(({ frameMs, steps }) =>
    servers.map((server) => ({ server, frameMs, steps: given.length > 0 ? given : steps })),
  );
}

await runTool(
  {
    command: 'npm run -s bench:relay --',
    summary:
      '容器用多少 CPU、内存，晚多少：与裸转发、只有 Socket.IO、通行写法相比。生成器跟不上、有一帧丢了或变了，就以 1 退出。约半小时',
    options: {
      quick: { type: 'boolean', help: '约六分钟：100 与 300 路' },
      server: { type: 'list', value: 'NAME', help: `只测这些：${SERVERS.join('、')}` },
      frames: { type: 'list', value: 'MS', help: '只用这么长的帧，10–200；不给就是 128 与 40' },
      official: {
        type: 'boolean',
        help: '说话人用官方的 socket.io-client，而不是自己写的包（裸转发用不上，仍是 ws）',
      },
      streams: { type: 'list', value: 'N', help: '只测这么多路，例如 200,300' },
      seconds: { type: 'number', value: 'N', help: '每一档测多少秒', min: 2, max: 120 },
      'warm-up': {
        type: 'number',
        value: 'N',
        help: `第一档之前说多少秒，让代码编译好，默认 ${WARM_UP_S}（--quick 是 ${QUICK_WARM_UP_S}）`,
        min: 1,
        max: MOST_WARM_UP_S,
      },
      starts: {
        type: 'number',
        value: 'N',
        help: `每秒开始多少路，默认 ${STARTS_PER_SECOND}`,
        min: 1,
        max: MOST_STARTS_PER_SECOND,
      },
      database: {
        type: 'number',
        value: 'N',
        help: `容器每秒最多多少次数据库请求（DB_WRITES_PER_SECOND），默认 ${DB_WRITES_PER_SECOND}：从不等`,
        min: 1,
        max: DB_WRITES_PER_SECOND,
      },
      idle: { type: 'boolean', help: '只测没有会话的连接' },
      profile: { type: 'boolean', help: '最后一档另存一份 CPU 剖析，打印最费时间的函数；数字会大一些' },
      container: { type: 'string', value: 'FILE', help: '测一个构建好的容器（index.js），而不是这里的源码' },
      node: {
        type: 'list',
        value: 'ARG',
        help: '给容器的 node 选项，在镜像的之外，例如 --node=--max-semi-space-size=8',
      },
      data: {
        type: 'string',
        value: 'DIR',
        help: '构建与剖析放在哪里',
        default: join('.local', 'bench-relay'),
      },
      json: JSON_OPTION,
    },
  },
  '正在构建并启动',
  async ({ values, progress }) => {
    const { quick, json, container, profile } = values;
    const data = resolve(values.data);
    const windowMs = (values.seconds ?? (quick ? QUICK_WINDOW_S : WINDOW_S)) * 1_000;
    const warmUpMs = (values['warm-up'] ?? (quick ? QUICK_WARM_UP_S : WARM_UP_S)) * 1_000;
    const ramps = values.idle ? [] : rampsOf(values);
    const isWhole = [values.server, values.frames, values.streams].every(({ length }) => length === 0);
    const maxStreams = Math.max(1, ...ramps.flatMap(({ steps }) => steps));
    const env = { DB_WRITES_PER_SECOND: String(values.database ?? DB_WRITES_PER_SECOND) };
    const rig = await Rig.start({ folder: data, container, nodeArgs: values.node, maxStreams, env });
    const results: Results = { machine: machineOf(), steps: [], idle: [] };
    try {
      const options = {
        clients: values.official ? ('official' as const) : ('wire' as const),
        windowMs,
        warmUpMs,
        startsPerSecond: values.starts ?? STARTS_PER_SECOND,
        profileFolder: profile ? data : undefined,
      };
      for (const ramp of ramps)
        results.steps.push(
          ...(await measureRamp(rig, ramp, options, (what) => progress.step(`正在测量：${what}`))),
        );
      if (values.idle || isWhole)
        for (const name of ['published', 'container'] as const) {
          progress.step(`正在测量：${name}，没有会话的连接`);
          results.idle.push(
            await measureIdle(rig, name, { clients: IDLE_CLIENTS, perSecond: IDLE_PER_SECOND }),
          );
        }
    } finally {
      await rig.stop();
    }
    progress.end();
    await print(results, profile ? ramps.map((ramp) => profileFile(data, ramp.server, ramp.frameMs)) : []);
    if (json) console.log(JSON.stringify(results));
    const against = results.steps.flatMap((step) =>
      reasonsAgainst(step).map(
        (why) => `${step.server}，${step.frameMs} 毫秒的帧，${step.streams} 路：${why}`,
      ),
    );
    if (against.length > 0) throw new ToolError(`有几档不作数：\n${against.join('\n')}`);
  },
);
await exitWhenWritten();

async function print({ machine, steps, idle }: Results, profiles: readonly string[]): Promise<void> {
  const texts = [machine, formatSteps(steps), formatIdle(idle), formatGoals(goalsOf(steps, idle))];
  for (const file of profiles) {
    const functions = await hottest(file, HOT_FUNCTIONS);
    const lines = functions.map(
      ({ name, place, share }) => `  ${(share * 100).toFixed(1).padStart(5)}%  ${name}  ${place}`,
    );
    texts.push(`${file}\n${lines.join('\n')}`);
  }
  console.log(texts.filter((text) => text !== '').join('\n\n'));
}
