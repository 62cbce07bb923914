import * as v from 'valibot';
import { HEALTH_PATHS } from '../../../contract/paths.ts';
import { describeBuild } from '../../../lib/build.ts';
import { describeSystemError } from '../../../lib/system-error.ts';
import { type Check, Problem } from '../runner.ts';
import { type Answer, ask } from './ask.ts';
import { buildOf } from './builds.ts';
import { problemOfCode } from './causes.ts';
import { endpointOf, speaksTls } from './network.ts';
import type { Target } from './target.ts';

const [HEALTH, READY] = HEALTH_PATHS;

/** What `/health` and `/ready` answer. */
const healthSchema = v.object({
  ok: v.boolean(),
  draining: v.boolean(),
  sessions: v.number(),
  faults: v.optional(v.array(v.object({ dependency: v.string(), code: v.string() })), []),
  version: v.optional(v.string()),
  build: v.optional(v.string()),
});

async function health(target: Target): Promise<string> {
  const { url, clock } = target;
  const askedMs = clock.now();
  const answer = await askHealth(url);
  if (!v.is(healthSchema, answer.body)) throw notOurs(url, answer);
  target.isThere = true;
  target.container = buildOf(answer.body);
  const date = Date.parse(answer.headers.date ?? '');
  if (!Number.isNaN(date)) target.clockOffsetMs = date - (askedMs + clock.now()) / 2;
  const version = target.container && `，版本 ${describeBuild(target.container)}`;
  return `应答 ${clock.now() - askedMs} ms${version ?? ''}`;
}

async function askHealth(url: string): Promise<Answer> {
  let failure: unknown;
  try {
    const answer = await ask(`${url}${HEALTH}`);
    if (v.is(healthSchema, answer.body)) return answer;
    if (url.startsWith('https:') || !(await speaksTls(endpointOf(url)))) return answer;
  } catch (error) {
    failure = error;
  }
  if (url.startsWith('http:') && (await speaksTls(endpointOf(url))))
    throw new Problem('这个端口上是 TLS，地址却是 http://', '把地址改成 https://');
  throw new Problem(
    `${HEALTH} 没有应答：${describeSystemError(failure) ?? (failure as Error).message}`,
    '检查端口上是不是这个服务；有代理时检查代理后面的服务在不在运行',
  );
}

function notOurs(url: string, { status }: Answer): Problem {
  if (status === 502 || status === 503 || status === 504)
    return new Problem(
      `${url}${HEALTH} 应答 ${status}：代理或网关连不上后面的服务`,
      '检查容器在不在运行、代理里的端口对不对；云托管最小实例为 0 时第一次请求会慢，请再试',
    );
  return new Problem(
    `${url} 有应答（${HEALTH} 是 ${status}），但不是本服务`,
    '检查地址与端口；服务在子路径下时，代理要把路径去掉再转发',
  );
}

async function ready({ url }: Target): Promise<string> {
  const { body } = await ask(`${url}${READY}`);
  const parsed = v.safeParse(healthSchema, body);
  if (!parsed.success) throw new Problem(`${READY} 的应答不是本服务的`, '检查代理是不是把它转给了别的服务');
  const { ok, draining, sessions, faults } = parsed.output;
  const store = faults.find(({ dependency }) => dependency === 'store');
  if (store) throw problemOfCode(store.code, '容器访问不了数据库');
  if (draining) throw problemOfCode('DRAINING', '这个实例不接新会话');
  if (!ok)
    throw new Problem(
      '容器启动以来还没有连上过数据库',
      '检查 TCB_ENV 与 CLOUDBASE_APIKEY，容器能不能访问外网；容器日志里有原因',
    );
  const others = faults.map(({ code }) => code).join('、');
  return `${sessions} 个会话${others && `；最近的故障：${others}`}`;
}

export const SERVICE_CHECKS: readonly Check<Target>[] = [
  { name: 'health', title: '/health', needs: ['tls'], run: health },
  { name: 'ready', title: '/ready（数据库）', needs: ['health'], run: ready },
];
