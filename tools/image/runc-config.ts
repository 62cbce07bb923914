import type { ImageConfig } from './archive.ts';

const NOTHING: string[] = [];

const nameOf = (pair: string): string => pair.slice(0, pair.indexOf('='));
const pairsOf = (env: Record<string, string>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

/**
 * The description that runc starts a container from (OCI runtime specification 1.0): what the image says, and the restrictions
 * of a strict cluster. No network namespace: the container shares this machine's network.
 * @param rootfs where the image's files are mounted
 */
export function runcConfig(rootfs: string, image: ImageConfig, env: Record<string, string>): object {
  const [uid, gid] = (image.User ?? '').split(':').map(Number);
  if (!uid || !gid) throw new Error(`the image's user is "${image.User}", not two numbers above 0`);
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid, gid },
      args: [...(image.Entrypoint ?? []), ...(image.Cmd ?? [])],
      // no name twice: which of two values counts depends on who reads them
      env: [...(image.Env ?? []).filter((pair) => !(nameOf(pair) in env)), ...pairsOf(env)],
      cwd: image.WorkingDir || '/',
      capabilities: {
        bounding: NOTHING,
        effective: NOTHING,
        permitted: NOTHING,
        inheritable: NOTHING,
        ambient: NOTHING,
      },
      noNewPrivileges: true,
    },
    root: { path: rootfs, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })), resources: {} },
  };
}
