import type { Clock } from '../../lib/clock.ts';
import { platformFailure } from './cloud.ts';
import type { CreateClient } from './container-connection.ts';
import { wordsFor, wordsOf } from './error-words.ts';
import { LocalError, readWireError } from './local-errors.ts';

export type StepId =
  | 'library'
  | 'network'
  | 'cloud'
  | 'ticket'
  | 'container'
  | 'namespace'
  | 'microphone'
  | 'privacy';

/** What is wrong, and what helps. */
export interface Trouble {
  cause: string;
  mend: string;
}

/** One line of the connection test. `skip`: something that it needs has failed. */
export interface Step extends Partial<Trouble> {
  id: StepId;
  title: string;
  state: 'ok' | 'fail' | 'skip';
}

export interface Probe {
  id: StepId;
  title: string;
  /** Steps without which this one means nothing; where one of them failed, it is skipped. */
  needs: readonly StepId[];
  /** Longest duration, ms; beyond it the result is `slow`. */
  limitMs: number;
  slow: Trouble;
  /** Null: all is well. Where it rejects, `readFailure` explains the reason. */
  check(): Promise<Trouble | null>;
  readFailure(error: unknown): Trouble;
}

async function outcomeOf(probe: Probe, clock: Clock): Promise<Trouble | null> {
  let cancel = () => {};
  const slow = new Promise<Trouble>((resolve) => {
    cancel = clock.after(probe.limitMs, () => resolve(probe.slow));
  });
  // A probe may also throw before it waits for anything.
  const checked = Promise.resolve()
    .then(() => probe.check())
    .catch((error: unknown) => probe.readFailure(error));
  const trouble = await Promise.race([checked, slow]);
  cancel();
  return trouble;
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
    const trouble = blocked ? null : await outcomeOf(probe, clock);
    const state = blocked ? 'skip' : trouble ? 'fail' : 'ok';
    const step: Step = { id, title, state, ...trouble };
    steps.push(step);
    onStep(step);
  }
  return steps;
}

/** What the connection test asks of the phone and of the cloud. */
export interface ProbeApi {
  /** `2.30.4`. */
  libraryVersion(): string;
  /** `none` where there is none. */
  networkType(): Promise<string>;
  initCloud(): void;
  ticket(): Promise<string>;
  /** A bare WebSocket to the container: resolves at its first message, rejects with the platform's `errMsg`. */
  openSocket(): Promise<void>;
  createClient: CreateClient;
  /** Undefined: nobody was asked yet. */
  microphoneAllowed(): Promise<boolean | undefined>;
  /** Whether people still have to agree to the privacy guide. */
  privacyPending(): Promise<boolean>;
}

/** `connectContainer` is there from 2.21.1 on; the vendor asks for 2.23.0 for all calls to containers. */
const LEAST_LIBRARY = '2.23.0';
const QUICK_MS = 5_000;
const FUNCTION_MS = 20_000;
/** A container that was scaled to zero starts within this. */
const CONTAINER_MS = 20_000;

const trouble = (cause: string, mend: string): Trouble => ({ cause, mend });
const messageOf = (error: unknown): string =>
  String((error as { errMsg?: unknown } | null)?.errMsg ?? (error instanceof Error ? error.message : error));

/** What the platform's words about a socket mean. The first that fits. */
const SOCKET_FAILURES: readonly [RegExp, cause: string, mend: string][] = [
  [
    /未完成的操作|未能完成|could ?n.t be completed/i,
    '系统中断了连接（未完成的操作）：通常是服务名不对、服务没有运行，或没有配置 socket 合法域名',
    '核对设置中的服务名；在云托管控制台确认服务已部署且有运行中的实例；用备用域名时，在小程序后台“开发管理 → 服务器域名”加入 socket 合法域名',
  ],
  [
    /not in domain list|合法域名|domain/i,
    '备用域名不在 socket 合法域名列表中',
    '在小程序后台“开发管理 → 服务器域名”加入该 wss 域名；或清空备用域名，改用云托管连接',
  ],
  [
    /not a function|not support|undefined/i,
    '当前微信不支持 connectContainer',
    `请更新微信（基础库需要 ${LEAST_LIBRARY} 或更高）`,
  ],
  [
    /INVALID_HOST|service.*not|not found|404|-60103\d/i,
    '找不到这个云托管服务',
    '核对设置中的服务名与环境 ID，并确认云环境已关联这个小程序',
  ],
  [
    /permission|unauthorized|auth|403/i,
    '没有访问这个云环境的权限',
    '在云开发控制台把环境授权给这个小程序，并打开“小程序访问”',
  ],
  [/max|limit|exceed/i, '同时打开的连接太多（每个小程序最多 5 个）', '关闭其他录音页面，或重启小程序后再试'],
];

