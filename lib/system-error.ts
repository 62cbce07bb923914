/** What the system's and the network's error codes mean. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: '没有权限',
  EADDRINUSE: '端口已被其他程序占用',
  EAI_AGAIN: '域名解析失败，请检查网络',
  ECONNREFUSED: '连接被拒绝：没有程序在那里监听',
  ECONNRESET: '连接被对方断开',
  EHOSTUNREACH: '主机不可达，请检查网络',
  EISDIR: '是文件夹，不是文件',
  ENETUNREACH: '网络不可达，请检查网络',
  ENOENT: '不存在',
  ENOSPC: '磁盘已满',
  ENOTDIR: '不是文件夹',
  ENOTFOUND: '找不到这个主机，请检查地址',
  EPERM: '没有权限',
  ETIMEDOUT: '连接超时，请检查地址与网络',
  UND_ERR_CONNECT_TIMEOUT: '连接超时，请检查地址与网络',
  UND_ERR_SOCKET: '连接被对方断开',
};
const TIMEOUT_NAME = 'TimeoutError';

interface SystemError {
  code?: unknown;
  name?: unknown;
  message?: unknown;
  path?: unknown;
  syscall?: unknown;
  cause?: unknown;
}

const HAN = /\p{Script=Han}/u;

/**
 * A failure in words: what the system or the network reported, or a message that is written for people already.
 * undefined: it is another one, whose message means nothing to people.
 */
export function describeSystemError(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, name, message, path, syscall, cause } = error as SystemError;
  if (name === TIMEOUT_NAME) return '没有在时限内得到应答';
  const words = typeof code === 'string' ? WORDS[code] : undefined;
  if (words !== undefined) {
    if (code === 'ENOENT' && String(syscall).startsWith('spawn')) return `找不到程序 ${path}：请先安装`;
    return `${typeof path === 'string' ? `${path} ` : ''}${words}（${code}）`;
  }
  if (typeof message === 'string' && HAN.test(message)) return message;
  // `fetch` wraps what happened
  return describeSystemError(cause);
}
