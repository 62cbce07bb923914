import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageConfig } from './archive.ts';
import { attempt, has, output } from './command.ts';
import { IMAGE, type ImageEngine, type RunningContainer } from './engine.ts';
import { runcConfig } from './runc-config.ts';
import { standInBase } from './stand-in-base.ts';

/** Of Debian. */
const NEEDED = ['buildah', 'runc'];

/** buildah to build and runc to run, as root, without a daemon and without an image registry. */
export function buildahEngine(): ImageEngine {
  const base = process.env.NODE_IMAGE || standInBase.name;
  /** buildah's working containers and runc's bundles, which are to be removed. */
  const containers: string[] = [];
  const bundles: string[] = [];
  /** What runc needs to start a container from an image. */
  const unpack = async (image: string, config: ImageConfig, env: Record<string, string>) => {
    const container = await output('buildah', ['from', '--pull-never', image]);
    containers.push(container);
    const bundle = await mkdtemp(join(tmpdir(), 'realtime-voice-bundle-'));
    bundles.push(bundle);
    const rootfs = await output('buildah', ['mount', container]);
    await writeFile(join(bundle, 'config.json'), JSON.stringify(runcConfig(rootfs, config, env)));
    return { container, bundle };
  };
  return {
    name: 'buildah + runc',
    unusable: (mayFetch) => whyNot(base, mayFetch),
    async prepare() {
      if (base === standInBase.name && !(await standInBase.exists())) await standInBase.make();
      const { config } = await inspect(base);
      const node = {
        ...config,
        User: '1000:1000',
        Entrypoint: ['node'],
        Cmd: ['--version'],
        WorkingDir: '/',
      };
      const { container, bundle } = await unpack(base, node, {});
      await output('runc', ['run', '--bundle', bundle, container]);
    },
    async build(folder) {
      const options = ['--quiet', '--format', 'docker', '--from', base, '--pull-never', '--tag', IMAGE];
      await output('buildah', ['bud', ...options, folder]);
    },
    baseLayers: async () => (await inspect(base)).rootfs.diff_ids.length,
    save: async (file) =>
      void (await output('buildah', ['push', '--quiet', IMAGE, `docker-archive:${file}:${IMAGE}:latest`])),
    async run(env) {
      const { container, bundle } = await unpack(IMAGE, (await inspect(IMAGE)).config, env);
      return runRunc(container, bundle);
    },
    async dispose() {
      for (const container of containers) {
        await attempt('runc', ['delete', '--force', container]);
        await attempt('buildah', ['rm', container]);
      }
      for (const bundle of bundles) await rm(bundle, { recursive: true, force: true });
      await attempt('buildah', ['rmi', '--force', IMAGE]);
    },
  };
}

async function whyNot(base: string, mayFetch: boolean): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'buildah 与 runc 在这里需要 root';
  const there = await Promise.all(NEEDED.map(has));
  const missing = NEEDED.filter((_, i) => !there[i]);
  if (missing.length > 0) return `没有 ${missing.join('、')}：apt-get install ${missing.join(' ')}`;
  // most containers may not: they lack CAP_SYS_ADMIN
  if ((await attempt('unshare', ['--mount', '--pid', '--fork', 'true'])).code !== 0)
    return '这台机器不允许建立命名空间，不能运行容器';
  if ((await attempt('buildah', ['inspect', '--type', 'image', base])).code === 0) return undefined;
  if (base !== standInBase.name) return `buildah 里没有 NODE_IMAGE 指明的 ${base}`;
  if (!mayFetch) return '还没有基础镜像：运行一次 npm run test:image';
  const programs = await standInBase.missing();
  return programs.length > 0
    ? `做基础镜像缺少 ${programs.join('、')}：apt-get install ${programs.join(' ')}`
    : undefined;
}

/** What buildah's store has of an image. */
interface StoredImage {
  config: ImageConfig;
  rootfs: { diff_ids: string[] };
}
const inspect = async (image: string): Promise<StoredImage> =>
  JSON.parse(await output('buildah', ['inspect', '--type', 'image', image])).OCIv1;

function runRunc(id: string, bundle: string): RunningContainer {
  const child = spawn('runc', ['run', '--bundle', bundle, id], { stdio: ['ignore', 'pipe', 'pipe'] });
  // killing runc would leave the container
  process.once('exit', () => {
    if (child.exitCode === null) execFileSync('runc', ['delete', '--force', id], { stdio: 'ignore' });
  });
  return {
    process: child,
    pid: async () => JSON.parse(await output('runc', ['state', id])).pid,
    async exec(command) {
      const { code, stdout, stderr } = await attempt('runc', ['exec', id, ...command]);
      return { code, output: stdout + stderr };
    },
    kill: async () => void (await attempt('runc', ['delete', '--force', id])),
  };
}
