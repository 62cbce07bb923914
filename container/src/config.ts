import * as v from 'valibot';
import {
  DEFAULT_SOCKET_IO_PATH,
  ECHO_PATH,
  HEALTH_PATHS,
  HTTP_API_PATHS,
  STREAM_PATHS,
} from '../../contract/paths.ts';
import { parseTicketKeys, type TicketKeys } from '../../contract/ticket.ts';

/** Everything the service takes from its environment. */
export interface Config {
  port: number;
  /** Interface to listen on; undefined: all, as a container must. */
  host: string | undefined;
  envId: string;
  ticketKeys: TicketKeys;
  tencent: { appId: string; secretId: string; secretKey: string; token: string | undefined };
  asrEndpoint: string;
  /** Forced sentence end (`max_speak_time`), ms; undefined: the recogniser's own default. */
  asrMaxSpeakMs: number | undefined;
  /** Audio a second of wall time that the recogniser takes while it is behind: 2, or 1 where it takes no more. */
  asrCatchUpRate: number;
  /** Whether checkpoints are set within open sentences. */
  sentenceCheckpoints: boolean;
  /** `/metrics` is served here; undefined: not at all. */
  metricsPort: number | undefined;
  /** Database requests a second, all sessions of this instance together. */
  dbWritesPerSecond: number;
  maxSessions: number;
  maxSessionsPerUser: number;
  /** Streams of the recogniser that the account has over all instances; undefined: they are not counted. */
  recogniserStreams: number | undefined;
  /** Seconds of audio that a user may send within a day, on this instance; 0: without limit. */
  maxAudioSecondsPerDay: number;
  /** Proxies in front of the service that write `X-Forwarded-For`; 0: not known. */
  trustedProxies: number;
  /** Socket.IO's path, with a slash at both ends, or `/`. */
  socketIoPath: string;
  /** On SIGTERM sessions are handed over within this time. */
  drainMs: number;
  /** `X-WX-OPENID` is identity: only where nobody but WeChat can reach the service. */
  trustWxHeaders: boolean;
  logLevel: string;
}

/** Above 1023, so that it needs no capability. `npm run check` compares every place that names it. */
export const DEFAULT_PORT = 8080;
/** Beyond the drain time, for the last writes; then the process ends in any case. */
export const STOP_MARGIN_MS = 8_000;

const text = v.pipe(v.string(), v.trim(), v.minLength(1, '缺少'));
const int = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/, '应为整数'),
    v.transform(Number),
    v.minValue(min, `不能小于 ${min}`),
    v.maxValue(max, `不能大于 ${max}`),
  );

/** Paths that have an answer of their own. */
const TAKEN_PATHS: ReadonlySet<string> = new Set(
  [...STREAM_PATHS, ECHO_PATH, ...HEALTH_PATHS, ...HTTP_API_PATHS].map((path) => `${path}/`),
);
const socketIoPath = v.pipe(
  v.string(),
  v.regex(/^\/(?:[\w.~-]+\/)*(?:[\w.~-]+)?$/, '应为 / 开头的路径，例如 /socket.io/ 或 /'),
  v.transform((path) => (path.endsWith('/') ? path : `${path}/`)),
  v.check((path) => !TAKEN_PATHS.has(path), '这个路径已另有用处'),
);

