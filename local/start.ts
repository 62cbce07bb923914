/**
 * `npm start`: the whole cloud on this machine.
 * `node --import tsx local/start.ts [--port N] [--data DIR] [--asr-model DIR] [--containers N] [--no-page] [--no-watch] [--inspect]`
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { type LocalCloud, startLocalCloud } from './launch/local-cloud.ts';
import { followParent } from './launch/own-parent.ts';

export { type LocalCloud, startLocalCloud } from './launch/local-cloud.ts';
export type { LocalCloudOptions } from './launch/options.ts';

const DEFAULT_PORT = '3000';
/** Node's own default. */
const INSPECT_PORT = 9229;
const USAGE = `用法：npm start -- [选项]
  --port N          页面端口，默认 3000（也可用环境变量 PORT；0 为任意空闲端口）
  --data DIR        数据目录，默认 .local
  --asr-model DIR   用这个文件夹里的 sherpa-onnx 流式模型识别，而不是短语库
  --containers N    启动几个容器实例，默认 1
  --no-page         不启动小程序页面
  --no-watch        源码改动后不重新构建、不重启
  --inspect         容器可以调试：第一个在 127.0.0.1:9229，其余依次加一`;

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
      help: { type: 'boolean', default: false },
    },
  });
  const { containers } = values;
  const numbers = v.parse(argumentsSchema, { port: values.port ?? env.PORT ?? DEFAULT_PORT, containers });
  return { ...values, ...numbers };
}

async function main(): Promise<void> {
  // The user's own settings, never committed; what the shell sets wins.
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
    // The second time somebody is in a hurry; the parts end by themselves when we are gone.
    if (asked.signal.aborted) process.exit(130);
    console.log('正在停止……');
    asked.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  followParent(stop);

  let cloud: LocalCloud;
  try {
    cloud = await startLocalCloud({
      port: chosen.port,
      dataDir: chosen.data,
      asrModel: chosen['asr-model'],
      containers: chosen.containers,
      page: !chosen['no-page'],
      watch: !chosen['no-watch'],
      inspectPort: chosen.inspect ? INSPECT_PORT : undefined,
      restartContainers: true,
      signal: asked.signal,
      onProgress: (line) => console.log(line),
    });
  } catch (error) {
    if (asked.signal.aborted) process.exit(0);
    throw error;
  }
  console.log(`ready ${cloud.url}`);
  const trouble = await cloud.ended;
  if (trouble !== undefined) console.error(trouble);
  process.exit(trouble === undefined ? 0 : 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
}
