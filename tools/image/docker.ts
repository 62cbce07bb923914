import { execFileSync, spawn } from 'node:child_process';
import { attempt, output } from './command.ts';
import { BASE_IMAGE, IMAGE, type ImageEngine, type RunningContainer } from './engine.ts';

/** The flags that docs/deploy.md recommends. */
const RESTRICTIONS = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

/** Docker with a running daemon. */
export function dockerEngine(): ImageEngine {
  const started: string[] = [];
  return {
    name: 'docker',
    async unusable(mayFetch) {
      if ((await attempt('docker', ['info'])).code !== 0) return 'Docker 没有安装或没有运行';
      const hasBase = (await attempt('docker', ['image', 'inspect', BASE_IMAGE])).code === 0;
      return hasBase || mayFetch ? undefined : `Docker 里没有基础镜像：docker pull ${BASE_IMAGE}`;
    },
    async prepare() {
      const { code } = await attempt('docker', ['image', 'inspect', BASE_IMAGE]);
      if (code !== 0) await output('docker', ['pull', '--quiet', BASE_IMAGE]);
    },
    build: async (folder) => void (await output('docker', ['build', '--quiet', '--tag', IMAGE, folder])),
    baseLayers: async () =>
      Number(await output('docker', ['image', 'inspect', '--format', '{{len .RootFS.Layers}}', BASE_IMAGE])),
    save: async (file) => void (await output('docker', ['save', '--output', file, IMAGE])),
    async run(env) {
      const name = `realtime-voice-test-${process.pid}-${started.length}`;
      started.push(name);
      return runDocker(name, env);
    },
    async dispose() {
      for (const name of started) await attempt('docker', ['rm', '--force', name]);
      await attempt('docker', ['image', 'rm', '--force', IMAGE]);
    },
  };
}

function runDocker(name: string, env: Record<string, string>): RunningContainer {
  const variables = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  const foreground = [
    'run',
    '--rm',
    '--name',
    name,
    '--network',
    'host',
    ...RESTRICTIONS,
    ...variables,
    IMAGE,
  ];
  const child = spawn('docker', foreground, { stdio: ['ignore', 'pipe', 'pipe'] });
  // the container is the daemon's child, not ours
  process.once('exit', () => {
    if (child.exitCode === null) execFileSync('docker', ['rm', '--force', name], { stdio: 'ignore' });
  });
  return {
    process: child,
    pid: async () => Number(await output('docker', ['inspect', '--format', '{{.State.Pid}}', name])),
    async exec(command) {
      const { code, stdout, stderr } = await attempt('docker', ['exec', name, ...command]);
      return { code, output: stdout + stderr };
    },
  };
}
