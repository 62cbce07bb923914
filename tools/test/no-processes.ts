import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/** Set up before every unit test: what starts a process is slow and can outlive the test, so it is in another project. */
const refuse = (): never => {
  throw new Error('单元测试不能启动进程：请把这个测试文件列入 vitest.config.ts 的 PROCESS_TESTS');
};
Object.assign(childProcess, {
  spawn: refuse,
  spawnSync: refuse,
  exec: refuse,
  execSync: refuse,
  execFile: refuse,
  execFileSync: refuse,
  fork: refuse,
});
syncBuiltinESMExports();
