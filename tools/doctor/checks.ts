import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { newestModel } from '../../local/asr/sherpa/installed-models.ts';
import { engineProblem } from '../../local/asr/sherpa/sherpa-engine.ts';
import { realAsrEnv, settingProblems } from '../../local/launch/environment.ts';
import { ensurePortFree } from '../../local/launch/free-port.ts';
import { readRunning } from '../../local/launch/running-file.ts';
import { findChromium } from '../../local/wechat/chromium.ts';
import { ROOT } from '../root.ts';
import { deploymentSettings } from './deployment.ts';
import { type Check, Problem, Skip } from './runner.ts';

export interface Machine {
  port: number;
  dataDir: string;
  asrModel: string | undefined;
  env: NodeJS.ProcessEnv;
}

type MachineCheck = (machine: Machine) => string | Promise<string>;

const MIN_NODE = [20, 19] as const;
const HEALTH_TIMEOUT_MS = 2_000;
/** Nothing is wrong, but something is not there. */
const absent = (cause: string, mend: string): Skip => new Skip(cause, { mend });

/** @throws Problem */
export function nodeVersion(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  if (!enough) throw new Problem(`Node ${version} 过旧`, `请安装 Node ${MIN_NODE.join('.')} 或更新的版本`);
  return `Node ${version}`;
}

function dependencies(): string {
  if (!existsSync(join(ROOT, 'node_modules/tsx'))) throw new Problem('依赖没有安装', '请运行 npm ci');
  return '依赖已安装';
}

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) })).ok;
  } catch {
    return false;
  }
};

const cloud: MachineCheck = async ({ dataDir, port }) => {
  const running = readRunning(dataDir);
  if (!running) {
    try {
      await ensurePortFree(port);
    } catch (error) {
      throw new Problem(`本地云没有运行，${(error as Error).message}`, '或用 --port 检查另一个端口');
    }
    throw absent(`本地云没有运行，端口 ${port} 空闲`, 'npm start');
  }
  if (!(await isReady(running.container)))
    throw new Problem(
      `本地云（进程 ${running.pid}）在运行，但容器没有就绪`,
      `请查看 ${join(dataDir, 'logs')} 下的日志，或重新 npm start`,
    );
  return `本地云正在运行：${running.url}（容器 ${running.container}，网关 ${running.gateway}，识别 ${running.asr ?? '腾讯云'}）`;
};

/** Only the shape of the settings: whether keys are valid only the service can say. */
export const keys: MachineCheck = ({ env }) => {
  const problems = settingProblems(env);
  if (problems.length > 0)
    throw new Problem(
      `环境变量（或 .env）有误：${problems.join('；')}`,
      '请改正，或把不用的留空；见 .env.example',
    );
  if (!realAsrEnv(env))
    throw absent(
      '没有设置腾讯云密钥：使用本地识别服务',
      '真实识别请在 .env 中设置 TENCENT_*，见 .env.example',
    );
  return '腾讯云密钥齐全（格式正确；是否有效要由服务判断）';
};

/** The model that `npm start` would use by itself. */
function downloadedModel(dataDir: string): string {
  const found = newestModel(dataDir);
  if (found === undefined)
    throw absent(
      '没有识别模型：本地识别服务只认 samples/ 里的句子',
      '识别任意语音：npm run asr-model，或 npm start -- --asr-model 模型文件夹',
    );
  const { folder, problem } = found;
  if (problem !== undefined)
    throw new Problem(`下载过的模型 ${folder} 不能用：${problem}`, '请删除它，再 npm run asr-model');
  const missing = engineProblem();
  if (missing !== undefined) throw new Problem(`有模型 ${folder}，但不能用`, missing);
  return `下载过的模型 ${folder}`;
}

export const model: MachineCheck = ({ asrModel, dataDir }) => {
  if (asrModel === undefined) return downloadedModel(dataDir);
  if (!existsSync(asrModel)) throw new Problem(`模型文件夹 ${asrModel} 不存在`, '请检查路径');
  const files = readdirSync(asrModel);
  const whole = files.some((name) => name.endsWith('.onnx')) && files.includes('tokens.txt');
  if (!whole) throw new Problem(`${asrModel} 不像 sherpa-onnx 流式模型`, '其中应有 .onnx 文件和 tokens.txt');
  return `模型文件夹 ${asrModel} 里有模型与 tokens.txt`;
};

const browser: MachineCheck = ({ env }) => {
  const { file, found } = findChromium(env);
  if (file === undefined) throw absent('浏览器测试会跳过', found);
  return `浏览器 ${file}`;
};

const named = (name: string, title: string, run: MachineCheck): Check<Machine> => ({
  name,
  title,
  run: async (machine) => run(machine),
});

/** All checks of this machine and its settings. */
export const MACHINE_CHECKS: readonly Check<Machine>[] = [
  named('node', 'Node', () => nodeVersion(process.versions.node)),
  named('dependencies', '依赖', dependencies),
  named('local-cloud', '本地云', cloud),
  named('settings', '设置', keys),
  named('deployment', '部署的设置', ({ env }) => deploymentSettings(env)),
  named('asr-model', '识别模型', model),
  named('browser', '浏览器', browser),
];
