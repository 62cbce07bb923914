import { type Build, describeBuild } from '../../../lib/build.ts';
import { type Check, Skip, Warning } from '../runner.ts';
import type { Target } from './target.ts';

/** Which builds answer: a deployment of which one part was forgotten is seen nowhere else. */
async function builds({ container, functionsBuild }: Target): Promise<string> {
  if (!container) throw new Skip('容器没有说明是哪次构建：它是较旧的版本');
  if (functionsBuild === undefined) return `容器 ${describeBuild(container)}`;
  if (functionsBuild !== container.build)
    throw new Warning(
      `容器是 ${describeBuild(container)}，云函数是 ${functionsBuild}：不是同一次构建`,
      '正在更新时是正常的；更新之后还这样，就把没有更新的那一边也部署一次（docs/deploy.md）',
    );
  return `容器与云函数都是 ${describeBuild(container)}`;
}

/** What `/health` says of the container; undefined: it is older than builds have ids. */
export const buildOf = ({ version, build }: Partial<Build>): Build | undefined =>
  version !== undefined && build !== undefined ? { version, build } : undefined;

export const BUILD_CHECKS: readonly Check<Target>[] = [
  { name: 'build', title: '构建', needs: ['health'], after: ['functions'], run: builds },
];
