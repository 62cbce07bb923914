import { TICKET_LEEWAY_MS } from '../../../contract/limits.ts';
import { type Check, Problem, Skip } from '../runner.ts';
import { problemOfCode } from './causes.ts';
import { EngineSocket } from './engine-socket.ts';
import { join } from './sockets.ts';
import type { Target } from './target.ts';

/** The probes of the container's clock: a ticket that ends soon, and one that has ended a while ago, ms. */
const SHORT_TICKET_MS = 120_000;
const SIGNED_AGO_MS = 13 * 60_000;

/** @param offsetMs the server's clock less ours, as far as it is known */
function clockProblem(offsetMs: number | undefined): Problem {
  const isFar = offsetMs !== undefined && Math.abs(offsetMs) > TICKET_LEEWAY_MS;
  const minutes = (Math.abs(offsetMs ?? 0) / 60_000).toFixed(1);
  return new Problem(
    isFar
      ? `服务器的时钟比本机${offsetMs > 0 ? '快' : '慢'} ${minutes} 分钟`
      : '容器的时钟与本机相差几分钟以上（由它对票据的判断看出）',
    '校准不准的那一台（打开 NTP）：票据与语音识别的签名都要看时间，相差一分钟以上就会被拒绝',
  );
}

/**
 * The `Date` of `/health` is the container's own only where no proxy writes another one, so where we can sign tickets its
 * judgement of them is asked for, too.
 */
async function clock(target: Target): Promise<string> {
  const { clockOffsetMs } = target;
  if (clockOffsetMs !== undefined && Math.abs(clockOffsetMs) > TICKET_LEEWAY_MS)
    throw clockProblem(clockOffsetMs);
  if (target.sign && target.handshake) {
    const { sign, clock } = target;
    const short = await refusalOf(target, await sign({ ttlMs: SHORT_TICKET_MS }));
    const ended = await refusalOf(target, await sign({ nowMs: clock.now() - SIGNED_AGO_MS }));
    if (short === 'TICKET_EXPIRED' || ended === undefined) throw clockProblem(clockOffsetMs);
  }
  return clockOffsetMs === undefined
    ? '应答里没有时间'
    : `相差 ${Math.round(Math.abs(clockOffsetMs) / 1000)} 秒`;
}

/** What a ticket is refused with; undefined: it is accepted. */
async function refusalOf(target: Target, ticket: string): Promise<string | undefined> {
  const joined = await join(target, ticket);
  if (!(joined instanceof EngineSocket)) return joined.refused;
  joined.close();
  return undefined;
}

async function ticket(target: Target): Promise<string> {
  if (target.ticket === undefined)
    throw new Skip('没有票据', {
      mend: '用 --ticket 给一张（npm run -s ticket 签发），或用 --secret 给 TICKET_SECRET',
    });
  const startedMs = target.clock.now();
  const refused = await refusalOf(target, target.ticket);
  if (refused === 'TICKET_EXPIRED' && endsAfter(target.ticket, startedMs))
    throw clockProblem(target.clockOffsetMs);
  if (refused !== undefined) throw problemOfCode(refused, '票据被拒绝');
  target.isTicketAccepted = true;
  return `被接受，${target.clock.now() - startedMs} ms`;
}

/** Whether a ticket is still good by our clock. */
function endsAfter(ticket: string, nowMs: number): boolean {
  try {
    const claims = Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString();
    return ((JSON.parse(claims) as { exp?: number }).exp ?? 0) * 1000 > nowMs;
  } catch {
    return false;
  }
}

export const TICKET_CHECKS: readonly Check<Target>[] = [
  { name: 'clock', title: '时钟', needs: ['health'], after: ['namespace'], run: clock },
  { name: 'ticket', title: '票据', needs: ['namespace'], after: ['clock'], run: ticket },
];
