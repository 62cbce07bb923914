/** `npm run mutants`: mutation testing of the client: each fault in mutants/client.ts must make a test fail. */
import { CLIENT_MUTANTS } from './mutants/client.ts';
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
  'cloudbase-socketio-client',
];

const [only = ''] = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const mutants = CLIENT_MUTANTS.filter(({ name }) => name.includes(only));
const verdicts = await runMutants(mutants, TESTS, ({ mutant, killed, by }) =>
  console.log(
    `${killed ? '被发现' : '存活　'} ${mutant.file.padEnd(30)} ${mutant.name}${by && ` ← ${by.split('\n')[0]}`}`,
  ),
);
const survivors = verdicts.filter(({ killed }) => !killed);
console.log(
  `${verdicts.length} 个错误，${verdicts.length - survivors.length} 个被测试发现，${survivors.length} 个存活`,
);
process.exitCode = survivors.length > 0 || verdicts.length < mutants.length ? 1 : 0;
