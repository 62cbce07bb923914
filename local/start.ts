/**
 * `npm start`: the whole cloud on this machine.
 * `node --import tsx local/start.ts [--port N] [--data DIR] [--asr-model DIR] [--containers N] [--no-page] [--no-watch] [--inspect] [--inspect-port N]`
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { debuggingHint, openFunctionInspector } from './launch/inspector.ts';
import { type LocalCloud, startLocalCloud } from './launch/local-cloud.ts';
import { onParentExit } from './launch/parent-exit.ts';

export { type LocalCloud, startLocalCloud } from './launch/local-cloud.ts';
export type { LocalCloudOptions } from './launch/options.ts';

const DEFAULT_PORT = '3000';
/** Node's own default. */
const DEFAULT_INSPECT_PORT = '9229';
const USAGE = `用法：npm start -- [选项]
  --port N          页面端口，默认 3000（也可用环境变量 PORT；0 为任意空闲端口）
  --data DIR        数据目录，默认 .local
  --asr-model DIR   用这个文件夹里的 sherpa-onnx 流式模型识别，而不是短语库
  --containers N    启动几个容器实例，默认 1
  --no-page         不启动小程序页面
  --no-watch        源码改动后不重新构建、不重启
  --inspect         容器与云函数可以调试：容器从 127.0.0.1:9229 起依次加一，其后一个是云函数
  --inspect-port N  调试端口从 N 开始，默认 9229`;

const number = (name: string, min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/, `${name}应为数字`),
    v.transform(Number),
    v.minValue(min, `${name}不能小于 ${min}`),
    v.maxValue(max, `${name}不能大于 ${max}`),
  );
const argumentsSchema = v.object({
  port: number('端口', 0, 65_535),
  containers: v.optional(number('容器实例数', 1, 8), '1'),
  inspectPort: v.optional(number('调试端口', 1_024, 65_000), DEFAULT_INSPECT_PORT),
});

function readArguments(args: string[], env: NodeJS.ProcessEnv) {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      data: { type: 'string', default: '.local' },
      'asr-model': { type: 'string' },
      containers: { type: 'string' },
      'no-page': { type: 'boolean', default: false },
      'no-watch': { type: 'boolean', default: false },
      inspect: { type: 'boolean', default: false },
      'inspect-port': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { containers, 'inspect-port': inspectPort } = values;
  const port = values.port ?? env.PORT ?? DEFAULT_PORT;
  const numbers = v.parse(argumentsSchema, { port, containers, inspectPort });
  const inspect = values.inspect || inspectPort !== undefined;
  return { ...values, ...numbers, inspect };
}

async function main(): Promise<void> {
  // Not in the repository: the user's settings. Variables that the shell has set are not overwritten.
  if (existsSync('.env')) process.loadEnvFile('.env');
  let chosen: ReturnType<typeof readArguments>;
  try {
    chosen = readArguments(process.argv.slice(2), process.env);
  } catch (error) {
    const message = v.isValiError(error) ? error.issues[0].message : (error as Error).message;
    console.error(`${message}\n${USAGE}`);
    process.exit(2);
  }
  if (chosen.help) {
    console.log(USAGE);
    return;
  }

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
    if (chosen.inspect) await openFunctionInspector(chosen.inspectPort + chosen.containers);
    cloud = await startLocalCloud({
      port: chosen.port,
      dataDir: chosen.data,
      asrModel: chosen['asr-model'],
      containers: chosen.containers,
      page: !chosen['no-page'],
      watch: !chosen['no-watch'],
      inspectPort: chosen.inspect ? chosen.inspectPort : undefined,
      restartContainers: true,
      signal: asked.signal,
      onProgress: (line) => console.log(line),
    });
  } catch (error) {
    if (asked.signal.aborted) process.exit(0);
    throw error;
  }
  if (chosen.inspect) console.log(debuggingHint(chosen.inspectPort, chosen.containers));
  console.log(`ready ${cloud.url}`);
  const failure = await cloud.ended;
  if (failure !== undefined) console.error(failure);
  process.exit(failure === undefined ? 0 : 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}
