import { open } from 'node:inspector';
import { ensurePortFree } from './free-port.ts';

/**
 * Lets a debugger attach to this process, and through it to its worker threads, in which the cloud functions run: the
 * debugger gets each thread by the inspector protocol's `NodeWorker` domain.
 * @throws Error in words when the port is taken
 */
export async function openFunctionInspector(port: number): Promise<void> {
  await ensurePortFree(port, '换一个端口，如 --inspect-port 9329');
  open(port, '127.0.0.1');
}

/** Which process listens where for a debugger. */
export function debuggingHint(port: number, containers: number): string {
  const lines = Array.from(
    { length: containers },
    (_, i) => `  容器 container-${i + 1}：127.0.0.1:${port + i}`,
  );
  return [
    '调试（Chrome 打开 chrome://inspect，在 Configure 中加入下面的地址；或在 VS Code 中 attach）：',
    ...lines,
    `  云函数：127.0.0.1:${port + containers}；每个函数实例是一个线程（function history 等），第一次调用后出现在调试器的 Threads 中`,
    '  断点直接设在 container/ 与 functions/ 的 TypeScript 源码上；调试时云函数不限时',
  ].join('\n');
}
