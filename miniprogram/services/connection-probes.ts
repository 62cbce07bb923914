import {
  type CreateClient,
  errorTextFor,
  errorTextOf,
  LocalError,
  platformFailure,
  readWireError,
} from 'cloudbase-voice';
import type { Clock } from '../../lib/clock.ts';

export type StepId =
  | 'library'
  | 'network'
  | 'cloud'
  | 'ticket'
  | 'container'
  | 'namespace'
  | 'microphone'
  | 'privacy';

/** What is wrong and how to fix it, in Chinese. */
export interface Diagnosis {
  cause: string;
  fix: string;
}

/** Result of one probe. `skip`: it was not run, because a step that it needs has failed. */
export interface Step extends Partial<Diagnosis> {
  id: StepId;
  title: string;
  state: 'ok' | 'fail' | 'skip';
}

export interface Probe {
  id: StepId;
  title: string;
  /** Steps that must have succeeded; otherwise this one is skipped. */
  needs: readonly StepId[];
  /** After this time, ms, the result is `slow`. */
  limitMs: number;
  slow: Diagnosis;
  /** Resolves with null where nothing is wrong; `readFailure` explains a rejection. */
  check(): Promise<Diagnosis | null>;
  readFailure(error: unknown): Diagnosis;
}

async function runProbe(probe: Probe, clock: Clock): Promise<Diagnosis | null> {
  let cancel = () => {};
  const slow = new Promise<Diagnosis>((resolve) => {
    cancel = clock.after(probe.limitMs, () => resolve(probe.slow));
  });
  // A probe may also throw before it waits for anything.
  const checked = Promise.resolve()
    .then(() => probe.check())
    .catch((error: unknown) => probe.readFailure(error));
  const found = await Promise.race([checked, slow]);
  cancel();
  return found;
}

/** Runs the probes one after the other; calls `onStep` with each result as it is known. Never rejects. */
export async function runSteps(
  probes: readonly Probe[],
  clock: Clock,
  onStep: (step: Step) => void,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const probe of probes) {
    const { id, title, needs } = probe;
    const blocked = steps.some((step) => step.state !== 'ok' && needs.includes(step.id));
    const found = blocked ? null : await runProbe(probe, clock);
    const state = blocked ? 'skip' : found ? 'fail' : 'ok';
    const step: Step = { id, title, state, ...found };
    steps.push(step);
    onStep(step);
  }
  return steps;
}

/** The calls to the phone and to the cloud that the connection test makes. */
export interface ProbeApi {
  /** `2.30.4`. */
  libraryVersion(): string;
  /** As `wx.getNetworkType` names it; `none`: no network. */
  networkType(): Promise<string>;
  initCloud(): void;
  ticket(): Promise<string>;
  /** A bare WebSocket to the container: resolves at its first message, rejects with the platform's `errMsg`. */
  openSocket(): Promise<void>;
  createClient: CreateClient;
  /** Undefined: the user was not asked yet. */
  microphoneAllowed(): Promise<boolean | undefined>;
  /** Whether the user still has to agree to the privacy guide. */
  privacyPending(): Promise<boolean>;
}

/** `connectContainer` is there from 2.21.1 on; the vendor asks for 2.23.0 for all calls to containers. */
const MIN_LIBRARY_VERSION = '2.23.0';
/** Local calls of `wx` answer at once. */
const LOCAL_CALL_MS = 5_000;
const FUNCTION_MS = 20_000;
/** A container that was scaled to zero needs up to 15 s to start. */
const CONTAINER_MS = 20_000;

const diagnosis = (cause: string, fix: string): Diagnosis => ({ cause, fix });
const messageOf = (error: unknown): string =>
  String((error as { errMsg?: unknown } | null)?.errMsg ?? (error instanceof Error ? error.message : error));

/** Meaning of the platform's `errMsg` for a socket that could not be opened; the first match counts. */
const SOCKET_FAILURES: readonly [pattern: RegExp, cause: string, fix: string][] = [
  [
    /未完成的操作|未能完成|could ?n.t be completed/i,
    '系统中断了连接（未完成的操作）：通常是服务名不对、服务没有运行，或没有配置 socket 合法域名',
    '核对开发者页（设置页的版本号点七次）里的服务名；在云托管控制台确认服务已部署且有运行中的实例；用备用域名时，在小程序后台“开发管理 → 服务器域名”加入 socket 合法域名',
  ],
  [
    /not in domain list|合法域名|domain/i,
    '备用域名不在 socket 合法域名列表中',
    '在小程序后台“开发管理 → 服务器域名”加入该 wss 域名；或清空备用域名，改用云托管连接',
  ],
  [
    /not a function|not support|undefined/i,
    '当前微信不支持 connectContainer',
    `请更新微信（基础库需要 ${MIN_LIBRARY_VERSION} 或更高）`,
  ],
  [
    /INVALID_HOST|service.*not|not found|404|-60103\d/i,
    '找不到这个云托管服务',
    '核对开发者页（设置页的版本号点七次）里的服务名与环境 ID，并确认云环境已关联这个小程序',
  ],
  [
    /permission|unauthorized|auth|403/i,
    '没有访问这个云环境的权限',
    '在云开发控制台把环境授权给这个小程序，并打开“小程序访问”',
  ],
  [/max|limit|exceed/i, '同时打开的连接太多（每个小程序最多 5 个）', '关闭其他录音页面，或重启小程序后再试'],
];