const schema = v.object({
  PORT: v.optional(int(0, 65_535), String(DEFAULT_PORT)),
  HOST: v.optional(text),
  TCB_ENV: v.optional(text, ''),
  TICKET_SECRET: v.pipe(
    v.optional(text, ''),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return parseTicketKeys(dataset.value);
      } catch (error) {
        addIssue({ message: (error as Error).message });
        return NEVER;
      }
    }),
  ),
  TENCENT_APPID: v.optional(v.pipe(v.string(), v.regex(/^\d+$/, '应为数字 AppID')), ''),
  TENCENT_SECRET_ID: v.optional(text, ''),
  TENCENT_SECRET_KEY: v.optional(text, ''),
  TENCENT_TOKEN: v.optional(text),
  ASR_ENDPOINT: v.optional(
    v.pipe(v.string(), v.regex(/^wss?:\/\/[^\s?#]+$/, '应为 ws:// 或 wss:// 地址')),
    'wss://asr.cloud.tencent.com',
  ),
  METRICS_PORT: v.optional(int(0, 65_535)),
  ASR_MAX_SPEAK_MS: v.optional(int(5_000, 90_000)),
  ASR_CATCH_UP_RATE: v.optional(v.picklist(['1', '2'], '只能是 1 或 2'), '2'),
  SENTENCE_CHECKPOINTS: v.optional(v.picklist(['0', '1'], '只能是 0 或 1'), '1'),
  DB_WRITES_PER_SECOND: v.optional(int(1, 1_000), '20'),
  MAX_SESSIONS: v.optional(int(1, 10_000), '200'),
  MAX_SESSIONS_PER_USER: v.optional(int(1, 1_000), '5'),
  RECOGNISER_STREAMS: v.optional(int(1, 100_000)),
  MAX_AUDIO_SECONDS_PER_DAY: v.optional(int(0, 86_400), '0'),
  TRUSTED_PROXIES: v.optional(int(0, 10), '0'),
  SOCKETIO_PATH: v.optional(socketIoPath, DEFAULT_SOCKET_IO_PATH),
  DRAIN_MS: v.optional(int(0, 60_000), '8000'),
  TRUST_WX_HEADERS: v.optional(v.picklist(['0', '1'], '只能是 0 或 1'), '0'),
  LOG_LEVEL: v.optional(v.picklist(['fatal', 'error', 'warn', 'info', 'debug', 'silent']), 'info'),
});

/** What the database SDK takes from the environment by itself. */
const SDK_VARIABLES = ['CLOUDBASE_APIKEY', 'TENCENTCLOUD_SECRETID', 'TENCENTCLOUD_SECRETKEY'] as const;
/** Every variable that the service knows. */
export const VARIABLES: readonly string[] = [...Object.keys(schema.entries), ...SDK_VARIABLES];

/** Either of them lets the database SDK sign; without, it crashes later in a way that cannot be caught. */
const hasDatabaseCredentials = (env: NodeJS.ProcessEnv): boolean =>
  Boolean(env.CLOUDBASE_APIKEY) || Boolean(env.TENCENTCLOUD_SECRETID && env.TENCENTCLOUD_SECRETKEY);

/**
 * Reads and checks the environment.
 * @returns the configuration, or every problem at once, each naming its variable and never its value
 */
export function readConfig(env: NodeJS.ProcessEnv): { config: Config } | { problems: string[] } {
  const parsed = v.safeParse(schema, env);
  const problems = parsed.success
    ? []
    : parsed.issues.map((issue) => `${v.getDotPath(issue) ?? '环境变量'}：${issue.message}`);
  if (!hasDatabaseCredentials(env))
    problems.push('CLOUDBASE_APIKEY 或 TENCENTCLOUD_SECRETID + TENCENTCLOUD_SECRETKEY：缺少数据库凭证');
  if (!parsed.success || problems.length > 0) return { problems };
  const o = parsed.output;
  return {
    config: {
      port: o.PORT,
      host: o.HOST,
      envId: o.TCB_ENV,
      ticketKeys: o.TICKET_SECRET,
      tencent: {
        appId: o.TENCENT_APPID,
        secretId: o.TENCENT_SECRET_ID,
        secretKey: o.TENCENT_SECRET_KEY,
        token: o.TENCENT_TOKEN,
      },
      asrEndpoint: o.ASR_ENDPOINT,
      metricsPort: o.METRICS_PORT,
      asrMaxSpeakMs: o.ASR_MAX_SPEAK_MS,
      asrCatchUpRate: Number(o.ASR_CATCH_UP_RATE),
      sentenceCheckpoints: o.SENTENCE_CHECKPOINTS === '1',
      dbWritesPerSecond: o.DB_WRITES_PER_SECOND,
      maxSessions: o.MAX_SESSIONS,
      maxSessionsPerUser: o.MAX_SESSIONS_PER_USER,
      recogniserStreams: o.RECOGNISER_STREAMS,
      maxAudioSecondsPerDay: o.MAX_AUDIO_SECONDS_PER_DAY,
      trustedProxies: o.TRUSTED_PROXIES,
      socketIoPath: o.SOCKETIO_PATH,
      drainMs: o.DRAIN_MS,
      trustWxHeaders: o.TRUST_WX_HEADERS === '1',
      logLevel: o.LOG_LEVEL,
    },
  };
}
