import { buildahEngine } from './buildah.ts';
import { dockerEngine } from './docker.ts';
import type { ImageEngine } from './engine.ts';

/** Why an engine cannot be used on this machine; undefined: it has run the base image. */
async function whyNot(engine: ImageEngine, mayFetch: boolean): Promise<string | undefined> {
  const reason = await engine.unusable(mayFetch);
  if (reason !== undefined) return reason;
  try {
    await engine.prepare();
    return undefined;
  } catch (error) {
    await engine.dispose();
    return `基础镜像在这里不能运行：${(error as Error).message.trim()}`;
  }
}

/**
 * What builds and runs the image on this machine, or undefined when its tests must be skipped. A plain `npm test` fetches nothing;
 * with `TRY_IMAGE=1` the base image is fetched or made.
 * @throws where `REQUIRE_IMAGE=1` and nothing can, so that a machine meant to run them cannot skip silently
 */
export async function engineForTests(): Promise<ImageEngine | undefined> {
  const isRequired = process.env.REQUIRE_IMAGE === '1';
  const mayFetch = isRequired || process.env.TRY_IMAGE === '1';
  const reasons: string[] = [];
  for (const engine of [dockerEngine(), buildahEngine()]) {
    const reason = await whyNot(engine, mayFetch);
    if (reason === undefined) return engine;
    reasons.push(`${engine.name}：${reason}`);
  }
  const why = `不能构建并运行容器镜像。${reasons.join('；')}`;
  if (isRequired) throw new Error(why);
  console.warn(`跳过镜像的测试：${why}`);
  return undefined;
}
