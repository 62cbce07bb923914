/** `npm run mutants`: mutation testing of the client: each fault in mutants/client.ts, mutants/codec.ts and mutants/package.ts must make a test fail. */
import { runTool, ToolError } from './cli.ts';
import { CLIENT_MUTANTS } from './mutants/client.ts';
import { CODEC_MUTANTS } from './mutants/codec.ts';
import { PACKAGE_MUTANTS } from './mutants/package.ts';
import { runMutants } from './mutants/run.ts';

/** Those that need no network, and the one against a real server for what only it shows. */
const TESTS = [
  'heartbeat',
  'late-promise',
  'dialers',
  'emitter',
  'reconnect',
  'phone',
  'socket.test',
  'receive',
  'connect.test',
  'auth',
  'namespaces',
  'debug',
  'codec.fuzz',
  'io.test',
  'container-socket',
  'cloudbase-socketio-client',
];

await runTool(
  {
    command: 'npm run mutants --',
    summary: '改坏客户端的一处源码，看测试是否发现，一处接一处；有没发现的就以 1 退出',
    args: [{ name: '名称', help: '只试名称里有这几个字的', optional: true }],
    options: {},
  },
  '正在运行没有改动时的测试',
  async ({ args: [only = ''], progress }) => {
    const mutants = [...CLIENT_MUTANTS, ...CODEC_MUTANTS, ...PACKAGE_MUTANTS].filter(({ name }) =>
      name.includes(only),
    );
    if (mutants.length === 0) throw new ToolError(`没有名称里有「${only}」的错误：见 tools/mutants/`);
    const verdicts = await runMutants(mutants, TESTS, ({ mutant, killed, by }) => {
      console.log(
        `${killed ? '被发现' : '存活　'} ${mutant.file.padEnd(30)} ${mutant.name}${by && ` ← ${by.split('\n')[0]}`}`,
      );
      progress.step('正在运行测试');
    });
    const survivors = verdicts.filter(({ killed }) => !killed);
    console.log(
      `${verdicts.length} 个错误，${verdicts.length - survivors.length} 个被测试发现，${survivors.length} 个存活`,
    );
    process.exitCode = survivors.length > 0 || verdicts.length < mutants.length ? 1 : 0;
  },
);
