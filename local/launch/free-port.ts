import { once } from 'node:events';
import { createServer } from 'node:net';

/** @throws Error in words when somebody else listens on the port (0 is always free) */
export async function ensureFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? '已被其他程序占用' : `不能使用（${code}）`;
    throw new Error(`端口 ${port} ${why}：请先关闭占用它的程序，或换一个端口，如 PORT=3001 npm start`, {
      cause,
    });
  }
  server.close();
  await once(server, 'close');
}
