import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { realAsrEnv, settingProblems } from '../../local/launch/environment.ts';
import { ensurePortFree } from '../../local/launch/free-port.ts';
import { readRunning } from '../../local/launch/running-file.ts';
import { findChromium } from '../../local/wechat/chromium.ts';
import { ROOT } from '../root.ts';

export interface Machine {
  port: number;
  dataDir: string;
  asrModel: string | undefined;
  env: NodeJS.ProcessEnv;
}

/** `note`: nothing is wrong, but something is not there. `todo`: what to do about it. */
export interface Finding {
  state: 'good' | 'note' | 'bad';
  text: string;
  todo?: string;
}
type Check = (machine: Machine) => Finding | Promise<Finding>;

const MIN_NODE = [20, 19] as const;
const HEALTH_TIMEOUT_MS = 2_000;
const good = (text: string): Finding => ({ state: 'good', text });
const note = (text: string, todo: string): Finding => ({ state: 'note', text, todo });
const bad = (text: string, todo: string): Finding => ({ state: 'bad', text, todo });

export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return enough
    ? good(`Node ${version}`)
    : bad(`Node ${version} 过旧`, `请安装 Node ${MIN_NODE.join('.')} 或更新的版本`);
}

const dependencies: Check = () =>
  existsSync(join(ROOT, 'node_modules/tsx')) ? good('依赖已安装') : bad('依赖没有安装', '请运行 npm ci');

const cloud: Check = async ({ dataDir, port }) => {
  const running = readRunning(dataDir);
  if (!running) {
    try {
      await ensurePortFree(port);
      return note(`本地云没有运行，端口 ${port} 空闲`, 'npm start');
    } catch (error) {
      return bad(`本地云没有运行`, (error as Error).message);
    }
  }
  const answers = async (url: string): Promise<boolean> => {
    try {
      return (await fetch(`${url}/ready`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) })).ok;
    } catch {
      return false;
    }
  };
  return (await answers(running.container))
    ? good(
        `本地云正在运行：${running.url}（容器 ${running.container}，网关 ${running.gateway}，识别 ${running.asr ?? '腾讯云'}）`,
      )
    : bad(
        `本地云（进程 ${running.pid}）在运行，但容器没有就绪`,
        `请查看 ${join(dataDir, 'logs')} 下的日志，或重新 npm start`,
      );
};

/** Only the shape of the settings: whether keys are valid only the service can say. */
export const keys: Check = ({ env }) => {
  const problems = settingProblems(env);
  if (problems.length > 0)
    return bad(`环境变量（或 .env）有误：${problems.join('；')}`, '请改正，或把不用的留空；见 .env.example');
  return realAsrEnv(env)
    ? good('腾讯云密钥齐全（格式正确；是否有效要由服务判断）')
    : note('没有设置腾讯云密钥：使用本地识别服务', '真实识别请在 .env 中设置 TENCENT_*，见 .env.example');
};

export const model: Check = ({ asrModel }) => {
  if (asrModel === undefined)
    return note(
      '没有指定识别模型：本地识别服务只认 samples/ 里的句子',
      '识别任意语音：npm start -- --asr-model 模型文件夹',
    );
  if (!existsSync(asrModel)) return bad(`模型文件夹 ${asrModel} 不存在`, '请检查路径');
  const files = readdirSync(asrModel);
  const whole = files.some((name) => name.endsWith('.onnx')) && files.includes('tokens.txt');
  return whole
    ? good(`模型文件夹 ${asrModel} 里有模型与 tokens.txt`)
    : bad(`${asrModel} 不像 sherpa-onnx 流式模型`, '其中应有 .onnx 文件和 tokens.txt');
};

const browser: Check = ({ env }) => {
  const { file, found } = findChromium(env);
  return file === undefined ? note('浏览器测试会跳过', found) : good(`浏览器 ${file}`);
};

export const CHECKS: readonly Check[] = [
  () => nodeVersion(process.versions.node),
  dependencies,
  cloud,
  keys,
  model,
  browser,
];
