/**
 * The local speech recognition service as a process. Prints `{"ready":true,"url":"…"}` on one line when it listens; exits
 * with code 0 on SIGTERM.
 * `npx tsx local/asr/main.ts`; `--help` names its options.
 * Environment: TENCENT_APPID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY, the account that it accepts.
 */
import { resolve } from 'node:path';
import { type CommandSpec, readCommandLine, usageOf } from '../../lib/command-line.ts';
import { describeSystemError } from '../../lib/system-error.ts';
import { startAsrServer } from './server.ts';

/** Used when the environment names no account; valid only for this server. */
const LOCAL_ACCOUNT = { appId: '1250000000', secretId: 'AKIDLOCAL', secretKey: 'SKLOCAL' };

const COMMAND = {
  command: 'npx tsx local/asr/main.ts',
  summary: '运行本地语音识别服务，协议与腾讯云实时、一句话识别相同；监听后打印一行 JSON',
  options: {
    port: {
      type: 'number',
      value: 'N',
      help: '端口，默认任意空闲端口',
      min: 0,
      max: 65_535,
      default: 0,
    },
    samples: { type: 'string', value: 'DIR', help: '短语库，默认 samples', default: 'samples' },
    'asr-model': { type: 'string', value: 'DIR', help: '改用这个文件夹里的 sherpa-onnx 流式模型' },
    record: { type: 'string', value: 'DIR', help: '把收到的音频写到这里' },
  },
} as const satisfies CommandSpec;

/** The values of the command line; otherwise the process ends here, with the usage. */
function readValues() {
  try {
    const line = readCommandLine(COMMAND, process.argv.slice(2));
    if (line !== 'help') return line.values;
    console.log(usageOf(COMMAND));
    process.exit(0);
  } catch (error) {
    console.error(`${(error as Error).message}\n${usageOf(COMMAND)}`);
    process.exit(2);
  }
}

const values = readValues();
const { TENCENT_APPID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY } = process.env;

try {
  const server = await startAsrServer({
    port: values.port,
    appId: TENCENT_APPID || LOCAL_ACCOUNT.appId,
    secrets: { [TENCENT_SECRET_ID || LOCAL_ACCOUNT.secretId]: TENCENT_SECRET_KEY || LOCAL_ACCOUNT.secretKey },
    engine: values['asr-model'] === undefined ? 'phrases' : { model: resolve(values['asr-model']) },
    samplesDir: resolve(values.samples),
    ...(values.record !== undefined && { recordDir: resolve(values.record) }),
  });
  const stop = (): void => {
    server.close().then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  console.log(JSON.stringify({ ready: true, url: server.url, engine: server.engineName }));
} catch (error) {
  console.error(`本地语音识别服务无法启动：${describeSystemError(error) ?? (error as Error).message}`);
  process.exit(1);
}
