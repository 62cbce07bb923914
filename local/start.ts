/** `npm start`: the whole cloud on this machine. `--help` names its options. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CommandSpec, readCommandLine, UsageError, usageOf } from '../lib/command-line.ts';
import { describeSystemError } from '../lib/system-error.ts';
import { newestModel } from './asr/sherpa/installed-models.ts';
import { engineProblem } from './asr/sherpa/sherpa-engine.ts';
import { debuggingHint, openFunctionInspector } from './launch/inspector.ts';
import { type LocalCloud, startLocalCloud } from './launch/local-cloud.ts';
import { onParentExit } from './launch/parent-exit.ts';

export { type LocalCloud, startLocalCloud } from './launch/local-cloud.ts';
export type { LocalCloudOptions } from './launch/options.ts';

const DEFAULT_PORT = '3000';
/** Node's own default. */
const DEFAULT_INSPECT_PORT = 9229;
const MAX_PORT = 65_535;

const COMMAND = {
  command: 'npm start --',
  summary: '在这台机器上运行整个云：识别服务、数据库与云函数、容器、小程序页面；Ctrl-C 停止',
  options: {
    port: {
      type: 'number',
      value: 'N',
      help: '页面端口，默认 3000（也可用环境变量 PORT；0 为任意空闲端口）',
      min: 0,
      max: MAX_PORT,
    },
    data: { type: 'string', value: 'DIR', help: '数据目录，默认 .local', default: '.local' },
    'asr-model': {
      type: 'string',
      value: 'DIR',
      help: '用这个文件夹里的 sherpa-onnx 流式模型识别；不给就用 npm run asr-model 下载的',
    },
    'phrase-bank': { type: 'boolean', help: '用短语库识别，即使下载过模型' },
    containers: {
      type: 'number',
      value: 'N',
      help: '启动几个容器实例，默认 1',
      min: 1,
      max: 8,
      default: 1,
    },
    app: {
      type: 'string',
      value: 'DIR',
      help: '打开另一个小程序：app.json 所在的文件夹（uni-app、Taro 等编译出来的），或 project.config.json 所在的',
    },
    'no-page': { type: 'boolean', help: '不启动小程序页面' },
    'no-watch': { type: 'boolean', help: '源码改动后不重新构建、不重启' },
    inspect: {
      type: 'boolean',
      help: '容器与云函数可以调试：容器从 127.0.0.1:9229 起依次加一，其后一个是云函数',
    },
    'inspect-port': {
      type: 'number',
      value: 'N',
      help: '调试端口从 N 开始，默认 9229',
      min: 1_024,
      max: 65_000,
    },
    'metrics-port': {
      type: 'number',
      value: 'N',
      help: '容器的 /metrics 从 127.0.0.1:N 起依次加一；不给就不打开',
      min: 1_024,
      max: 65_000,
    },
  },
} as const satisfies CommandSpec;

/** @throws UsageError */
function readArguments(args: string[], env: NodeJS.ProcessEnv) {
  const line = readCommandLine(COMMAND, args);
  if (line === 'help') return line;
  const { values } = line;
  const given = env.PORT || DEFAULT_PORT;
  if (values.port === undefined && !(/^\d{1,5}$/.test(given) && Number(given) <= MAX_PORT))
    throw new UsageError(`环境变量 PORT 应为 0 到 ${MAX_PORT} 之间的整数`);
  if (values.app !== undefined && values['no-page']) throw new UsageError('--app 与 --no-page 只能给一个');
  if (values['phrase-bank'] && values['asr-model'] !== undefined)
    throw new UsageError('--phrase-bank 与 --asr-model 只能给一个');
  const inspect = values.inspect || values['inspect-port'] !== undefined;
  return {
    ...values,
    port: values.port ?? Number(given),
    inspectPort: inspect ? (values['inspect-port'] ?? DEFAULT_INSPECT_PORT) : undefined,
  };
}

/** The model that `npm run asr-model` has downloaded; undefined: none that can be used. */
function downloadedModel(dataDir: string): string | undefined {
  const model = newestModel(dataDir);
  const problem = model && (model.problem ?? engineProblem());
  if (problem !== undefined) console.error(`不用下载过的模型 ${model?.folder}：${problem}`);
  return problem === undefined ? model?.folder : undefined;
}

async function main(): Promise<void> {
  // Not in the repository: the user's settings. Variables that the shell has set are not overwritten.
  if (existsSync('.env')) process.loadEnvFile('.env');
  let chosen: ReturnType<typeof readArguments>;
  try {
    chosen = readArguments(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${(error as Error).message}\n${usageOf(COMMAND)}`);
    process.exit(2);
  }
  if (chosen === 'help') {
    console.log(usageOf(COMMAND));
    return;
  }

  const { inspectPort } = chosen;
  const asked = new AbortController();
  const stop = (): void => {
    // A second signal ends the launcher at once; its processes then exit by themselves (launch/exit-with-parent.mjs).
    if (asked.signal.aborted) process.exit(130);
    console.log('正在停止……');
    asked.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  onParentExit(stop);

  let cloud: LocalCloud;
  try {
    if (inspectPort !== undefined) await openFunctionInspector(inspectPort + chosen.containers);
    cloud = await startLocalCloud({
      port: chosen.port,
      dataDir: chosen.data,
      asrModel: chosen['asr-model'] ?? (chosen['phrase-bank'] ? undefined : downloadedModel(chosen.data)),
      containers: chosen.containers,
      page: !chosen['no-page'],
      app: chosen.app,
      watch: !chosen['no-watch'],
      inspectPort,
      metricsPort: chosen['metrics-port'],
      restartContainers: true,
      signal: asked.signal,
      onProgress: (line) => console.log(line),
    });
  } catch (error) {
    if (asked.signal.aborted) process.exit(0);
    throw error;
  }
  if (inspectPort !== undefined) console.log(debuggingHint(inspectPort, chosen.containers));
  console.log(`ready ${cloud.url}`);
  const failure = await cloud.ended;
  if (failure !== undefined) console.error(failure);
  process.exit(failure === undefined ? 0 : 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    console.error(describeSystemError(error) ?? error.message);
    process.exit(1);
  });
}
