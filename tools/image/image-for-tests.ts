import { buildahEngine } from './buildah.ts';
import { dockerEngine } from './docker.ts';
import type { ImageEngine } from './engine.ts';

/**
 * What builds and runs the image on this machine, or undefined when its tests must be skipped: nothing is fetched for a plain
 * `npm test`.
 * @throws where `REQUIRE_IMAGE=1` and nothing can, so that a machine meant to run them cannot skip silently
 */
export async function engineForTests(): Promise<ImageEngine | undefined> {
  const isRequired = process.env.REQUIRE_IMAGE === '1';
  const reasons: string[] = [];
  for (const engine of [dockerEngine(), buildahEngine()]) {
    const reason = await engine.unusable(isRequired);
    if (reason === undefined) return engine;
    reasons.push(`${engine.name}：${reason}`);
  }
  const why = `不能构建并运行容器镜像。${reasons.join('；')}`;
  if (isRequired) throw new Error(why);
  console.warn(`跳过镜像的测试：${why}`);
  return undefined;
}
