import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SECRET } from '../../container/testing/local-service.ts';

/** The server uses `asyncio.run` and f-strings of that version. */
const OLDEST = [3, 9] as const;

const isNewEnough = (python: string): boolean => {
  const program = `import sys; sys.exit(sys.version_info < (${OLDEST.join(', ')}))`;
  return spawnSync(python, ['-c', program]).status === 0;
};

/**
 * The machine's Python, or undefined when its tests must be left out.
 * @throws where `REQUIRE_PYTHON=1` and there is none, so that a machine meant to run them cannot leave them out silently
 */
export function pythonForTests(): string | undefined {
  const found = [process.env.PYTHON_PATH ?? 'python3'].find(isNewEnough);
  if (found) return found;
  const reason = `没有找到 Python ${OLDEST.join('.')} 以上：请安装（Debian：apt-get install python3），或用 PYTHON_PATH 指明`;
  if (process.env.REQUIRE_PYTHON === '1') throw new Error(reason);
  console.warn(`跳过最小服务的测试。${reason}`);
  return undefined;
}

export interface MinimalServer {
  url: string;
  process: ChildProcess;
}

/** Starts a script of examples/minimal-server. */
export async function startMinimalServer(python: string, script: string): Promise<MinimalServer> {
  const child = spawn(python, [`examples/minimal-server/${script}`, '0'], {
    env: { ...process.env, TICKET_SECRET: SECRET, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // a test that is cut off leaves nothing behind
  process.once('exit', () => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, address] = /^ready (http\S+)/.exec(line) ?? [];
      if (address) resolve(address);
    });
    child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
  });
  return { url, process: child };
}
