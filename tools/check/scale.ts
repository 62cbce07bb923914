import type { Config } from '../../container/src/config.ts';
import { LEASE_RULES } from '../../container/src/leases/rules.ts';
import { RELAY_RULES } from '../../container/src/upstream/rules.ts';
import { BYTES_PER_SAMPLE, CREDIT_MS, SAMPLE_RATES_HZ } from '../../contract/limits.ts';
import type { DeployConfig } from './deploy-schema.ts';

/**
 * What all instances share. A small CloudBase environment's database takes about 30 requests a second (quota page of cloud
 * development), and an account has 200 concurrent real-time recognitions (Tencent Cloud 1093/48982).
 */
const ENVIRONMENT = { dbRequestsPerSecond: 30, recogniserStreams: 200 } as const;
/** While a stream is replaced, its session has two for a moment: this share of the account's is left for that. */
const ROLLOVER_SHARE = 0.05;
/** Requests of one instance for its lease, a second, at most (container/src/leases/stream-leases.test.ts). */
const LEASE_REQUESTS_PER_SECOND = 2;

/** What one session costs an instance: `npm run bench:load`, see docs/scaling.md. */
const SESSION = {
  /** CPU time, ms a second: as measured with 1 to 200 sessions, and the least that was measured. */
  cpuMs: 2,
  leastCpuMs: 1.1,
  /** Memory without audio, bytes: the worst that was measured. */
  bytes: 740_000,
  /** Audio that is kept in the worst case, ms: unsettled, sent ahead, and a frame or two (sim/session-watch.ts holds it). */
  audioMs: RELAY_RULES.unsettledMaxMs + CREDIT_MS + 5_000,
} as const;
/** An instance without sessions: CPU time, ms a second; memory, of which 81 MB were measured. */
const INSTANCE = { cpuMs: 40, bytes: 120_000_000 } as const;
/** Autoscaling has to begin at this share of what the instances take, so that the next one is there in time. */
const SCALE_OUT_BY = 0.8;

const MB = 1_000_000;
const GB = 1024 ** 3;

/** Sessions of one instance at which its CPU reaches the threshold. */
const sessionsAt = (cpu: number, percent: number, cpuMs: number): number =>
  Math.ceil((cpu * percent * 10) / cpuMs);

/** How many instances there may be at most, and the setting that says so. */
interface MostInstances {
  name: 'maxNum' | 'maxReplicas';
  count: number;
}

/** Contradictions between how many instances there may be and what all of them share. */
export function sharedLimitProblems({ name, count }: MostInstances, config: Config): string[] {
  const { maxSessions, dbWritesPerSecond, recogniserStreams } = config;
  const streams = recogniserStreams ?? ENVIRONMENT.recogniserStreams;
  const mostStreams = Math.floor(ENVIRONMENT.recogniserStreams * (1 - ROLLOVER_SHARE));
  const sessions = count * maxSessions;
  const blocks = Math.floor(streams / LEASE_RULES.blockSlots);
  const requests = count * (dbWritesPerSecond + LEASE_REQUESTS_PER_SECOND);
  const checks: [isFine: boolean, problem: string][] = [
    [
      count === 1 || recogniserStreams !== undefined,
      `${name} 是 ${count}，要设 RECOGNISER_STREAMS：不设时各实例不计算彼此占用的识别并发`,
    ],
    [
      streams <= mostStreams || recogniserStreams === undefined,
      `RECOGNISER_STREAMS ${streams} 超过 ${mostStreams}：账号的 ${ENVIRONMENT.recogniserStreams} 路要留 5% 给正在更换的连接`,
    ],
    [
      sessions <= streams,
      `${name} ${count} × MAX_SESSIONS ${maxSessions} = ${sessions}，超过语音识别的并发 ${streams} 路`,
    ],
    [
      count <= Math.max(1, blocks),
      `${name} ${count} 个实例分 RECOGNISER_STREAMS ${streams} 路，每块 ${LEASE_RULES.blockSlots} 路只够 ${blocks} 个`,
    ],
    [
      requests <= ENVIRONMENT.dbRequestsPerSecond,
      `${name} ${count} ×（DB_WRITES_PER_SECOND ${dbWritesPerSecond} + 租约 ${LEASE_REQUESTS_PER_SECOND}）= ${requests}，` +
        `超过数据库每秒约能承受的请求 ${ENVIRONMENT.dbRequestsPerSecond}`,
    ],
  ];
  return checks.filter(([isFine]) => !isFine).map(([, problem]) => `${problem}（见 docs/scaling.md）`);
}

/** Contradictions between how many instances there may be, what each of them takes, and what all of them share. */
export function scaleProblems({ framework }: DeployConfig, config: Config): string[] {
  const { cpu, mem, maxNum, policyThreshold } = framework.plugins.container.inputs;
  const { maxSessions } = config;
  const shared = sharedLimitProblems({ name: 'maxNum', count: maxNum }, config);
  const problems = shared.map((problem) => `cloudbaserc.json：${problem}`);
  const expect = (fine: boolean, problem: string): void => {
    if (!fine) problems.push(`cloudbaserc.json：${problem}（见 docs/scaling.md）`);
  };

  const audioBytes = (SESSION.audioMs / 1_000) * Math.max(...SAMPLE_RATES_HZ) * BYTES_PER_SAMPLE;
  const bytes = INSTANCE.bytes + maxSessions * (SESSION.bytes + audioBytes);
  expect(
    bytes <= mem * GB,
    `MAX_SESSIONS ${maxSessions} 个会话最多要 ${Math.ceil(bytes / MB)} MB 内存，mem 是 ${mem} GB`,
  );
  const busyCores = (INSTANCE.cpuMs + maxSessions * SESSION.cpuMs * RELAY_RULES.catchUpRate) / 1_000;
  expect(
    busyCores <= cpu,
    `MAX_SESSIONS ${maxSessions} 个会话一起补听时要 ${busyCores.toFixed(2)} 核，cpu 是 ${cpu}`,
  );
  // With one instance there is nothing to scale out to.
  if (maxNum === 1) return problems;
  const fires = sessionsAt(cpu, policyThreshold, SESSION.cpuMs);
  expect(
    fires <= SCALE_OUT_BY * maxSessions,
    `policyThreshold ${policyThreshold}% 的 ${cpu} 核到 ${fires} 个会话才扩容，应不晚于 MAX_SESSIONS ${maxSessions} 的 80%`,
  );
  expect(
    cpu * policyThreshold * 10 > INSTANCE.cpuMs,
    `policyThreshold ${policyThreshold}% 的 ${cpu} 核：没有会话也会扩容`,
  );
  const firesLatest = sessionsAt(cpu, policyThreshold, SESSION.leastCpuMs);
  expect(
    firesLatest <= maxSessions,
    `policyThreshold ${policyThreshold}%：会话最省 CPU 时到 ${firesLatest} 个才扩容，MAX_SESSIONS ${maxSessions} 先满，扩容不会发生`,
  );
  return problems;
}
