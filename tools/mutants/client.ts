/** A mutation of the client's source: with each a test must fail. */
export interface Mutant {
  /** What is wrong with it. */
  name: string;
  /** Relative to `miniprogram/client/`. */
  file: string;
  /** Occurs in the file exactly once. */
  find: string;
  replace: string;
}

const CONNECTION = 'connection.ts';
const SOCKET = 'socket.ts';
const BACKOFF = '../../lib/backoff.ts';
const EMITTER = '../../lib/emitter.ts';

export const CLIENT_MUTANTS: readonly Mutant[] = [
  // heartbeat
  { name: 'ping 不回 pong', file: CONNECTION, find: 'PONG}`);', replace: 'PING}`);' },
  {
    name: 'ping 超时不断开',
    file: CONNECTION,
    find: "MAX_TIMER_MS), () => this._end('ping timeout'))",
    replace: 'MAX_TIMER_MS), () => {})',
  },
  {
    name: 'ping 不延长期限',
    file: CONNECTION,
    find: "      this._expect();\n      this._dispatch('ping');",
    replace: "      this._dispatch('ping');",
  },
  {
    name: '任何数据都当作 ping',
    file: CONNECTION,
    find: 'if (type === MESSAGE) this._deliver(frame);',
    replace: 'this._expect();\n    if (type === MESSAGE) this._deliver(frame);',
  },
  {
    name: '期限过了仍照常发送',
    file: CONNECTION,
    find: 'const expired = this._writable && this._expired();',
    replace: 'const expired = false;',
  },
  {
    name: '等待时间超出定时器上限',
    file: CONNECTION,
    find: 'Math.min(this._maxSilenceMs, MAX_TIMER_MS)',
    replace: 'this._maxSilenceMs',
  },
  {
    name: '握手内容不检查',
    file: CONNECTION,
    find: '!sid || !Number.isFinite(this._maxSilenceMs)',
    replace: 'false',
  },
  {
    name: '重复握手重新连接',
    file: CONNECTION,
    find: 'if (this._state !== OPENING) return;\n    this._maxSilenceMs',
    replace: 'this._maxSilenceMs',
  },
  {
    name: '未知 Engine.IO 包被忽略',
    file: CONNECTION,
    find: "else if (!(type <= NOOP)) this._fail('transport', 'parse error');",
    replace: '',
  },
  // reconnection
  { name: '退避没有随机', file: BACKOFF, find: '(random() * 2 - 1)', replace: '0' },
  {
    name: '退避先随机后封顶',
    file: BACKOFF,
    find: 'Math.min(firstMs * 2 ** attempt, maxMs)',
    replace: 'firstMs * 2 ** attempt',
  },
  {
    name: '成功后退避不归零',
    file: CONNECTION,
    find: '      this._attempts = 0;\n      this._forActive(',
    replace: '      this._forActive(',
  },
  {
    name: '次数不限',
    file: CONNECTION,
    find: 'this._attempts >= options.reconnectionAttempts',
    replace: 'false',
  },
  {
    name: '主动关闭后仍重连',
    file: CONNECTION,
    find: '!options.reconnection || !this._wanted',
    replace: '!options.reconnection',
  },
  {
    name: '后台照样重连',
    file: CONNECTION,
    find: 'if (!this._hidden) this._arm(ms',
    replace: 'this._arm(ms',
  },
  {
    name: '回到前台不检查期限',
    file: CONNECTION,
    find: "if (this._expired()) this._end('ping timeout');",
    replace: '',
  },
  { name: '回到前台后断开仍等退避', file: CONNECTION, find: 'atOnce ? 0 : wait', replace: 'wait' },
  {
    name: 'reconnect() 的等待被退避覆盖',
    file: CONNECTION,
    find: 'if (this._reconnecting) this._wait(delay);',
    replace: '',
  },
  {
    name: '监听函数里的 reconnect() 被退避覆盖',
    file: CONNECTION,
    find: 'if (this._reconnecting || this._state !== CLOSED ||',
    replace: 'if (this._state !== CLOSED ||',
  },
  {
    name: 'reconnect() 不离开现有连接',
    file: CONNECTION,
    find: "    this._watch();\n    this._end('forced close');",
    replace: '    this._watch();',
  },
  {
    name: '被拒绝后 reconnect() 不再监听 wx',
    file: CONNECTION,
    find: "    this._watch();\n    this._end('forced close');",
    replace: "    this._end('forced close');",
  },
  {
    name: 'reconnect() 不恢复被拒绝的命名空间',
    file: SOCKET,
    find: '    this.active = true;\n    this.io._restart(delay);',
    replace: '    this.io._restart(delay);',
  },
  {
    name: '网络断开不处理',
    file: CONNECTION,
    find: "else this._end('transport close', { reason: 'network lost' });",
    replace: '',
  },
  { name: 'wx 监听不注销', file: CONNECTION, find: 'if (this._unwatch) this._unwatch();', replace: '' },
  {
    name: 'reconnect 总报告第 1 次',
    file: CONNECTION,
    find: "this._dispatch('reconnect', attempt)",
    replace: "this._dispatch('reconnect', 1)",
  },
  // one socket
  {
    name: '旧连接迟到的帧被接受',
    file: CONNECTION,
    find: 'if (decoder === this._decoder) fn(value);',
    replace: 'fn(value);',
  },
  {
    name: '迟到的拨号不关闭',
    file: CONNECTION,
    find: '} else closeTask(task);',
    replace: '}',
  },
  {
    name: '隔一个 then 才监听连接',
    file: 'dialers/wx-dialers.ts',
    find: 'opened(result.socketTask)',
    replace: 'Promise.resolve(result.socketTask).then(opened)',
  },
  {
    name: '断开不关 SocketTask',
    file: CONNECTION,
    find: 'closeTask(this._task);',
    replace: '',
  },
  // what is sent
  {
    name: 'env 未给也发送',
    file: 'dialers/wx-dialers.ts',
    find: 'env && { config: { env } }',
    replace: '{ config: { env } }',
  },
  {
    name: 'volatile 进入缓冲',
    file: SOCKET,
    find: 'if (volatile && !this.io._writable)',
    replace: 'if (false)',
  },
  { name: '应答发两次', file: SOCKET, find: 'if (sent) return;', replace: '' },
  {
    name: '缓冲没有上限',
    file: SOCKET,
    find: 'buffer.length > this.io.options.maxBuffered',
    replace: 'false',
  },
  {
    name: '重连后再发一遍缓冲',
    file: SOCKET,
    find: 'this.sendBuffer.splice(0)',
    replace: 'this.sendBuffer',
  },
  {
    name: 'volatile、timeout 留给下一个事件',
    file: SOCKET,
    find: 'this._timeout } = this._flags;\n    this._flags = {};',
    replace: 'this._timeout } = this._flags;',
  },
  {
    name: '被拒绝的事件留下 volatile、timeout',
    file: SOCKET,
    find: '    this._flags = {};\n    if (RESERVED.includes(data[0] as string)) throw',
    replace: '    if (!RESERVED.includes(data[0] as string)) this._flags = {};\n    else throw',
  },
  {
    name: '不给拨号请求头',
    file: CONNECTION,
    find: 'path: addressOf(this.options), header, env, cloud }',
    replace: 'path: addressOf(this.options), header: {}, env }',
  },
  {
    name: 'connectContainer 不发请求头',
    file: 'dialers/wx-dialers.ts',
    find: '        path,\n        header,',
    replace: '        path,\n        header: {},',
  },
  {
    name: 'connectSocket 不发请求头',
    file: 'dialers/socket-dialer.ts',
    find: 'url: (base || service) + path, header,',
    replace: 'url: (base || service) + path, header: {},',
  },
  // what is received
  {
    name: '已离开的命名空间仍收帧',
    file: CONNECTION,
    find: 'if (namespace?.active)',
    replace: 'if (namespace)',
  },
  {
    name: '派发中新加的监听者听到这个事件',
    file: EMITTER,
    find: ': [...list, fn]);',
    replace: ': ((list as Listener[]).push(fn), list));',
  },
  {
    name: '嵌套太深的事件打断日志',
    file: CONNECTION,
    find: '      text = error;',
    replace: '      throw error;',
  },
  {
    name: '接收缓冲丢失',
    file: SOCKET,
    find: 'for (const args of received) this._deliver(args);',
    replace: '',
  },
  {
    name: '先发送缓冲再交付接收缓冲',
    file: SOCKET,
    find: '      for (const args of received) this._deliver(args);\n      for (const packet of unsent) this._callSafely(this._write, [packet]);',
    replace:
      '      for (const packet of unsent) this._callSafely(this._write, [packet]);\n      for (const args of received) this._deliver(args);',
  },
  {
    name: '监听者出错打断其他监听者',
    file: EMITTER,
    find: 'this._report(error);',
    replace: 'throw error;',
  },
  // namespace
  {
    name: '服务端断开后仍保持 active',
    file: SOCKET,
    find: "      this._leave();\n      this._end('io server disconnect');",
    replace: "      this._end('io server disconnect');",
  },
  {
    name: '拒绝后仍保持 active',
    file: SOCKET,
    find: "      this._leave();\n      this._fail(connectError('refused'",
    replace: "      this._fail(connectError('refused'",
  },
  {
    name: '不带 pid 和 offset',
    file: SOCKET,
    find: 'this._pid ? Object.assign(',
    replace: 'false ? Object.assign(',
  },
  {
    name: '不记 offset',
    file: SOCKET,
    find: "if (this._pid && typeof last === 'string') this._offset = last;",
    replace: '',
  },
  {
    name: '旧连接的 auth 回答发到新连接',
    file: CONNECTION,
    find: 'if (decoder === this._decoder) fn(value);',
    replace: 'fn(value);',
  },
  {
    name: '断开时已发送的应答不报错',
    file: SOCKET,
    find: "this._answer(id, 'disconnected');",
    replace: '{}',
  },
  {
    name: '超时的事件留在缓冲',
    file: SOCKET,
    find: 'this.sendBuffer = this.sendBuffer.filter((packet) => packet.id !== id);',
    replace: '',
  },
  {
    name: '重试不限次数',
    file: SOCKET,
    find: 'head._attempts > (this._retries as number)',
    replace: 'false',
  },
  { name: '断线后队首仍算在途', file: SOCKET, find: 'head._pending = false;', replace: '' },
  {
    name: '重连后不续发队列',
    file: SOCKET,
    find: "this._attempt();\n      this._dispatch('connect');",
    replace: "this._dispatch('connect');",
  },
  { name: '队列同时发多个', file: SOCKET, find: '|| head._pending ||', replace: '||' },
  {
    name: 'connect() 不受时限',
    file: 'cloudbase-socketio-client.ts',
    find: "clock.after(timeout * 2, () => this._settle(connectError('timeout', 'timeout')))",
    replace: '() => {}',
  },
  {
    name: '日志泄露 auth',
    file: 'packet-log.ts',
    find: "|| (key === 'data' && this.type === CONNECT)",
    replace: '',
  },
  { name: '日志泄露 ticket', file: 'packet-log.ts', find: 'ticket|', replace: '' },
];
