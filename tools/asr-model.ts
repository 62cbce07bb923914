/** `npm run asr-model`: downloads a streaming model for the local speech service. `--help` names its options. */
import { resolve } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import { UsageError } from '../lib/command-line.ts';
import { engineProblem } from '../local/asr/sherpa/sherpa-engine.ts';
import { MODELS, RELEASE_URL } from './asr-model/catalog.ts';
import { type InstallOptions, installModel, type WantedModel } from './asr-model/install.ts';
import { ProgressLine } from './asr-model/progress-line.ts';
import { runTool } from './cli.ts';

const ARCHIVE = /([A-Za-z0-9][A-Za-z0-9._-]{0,150})\.tar\.bz2$/;
const SHA256 = /^[0-9a-f]{64}$/;

interface Values {
  model: string;
  mirror: string | undefined;
  url: string | undefined;
  file: string | undefined;
  sha256: string | undefined;
}

const nameOf = (option: string, address: string): string => {
  const name = ARCHIVE.exec(address.split(/[?#]/)[0] ?? '')?.[1];
  if (name === undefined) throw new UsageError(`${option} 应以 .tar.bz2 结尾`);
  return name;
};

/** @throws UsageError */
function checked({ mirror, url, file, sha256 }: Values): void {
  const isWeb = (address: string): boolean =>
    URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
  if (mirror !== undefined && !isWeb(mirror)) throw new UsageError('--mirror 应为 http:// 或 https:// 地址');
  if (url !== undefined && !isWeb(url)) throw new UsageError('--url 应为 http:// 或 https:// 地址');
  if ([mirror, url, file].filter((one) => one !== undefined).length > 1)
    throw new UsageError('--mirror、--url、--file 只能给一个');
  if (sha256 !== undefined && !SHA256.test(sha256))
    throw new UsageError('--sha256 应为 64 个十六进制小写字符');
  if (sha256 !== undefined && url === undefined && file === undefined)
    throw new UsageError('--sha256 只与 --url、--file 一起用');
}

/** What is to be installed, and from where. @throws UsageError */
function chosenModel(values: Values): Pick<InstallOptions, 'model' | 'from'> {
  checked(values);
  const { mirror, url, file, sha256 } = values;
  const given = sha256 === undefined ? {} : { sha256 };
  const known = (name: string): WantedModel => {
    const published = Object.values(MODELS).find((one) => one.name === name);
    return published ? { ...published, ...given } : { name, ...given };
  };
  if (url !== undefined) return { model: known(nameOf('--url', url)), from: { url } };
  if (file !== undefined) return { model: known(nameOf('--file', file)), from: { file: resolve(file) } };
  const model = Object.hasOwn(MODELS, values.model) ? MODELS[values.model as keyof typeof MODELS] : undefined;
  if (model === undefined)
    throw new UsageError(`没有模型 ${values.model}，可以是 ${Object.keys(MODELS).join('、')}`);
  return { model, from: { url: `${(mirror ?? RELEASE_URL).replace(/\/+$/, '')}/${model.name}.tar.bz2` } };
}

await runTool(
  {
    command: 'npm run asr-model --',
    summary: '下载一个 sherpa-onnx 流式中英识别模型；之后 npm start 用它识别任意的话，不要账号',
    options: {
      model: {
        type: 'string',
        value: 'NAME',
        help: Object.entries(MODELS)
          .map(([name, { described }]) => `${name}：${described}`)
          .join('；'),
        default: 'x-asr',
      },
      mirror: {
        type: 'string',
        value: 'URL',
        help: '从这个地址下载，而不是 GitHub；文件名接在后面，校验和不变',
      },
      url: { type: 'string', value: 'URL', help: '另一个流式模型的压缩包（.tar.bz2）' },
      file: { type: 'string', value: 'PATH', help: '已经下载好的压缩包' },
      sha256: { type: 'string', value: 'HEX', help: '--url、--file 的压缩包应有的校验和' },
      data: {
        type: 'string',
        value: 'DIR',
        help: '数据目录，默认 .local；模型放在它的 models/ 里',
        default: '.local',
      },
    },
  },
  '正在准备',
  async ({ values, progress }) => {
    const wanted = chosenModel(values);
    progress.end();
    const aborted = new AbortController();
    process.once('SIGINT', () => aborted.abort());
    const downloading = new ProgressLine('下载', process.stderr, systemClock);
    const unpacking = new ProgressLine('解压', process.stderr, systemClock);
    const endLines = (): void => {
      downloading.end();
      unpacking.end();
    };
    try {
      const { folder, kind, already } = await installModel({
        ...wanted,
        dataDir: resolve(values.data),
        clock: systemClock,
        signal: aborted.signal,
        say: (line) => {
          endLines();
          console.log(line);
        },
        onDownload: (received, total) => downloading.show(received, total),
        onUnpack: (read, total) => unpacking.show(read, total),
      });
      endLines();
      console.log(`${already ? '已经装好' : '装好了'}：${folder}（${kind}）`);
      const problem = engineProblem();
      console.log(problem ?? '现在运行 npm start，就用它识别');
    } finally {
      endLines();
    }
  },
);
