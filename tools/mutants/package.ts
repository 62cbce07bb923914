import type { Mutant } from './client.ts';

const IO = 'io.ts';
const SOCKET = 'container-socket.ts';

/** Mutations of what the package has beside the copied file. */
export const PACKAGE_MUTANTS: readonly Mutant[] = [
  // io and Manager
  { name: 'io 不共用连接', file: IO, find: 'managers.set(id, manager);', replace: '{}' },
  {
    name: 'forceNew 无效',
    file: IO,
    find: 'const known = forceNew || multiplex',
    replace: 'const known = multiplex',
  },
  {
    name: '同一命名空间也共用',
    file: IO,
    find: 'known && !known._namespaces.has(namespace)',
    replace: 'known',
  },
  { name: '环境不分开', file: IO, find: '[service, env, path]', replace: '[service, path]' },
  { name: '地址里的查询丢失', file: IO, find: 'given.query[name as string] = value;', replace: '' },
  {
    name: '给的选项不优先',
    file: IO,
    find: 'return Object.assign(given, options);',
    replace: 'return given;',
  },
  { name: 'autoConnect: false 仍连接', file: IO, find: 'given.autoConnect !== false', replace: 'true' },
  {
    name: 'open 的回调叫两次',
    file: IO,
    find: "this.off('open', settle).off('error', settle);",
    replace: '',
  },
  { name: 'open 失败后仍重连', file: IO, find: 'if (error) this.close();', replace: '' },
  { name: '选项设不上', file: IO, find: "this.options[name as 'timeout'] = value;", replace: '' },
  { name: '离开的命名空间不再连', file: IO, find: 'this._autoConnect && !socket.active', replace: 'false' },
  // the WebSocket over connectContainer
  { name: '打开没有时限', file: SOCKET, find: "() => fail('timeout')", replace: '() => {}' },
  {
    name: '关闭后仍收到',
    file: SOCKET,
    find: 'if (this.readyState === OPEN) this._emit',
    replace: 'this._emit',
  },
  { name: '关闭后仍发送', file: SOCKET, find: 'if (this.readyState !== OPEN) return;', replace: '' },
  { name: '未发的字节不减', file: SOCKET, find: 'this.bufferedAmount -= bytes;', replace: '' },
  {
    name: '晚到的连接不关',
    file: SOCKET,
    find: '      closeTask(task);\n      return;',
    replace: '      return;',
  },
  { name: '关闭码不检查', file: SOCKET, find: 'code !== NORMAL && !(', replace: 'false && !(' },
  { name: '出错之后不关闭', file: SOCKET, find: 'if (this._task) closeTask(this._task);', replace: '' },
  {
    name: 'once 不止一次',
    file: SOCKET,
    find: 'if (_once) this.removeEventListener(type, _fn);',
    replace: '',
  },
  {
    name: '等不到关闭事件',
    file: SOCKET,
    find: 'this._close({ code: ABNORMAL }) : this',
    replace: 'undefined : this',
  },
  {
    name: '构造函数抛出',
    file: SOCKET,
    find: 'this._clock.after(0, () => fail(error));',
    replace: 'throw error;',
  },
  // other runtimes
  {
    name: '支付宝的二进制不解码',
    file: 'dialers/my.ts',
    find: "isBuffer && typeof data === 'string'",
    replace: 'false',
  },
  { name: '支付宝的二进制不标记', file: 'dialers/my.ts', find: ', isBuffer, success', replace: ', success' },
  { name: '支付宝不要自己的连接', file: 'dialers/my.ts', find: 'multiple: true, fail', replace: 'fail' },
  {
    name: 'WebSocket 给 Blob',
    file: 'dialers/websocket.ts',
    find: "socket.binaryType = 'arraybuffer';",
    replace: '',
  },
  { name: '看不见的页面也算回来', file: 'dialers/websocket.ts', find: '!document?.hidden', replace: 'true' },
];
