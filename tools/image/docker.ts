import { execFileSync, spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { attempt, output } from './command.ts';
import { BASE_IMAGE, IMAGE, type ImageEngine, type RunningContainer } from './engine.ts';

/** As in deploy/k8s/README.md. */
const RESTRICTIONS = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

/** Docker with a running daemon. */
export function dockerEngine(): ImageEngine {
  const started: string[] = [];
  return {
    name: 'docker',
    async unusable(mayFetch) {
      const elsewhere = await whyNotHere();
      if (elsewhere !== undefined) return elsewhere;
      const hasBase = (await attempt('docker', ['image', 'inspect', BASE_IMAGE])).code === 0;
      return hasBase || mayFetch ? undefined : `没有基础镜像：docker pull ${BASE_IMAGE}`;
    },
    async prepare() {
      const { code } = await attempt('docker', ['image', 'inspect', BASE_IMAGE]);
      if (code !== 0) await output('docker', ['pull', '--quiet', BASE_IMAGE]);
      await output('docker', ['run', '--rm', ...RESTRICTIONS, BASE_IMAGE, 'node', '--version']);
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

/** Why containers would not be processes of this machine in its network; undefined: they are. */
async function whyNotHere(): Promise<string | undefined> {
  const { code, stdout } = await attempt('docker', ['info', '--format', '{{json .}}']);
  const { Name = '', SecurityOptions = [] }: { Name?: string; SecurityOptions?: string[] | null } =
    code === 0 && stdout.startsWith('{') ? JSON.parse(stdout) : {};
  if (!Name) return '没有安装或没有运行';
  // Docker Desktop has a virtual machine of its own, a rootless daemon a network of its own
  const isHere = Name === hostname() && !SecurityOptions?.includes('name=rootless');
  return isHere ? undefined : '不在这台机器的网络里运行容器（Docker Desktop、rootless 或远程）';
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
    kill: async () => void (await attempt('docker', ['rm', '--force', name])),
  };
}
