import { isInstalled, type ToolPackage } from '../tool-package.ts';

/**
 * Whether a package of tools is there, so that the tests that run it can.
 * @param required the variable that is `1` where they must
 * @throws where they must and cannot, so that a machine meant to run them cannot skip silently
 */
export function installedForTests(wanted: ToolPackage, required: string, command: string): boolean {
  if (isInstalled(wanted)) return true;
  const reason = `没有安装 ${wanted.name}：${command}`;
  if (process.env[required] === '1') throw new Error(reason);
  console.warn(`跳过用到它的测试。${reason}`);
  return false;
}
