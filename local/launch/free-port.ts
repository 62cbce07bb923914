import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * @param otherwise what else people can do about it
 * @throws Error in words when another program listens on the port (0 is always free)
 */
export async function ensurePortFree(
  port: number,
  otherwise = '换一个端口，如 PORT=3001 npm start',
): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? '已被其他程序占用' : `不能使用（${code}）`;
    throw new Error(`端口 ${port} ${why}：请先关闭占用它的程序，或${otherwise}`, { cause });
  }
  server.close();
  await once(server, 'close');
}