const diagnoseSocket = (error: unknown): Diagnosis => {
  const message = messageOf(error);
  const known = SOCKET_FAILURES.find(([pattern]) => pattern.test(message));
  if (known) return diagnosis(known[1], known[2]);
  return diagnosis(`连接云托管失败：${message}`, '检查网络后再试；仍然失败请查看云托管的运行日志');
};

const diagnoseError = (error: unknown): Diagnosis => {
  const { title, hint } = errorTextOf(error);
  const detail = error instanceof LocalError && error.detail ? `（${error.detail}）` : '';
  return diagnosis(`${title}${detail}`, hint);
};

const isOlder = (version: string, minimum: string): boolean => {
  const [have, want] = [version, minimum].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (have?.[part] ?? 0) - (want?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};

/** Connects to the container's namespace with a ticket and disconnects again. */
const joinNamespace = (createClient: CreateClient, ticket: string): Promise<Diagnosis | null> =>
  new Promise((resolve) => {
    const client = createClient({ auth: { ticket }, reconnection: false });
    const end = (found: Diagnosis | null): void => {
      resolve(found);
      client.off().disconnect();
    };
    client.onInternal('connect', () => end(null));
    client.onInternal('disconnect', (reason) =>
      end(diagnosis(`刚连上就被断开：${reason}`, '请查看云托管的运行日志')),
    );
    client.onInternal('connect_error', ({ message, data }) => {
      const error = readWireError(data);
      const words = error && errorTextFor(error.code);
      end(
        words
          ? diagnosis(`${words.title}：${error.message}`, words.hint)
          : diagnosis(`连接在握手时失败：${message}`, '确认服务运行的是本项目的容器，且版本与小程序一致'),
      );
    });
    client.open();
  });

const SLOW = diagnosis('等待超时', '请稍后再试');
const LOCAL_CALL = { needs: [], limitMs: LOCAL_CALL_MS, slow: SLOW } as const;

const runtimeProbes = (api: ProbeApi): Probe[] => [
  {
    id: 'library',
    title: '基础库版本',
    ...LOCAL_CALL,
    check: async () => {
      const version = api.libraryVersion();
      return isOlder(version, MIN_LIBRARY_VERSION)
        ? diagnosis(`基础库 ${version} 过低，需要 ${MIN_LIBRARY_VERSION}`, '请把微信更新到最新版本')
        : null;
    },
    readFailure: () => diagnosis('读不到基础库版本', '请把微信更新到最新版本'),
  },
  {
    id: 'network',
    title: '网络',
    ...LOCAL_CALL,
    check: async () =>
      (await api.networkType()) === 'none' ? diagnosis('手机没有网络', '打开无线网络或移动数据') : null,
    readFailure: () => diagnosis('读不到网络状态', '打开无线网络或移动数据'),
  },
];

function cloudProbes(api: ProbeApi): Probe[] {
  /** Set by the step `ticket`, used by the step `namespace`. */
  let ticket = '';
  return [
    {
      id: 'cloud',
      title: '云开发',
      ...LOCAL_CALL,
      needs: ['library'],
      check: async () => {
        api.initCloud();
        return null;
      },
      readFailure: diagnoseError,
    },
    {
      id: 'ticket',
      title: '云函数 ticket',
      needs: ['network', 'cloud'],
      limitMs: FUNCTION_MS,
      slow: diagnosis('云函数没有应答', '查看云函数 ticket 的日志；第一次调用可能较慢，再试一次'),
      check: async () => {
        ticket = await api.ticket();
        return null;
      },
      readFailure: (error) => diagnoseError(error instanceof Error ? error : platformFailure(error)),
    },
    {
      id: 'container',
      title: '云托管连接',
      needs: ['network', 'cloud'],
      limitMs: CONTAINER_MS,
      slow: diagnosis(
        '云托管没有应答',
        '确认服务有运行中的实例；最小实例数为 0 时第一次连接要等它启动，建议设为 1',
      ),
      check: () => api.openSocket().then(() => null),
      readFailure: diagnoseSocket,
    },
    {
      id: 'namespace',
      title: '身份与握手',
      needs: ['ticket', 'container'],
      limitMs: CONTAINER_MS,
      slow: diagnosis('握手没有完成', '确认服务运行的是本项目的容器'),
      check: () => joinNamespace(api.createClient, ticket),
      readFailure: diagnoseSocket,
    },
  ];
}

const permissionProbes = (api: ProbeApi): Probe[] => [
  {
    id: 'microphone',
    title: '麦克风权限',
    ...LOCAL_CALL,
    check: async () =>
      (await api.microphoneAllowed()) === false
        ? diagnosis('麦克风权限被拒绝', '点右上角“…” → 设置 → 允许使用麦克风')
        : null,
    readFailure: (error) => diagnosis(`读不到权限：${messageOf(error)}`, '请更新微信后再试'),
  },
  {
    id: 'privacy',
    title: '隐私协议',
    ...LOCAL_CALL,
    check: async () =>
      (await api.privacyPending()) ? diagnosis('还没有同意隐私保护指引', '开始录音时按提示点“同意”') : null,
    readFailure: (error) =>
      diagnosis(
        `读不到隐私状态：${messageOf(error)}`,
        '在小程序后台“设置 → 服务内容声明 → 用户隐私保护指引”中声明麦克风、剪切板和选中的文件',
      ),
  },
];

/** Every step of the connection test, in order. */
export const connectionProbes = (api: ProbeApi): Probe[] => [
  ...runtimeProbes(api),
  ...cloudProbes(api),
  ...permissionProbes(api),
];
