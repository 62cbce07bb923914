/**
 * The local speech recognition service as a process. Prints `{"ready":true,"url":"…"}` on one line when it listens; exits
 * with code 0 on SIGTERM.
 * `npx tsx local/asr/main.ts [--port N] [--samples DIR] [--asr-model DIR] [--record DIR]`
 * Environment: TENCENT_APPID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY, the account that it accepts.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startAsrServer } from './server.ts';

/** Used when the environment names no account; valid only for this server. */
const LOCAL_ACCOUNT = { appId: '1250000000', secretId: 'AKIDLOCAL', secretKey: 'SKLOCAL' };

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    samples: { type: 'string', default: 'samples' },
    'asr-model': { type: 'string' },
    record: { type: 'string' },
  },
});
const { TENCENT_APPID, TENCENT_SECRET_ID, TENCENT_SECRET_KEY } = process.env;

try {
  const server = await startAsrServer({
    port: Number(values.port),
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
  console.error(`本地语音识别服务无法启动：${(error as Error).message}`);
  process.exit(1);
}
