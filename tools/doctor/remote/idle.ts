import { ECHO_PATH } from '../../../contract/paths.ts';
import { sleep } from '../../../lib/clock.ts';
import { type Check, Problem, Skip } from '../runner.ts';
import { problemOfCode } from './causes.ts';
import { type Closed, EngineSocket } from './engine-socket.ts';
import { join } from './sockets.ts';
import { socketUrl, type Target } from './target.ts';

/** The service itself ends an echo connection after two minutes. */
const LONGEST_SILENCE_MS = 110_000;
/** Between the service's heartbeats, where the handshake does not tell, ms. */
const USUAL_PING_MS = 10_000;
/** RFC 6455 §7.1.5: without a closing frame; a server that ends a connection on purpose sends one. */
const CUT = 1006;

const SECONDS_DIGITS = 1;
const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(SECONDS_DIGITS))} 秒`;

const LONGER_IDLE =
  '把中间每一层代理的空闲超时调到 75 秒以上：nginx 的 proxy_read_timeout、proxy_send_timeout，以及负载均衡的空闲时间';

/** Waits for `ms`. @returns how the connection ended meanwhile; undefined: it is still there */
const endedWithin = ({ clock }: Target, socket: EngineSocket, ms: number): Promise<Closed | undefined> =>
  Promise.race([socket.closed, sleep(clock, ms).then(() => undefined)]);

function checkIdleTime({ idleMs }: Target): void {
  if (idleMs === 0) throw new Skip('--idle 0：不检查');
}

/** A connection that nobody speaks on lives by the heartbeat. */
async function heartbeat(target: Target): Promise<string> {
  checkIdleTime(target);
  const joined = await join(target, target.ticket);
  if (!(joined instanceof EngineSocket)) throw problemOfCode(joined.refused, '加入命名空间');
  try {
    const closed = await endedWithin(target, joined, target.idleMs);
    const pingMs = target.handshake?.pingInterval ?? USUAL_PING_MS;
    if (closed?.code === CUT)
      throw new Problem(
        closed.afterMs < pingMs
          ? `连接在空闲 ${seconds(closed.afterMs)}后被切断，还没到第一次心跳：中间的代理切断空闲的连接`
          : `只有心跳的连接在 ${seconds(closed.afterMs)}后被切断：中间的代理不等心跳，或限制连接的总时长`,
        LONGER_IDLE,
      );
    if (closed)
      throw new Problem(
        `服务在 ${seconds(closed.afterMs)}后关闭了空闲的连接（${closed.code}）`,
        '容器日志里有原因；正在更新时请再试',
      );
    const expected = Math.floor(target.idleMs / pingMs);
    if (joined.pings < expected - 1)
      throw new Problem(
        `${seconds(target.idleMs)}里只收到 ${joined.pings} 次心跳，应有 ${expected} 次`,
        '中间的代理攒着小的消息不转发：关闭它的缓冲（nginx 的 proxy_buffering off）',
      );
    return `空闲 ${seconds(target.idleMs)}，${joined.pings} 次心跳，连接还在`;
  } finally {
    joined.close();
  }
}

/** Without any traffic: how long what is in between keeps a silent connection. */
async function silence(target: Target): Promise<string> {
  checkIdleTime(target);
  const forMs = Math.min(target.idleMs, LONGEST_SILENCE_MS);
  const pingMs = target.handshake?.pingInterval ?? USUAL_PING_MS;
  const socket = await EngineSocket.open(socketUrl(target.url, ECHO_PATH), target.clock);
  try {
    const closed = await endedWithin(target, socket, forMs);
    if (closed && closed.code !== CUT) return `服务在 ${seconds(closed.afterMs)}后关闭了它自己的测试连接`;
    // one heartbeat that is late must not end the connection
    if (closed && closed.afterMs < 2 * pingMs)
      throw new Problem(
        `没有往来的连接在 ${seconds(closed.afterMs)}后被切断：中间的代理切断空闲的连接，心跳每 ${seconds(pingMs)}一次，一次迟到就会断线`,
        LONGER_IDLE,
      );
    if (closed)
      return `没有往来的连接在 ${seconds(closed.afterMs)}后被切断；有每 ${seconds(pingMs)}一次的心跳就不会`;
    return `没有往来 ${seconds(forMs)}，连接还在`;
  } finally {
    socket.close();
  }
}

export const IDLE_CHECKS: readonly Check<Target>[] = [
  { name: 'heartbeat', title: '空闲时的心跳', needs: ['ticket'], run: heartbeat },
  { name: 'idle', title: '没有往来的连接', needs: ['test-ws'], after: ['engine-io'], run: silence },
];
