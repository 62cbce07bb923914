import { ECHO_PATH } from '../../../contract/paths.ts';
import { NAMESPACE } from '../../../contract/stream.ts';
import { describeSystemError } from '../../../lib/system-error.ts';
import { type Check, Problem } from '../runner.ts';
import { NO_UPGRADE, OLD_VERSION, problemOfCode } from './causes.ts';
import { EndedEarly, EngineSocket, NotUpgraded, readHandshake } from './engine-socket.ts';
import { engineIoUrl, socketUrl, type Target } from './target.ts';

/** Why a WebSocket did not open. */
function upgradeProblem(error: unknown, path: string): Problem {
  if (!(error instanceof NotUpgraded)) {
    const why = describeSystemError(error) ?? (error as Error).message;
    return new Problem(
      `WebSocket ${path} 打不开：${why}`,
      'HTTP 能通而 WebSocket 不通：检查中间的代理与防火墙是否允许 WebSocket',
    );
  }
  const { status, body } = error;
  // without the header the service takes it for an ordinary request, and says so
  if (status === 426 || status === 400) return new Problem(NO_UPGRADE.cause, NO_UPGRADE.mend);
  if (status === 429) return problemOfCode('RATE_LIMITED', `WebSocket ${path}`);
  if (status >= 502 && status <= 504)
    return new Problem(`代理连不上后面的服务（${status}）`, '检查代理里的地址与端口，容器在不在运行');
  if (status === 404)
    return new Problem(
      `没有 ${path}：${firstLine(body)}`,
      '检查代理有没有改路径；SOCKETIO_PATH 改过的话用 --path 给出',
    );
  return new Problem(
    `WebSocket ${path} 得到的是普通的应答（${status}），不是 101`,
    '检查代理是不是自己应答了这个路径，没有转发',
  );
}

const firstLine = (text: string): string => text.split('\n')[0]?.slice(0, 200) ?? '';

async function openEngineIo(target: Target): Promise<EngineSocket> {
  try {
    return await EngineSocket.open(engineIoUrl(target), target.clock);
  } catch (error) {
    throw upgradeProblem(error, target.socketIoPath);
  }
}

/** Whether any WebSocket at all gets through; only then is a missing path the service's. */
async function otherSocketOpens(target: Target): Promise<boolean> {
  try {
    (await openEngineIo(target)).close();
    return true;
  } catch {
    return false;
  }
}

async function openEcho(target: Target): Promise<EngineSocket> {
  try {
    return await EngineSocket.open(socketUrl(target.url, ECHO_PATH), target.clock);
  } catch (error) {
    const missing = error instanceof NotUpgraded && error.status === 404;
    if (!missing) throw upgradeProblem(error, ECHO_PATH);
    if (await otherSocketOpens(target)) throw new Problem(`没有 ${ECHO_PATH}：服务是旧版本`, OLD_VERSION);
    throw new Problem(NO_UPGRADE.cause, NO_UPGRADE.mend);
  }
}

async function testWs(target: Target): Promise<string> {
  const socket = await openEcho(target);
  try {
    const times: number[] = [];
    for (const sent of ['你好', Buffer.from([0, 1, 254, 255])]) {
      const sentMs = target.clock.now();
      socket.send(sent);
      const back = await socket.next();
      times.push(target.clock.now() - sentMs);
      if (String(back) !== String(sent) || typeof back !== typeof sent)
        throw new Problem(`${ECHO_PATH} 回来的与发出的不同`, '中间的代理改动了内容：让它原样转发 WebSocket');
    }
    return `文本与二进制原样返回，往返 ${times.join('、')} ms`;
  } finally {
    socket.close();
  }
}

async function engineIo(target: Target): Promise<string> {
  const startedMs = target.clock.now();
  const socket = await openEngineIo(target);
  try {
    const first = String(await socket.next());
    const handshake = readHandshake(first);
    if (!handshake) {
      const isEngineIo = first.startsWith('0{');
      throw new Problem(
        isEngineIo ? '服务是旧版本：握手是 Engine.IO 3 的' : `握手不是 Engine.IO 的：${firstLine(first)}`,
        isEngineIo ? OLD_VERSION : '检查地址：这个路径上是别的 WebSocket 服务',
      );
    }
    target.handshake = handshake;
    return `握手 ${target.clock.now() - startedMs} ms，心跳每 ${handshake.pingInterval / 1000} 秒`;
  } finally {
    socket.close();
  }
}

/** A connection in the namespace, or what it was refused with. */
export async function join(
  target: Target,
  ticket: string | undefined,
): Promise<EngineSocket | { refused: string }> {
  const socket = await openEngineIo(target);
  try {
    await socket.next();
    socket.send(`40${NAMESPACE},${ticket === undefined ? '' : JSON.stringify({ ticket })}`);
    const answer = String(await socket.next());
    if (answer.startsWith(`40${NAMESPACE},`)) return socket;
    const refusal = /^44[^,{]*,?(\{.*\})$/.exec(answer)?.[1];
    if (!refusal)
      throw new Problem(`加入命名空间 ${NAMESPACE} 得到意外的应答：${firstLine(answer)}`, OLD_VERSION);
    const { message, data } = JSON.parse(refusal) as { message: string; data?: { code?: string } };
    socket.close();
    return { refused: data?.code ?? message };
  } catch (error) {
    socket.close();
    if (error instanceof EndedEarly)
      throw new Problem(
        `加入命名空间 ${NAMESPACE} 时${error.message}`,
        '容器日志里有原因；持续时重新部署容器',
      );
    throw error;
  }
}

async function namespace(target: Target): Promise<string> {
  const joined = await join(target, undefined);
  if (!(joined instanceof EngineSocket)) {
    if (joined.refused === 'Invalid namespace')
      throw new Problem(
        `没有命名空间 ${NAMESPACE}：这个 Socket.IO 服务不是本服务，或是旧版本`,
        `检查地址是不是本服务的；是的话${OLD_VERSION}`,
      );
    throw problemOfCode(joined.refused, '没有票据时加入命名空间');
  }
  try {
    joined.send(`42${NAMESPACE},1["start",{}]`);
    const [answer] = JSON.parse(/\[.*\]$/s.exec(String(await joined.next()))?.[0] ?? '[]') as [
      { error?: { code?: string } }?,
    ];
    if (!answer?.error)
      throw new Problem('没有票据也能开始会话', '立即检查 TRUST_WX_HEADERS：公网能到达时必须是 0');
    if (answer.error.code !== 'UNAUTHENTICATED') throw problemOfCode(answer.error.code, '没有票据时开始会话');
    return '在；没有票据不能开始会话';
  } finally {
    joined.close();
  }
}

export const SOCKET_CHECKS: readonly Check<Target>[] = [
  { name: 'test-ws', title: '/test-ws（WebSocket 通不通）', needs: ['health'], run: testWs },
  { name: 'engine-io', title: 'Engine.IO 握手', needs: ['health'], run: engineIo },
  { name: 'namespace', title: `命名空间 ${NAMESPACE}`, needs: ['engine-io'], run: namespace },
];