const socketTrouble = (error: unknown): Trouble => {
  const message = messageOf(error);
  const known = SOCKET_FAILURES.find(([pattern]) => pattern.test(message));
  if (known) return trouble(known[1], known[2]);
  return trouble(`连接云托管失败：${message}`, '检查网络后再试；仍然失败请查看云托管的运行日志');
};

const wordsTrouble = (error: unknown): Trouble => {
  const { title, hint } = wordsOf(error);
  const detail = error instanceof LocalError && error.detail ? `（${error.detail}）` : '';
  return trouble(`${title}${detail}`, hint);
};

const olderThan = (version: string, least: string): boolean => {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (have?.[part] ?? 0) - (want?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};

/** Joins the namespace with a ticket and leaves again. */
const joinNamespace = (createClient: CreateClient, ticket: string): Promise<Trouble | null> =>
  new Promise((resolve) => {
    const client = createClient({ auth: { ticket }, reconnection: false });
    const end = (trouble: Trouble | null): void => {
      resolve(trouble);
      client.off().disconnect();
    };
    client.onInternal('connect', () => end(null));
    client.onInternal('disconnect', (reason) =>
      end(trouble(`刚连上就被断开：${reason}`, '请查看云托管的运行日志')),
    );
    client.onInternal('connect_error', ({ message, data }) => {
      const error = readWireError(data);
      const words = error && wordsFor(error.code);
      end(
        words
          ? trouble(`${words.title}：${error.message}`, words.hint)
          : trouble(`连接在握手时失败：${message}`, '确认服务运行的是本项目的容器，且版本与小程序一致'),
      );
    });
    client.open();
  });

/** Every step of the connection test, in order. */
export function connectionProbes(api: ProbeApi): Probe[] {
  let ticket = '';
  const asWords = (error: unknown) => wordsTrouble(error);
  const slow = trouble('等待超时', '请稍后再试');
  return [
    {
      id: 'library',
      title: '基础库版本',
      needs: [],
      limitMs: QUICK_MS,
      slow,
      check: async () => {
        const version = api.libraryVersion();
        return olderThan(version, LEAST_LIBRARY)
          ? trouble(`基础库 ${version} 过低，需要 ${LEAST_LIBRARY}`, '请把微信更新到最新版本')
          : null;
      },
      readFailure: () => trouble('读不到基础库版本', '请把微信更新到最新版本'),
    },
    {
      id: 'network',
      title: '网络',
      needs: [],
      limitMs: QUICK_MS,
      slow,
      check: async () =>
        (await api.networkType()) === 'none' ? trouble('手机没有网络', '打开无线网络或移动数据') : null,
      readFailure: () => trouble('读不到网络状态', '打开无线网络或移动数据'),
    },
    {
      id: 'cloud',
      title: '云开发',
      needs: ['library'],
      limitMs: QUICK_MS,
      slow,
      check: async () => {
        api.initCloud();
        return null;
      },
      readFailure: asWords,
    },
    {
      id: 'ticket',
      title: '云函数 ticket',
      needs: ['network', 'cloud'],
      limitMs: FUNCTION_MS,
      slow: trouble('云函数没有应答', '查看云函数 ticket 的日志；第一次调用可能较慢，再试一次'),
      check: async () => {
        ticket = await api.ticket();
        return null;
      },
      readFailure: (error) => wordsTrouble(error instanceof Error ? error : platformFailure(error)),
    },
    {
      id: 'container',
      title: '云托管连接',
      needs: ['network', 'cloud'],
      limitMs: CONTAINER_MS,
      slow: trouble(
        '云托管没有应答',
        '确认服务有运行中的实例；最小实例数为 0 时第一次连接要等它启动，建议设为 1',
      ),
      check: async () => {
        await api.openSocket();
        return null;
      },
      readFailure: socketTrouble,
    },
    {
      id: 'namespace',
      title: '身份与握手',
      needs: ['ticket', 'container'],
      limitMs: CONTAINER_MS,
      slow: trouble('握手没有完成', '确认服务运行的是本项目的容器'),
      check: () => joinNamespace(api.createClient, ticket),
      readFailure: socketTrouble,
    },
    {
      id: 'microphone',
      title: '麦克风权限',
      needs: [],
      limitMs: QUICK_MS,
      slow,
      check: async () =>
        (await api.microphoneAllowed()) === false
          ? trouble('麦克风权限被拒绝', '点右上角“…” → 设置 → 允许使用麦克风')
          : null,
      readFailure: (error) => trouble(`读不到权限：${messageOf(error)}`, '请更新微信后再试'),
    },
    {
      id: 'privacy',
      title: '隐私协议',
      needs: [],
      limitMs: QUICK_MS,
      slow,
      check: async () =>
        (await api.privacyPending()) ? trouble('还没有同意隐私保护指引', '开始录音时按提示点“同意”') : null,
      readFailure: (error) =>
        trouble(
          `读不到隐私状态：${messageOf(error)}`,
          '在小程序后台“设置 → 服务内容声明 → 用户隐私保护指引”中声明麦克风',
        ),
    },
  ];
}
