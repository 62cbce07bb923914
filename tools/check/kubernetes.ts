import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { DEFAULT_PORT, readConfig, STOP_MARGIN_MS, VARIABLES } from '../../container/src/config.ts';
import { createMetrics } from '../../container/src/metrics.ts';
import { ROOT } from '../root.ts';
import { type Facts, requirements } from './kubernetes-requirements.ts';
import { sharedLimitProblems } from './scale.ts';

export const K8S = 'deploy/k8s';
const SECRET_TEMPLATE = 'secret.env.example';
/** Beyond what the service may need to stop, for Kubernetes to notice. */
const GRACE_MARGIN_MS = 5_000;
/** An instance counts as busy from this share of its sessions on: the next one needs time to start. */
const TARGET_SHARE = [0.5, 0.9] as const;
const SAMPLE = '1'.repeat(40);

/** Texts of the files by their paths within the folder. */
export type Files = ReadonlyMap<string, string>;
/** A manifest, parsed; by its kind, of which there is one each. */
export type Manifests = ReadonlyMap<string, unknown>;

/** What stands at a place of a manifest; undefined: nothing. */
export const at = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);

const numberAt = (manifest: unknown, ...path: (string | number)[]): number => Number(at(manifest, path));

/** Parses every YAML file; each document is one manifest. @throws Error with the place where YAML is wrong, also for a key twice */
export function manifestsOf(files: Files): Manifests {
  const found = new Map<string, unknown>();
  for (const [file, text] of files) {
    if (!file.endsWith('.yaml')) continue;
    for (const document of parseAllDocuments(text, { uniqueKeys: true })) {
      const [error] = document.errors;
      if (error) throw new Error(`${K8S}/${file}：${error.message}`);
      const manifest: unknown = document.toJS();
      const kind = at(manifest, ['kind']);
      // the values of a Helm chart are no manifest
      found.set(typeof kind === 'string' ? kind : file, manifest);
    }
  }
  return found;
}

/** The names of `NAME=` lines, and those among them that have a value. */
function templateNames(template: string): { names: string[]; filled: string[] } {
  const lines = [...template.matchAll(/^(\w+)=(.*)$/gm)];
  return {
    names: lines.map(([, name = '']) => name),
    filled: lines.filter(([, , value]) => value?.trim()).map(([, name = '']) => name),
  };
}

/** Whether the container starts with these settings and fits into the budgets that all instances share. */
function settingsProblems(manifests: Manifests, template: string): string[] {
  const settings = (at(manifests.get('ConfigMap'), ['data']) ?? {}) as Record<string, string>;
  const { names, filled } = templateNames(template);
  const problems = [
    ...[...Object.keys(settings), ...names]
      .filter((name) => !VARIABLES.includes(name))
      .map((name) => `容器没有变量 ${name}`),
    ...filled.map((name) => `${SECRET_TEMPLATE} 里的 ${name} 不应有值`),
  ];
  const samples = Object.fromEntries(names.map((name) => [name, SAMPLE]));
  const read = readConfig({ ...settings, ...samples });
  if ('problems' in read)
    return [...problems, ...read.problems.map((problem) => `容器的环境变量 ${problem}`)];
  const { config } = read;
  if (config.trustWxHeaders) problems.push('这里没有微信的链路，不能设 TRUST_WX_HEADERS=1');
  const most = numberAt(manifests.get('HorizontalPodAutoscaler'), 'spec', 'maxReplicas');
  problems.push(...sharedLimitProblems({ name: 'maxReplicas', count: most }, config));
  const target = numberAt(
    manifests.get('HorizontalPodAutoscaler'),
    ...['spec', 'metrics', 0, 'pods', 'target', 'averageValue'],
  );
  const [least, greatest] = TARGET_SHARE.map((share) => share * config.maxSessions) as [number, number];
  if (!(target >= least && target <= greatest))
    problems.push(
      `averageValue ${target} 应在 MAX_SESSIONS 的 50% 到 90% 之间（${least} 到 ${greatest}），否则不会及时扩容`,
    );
  const graceMs =
    numberAt(manifests.get('Deployment'), 'spec', 'template', 'spec', 'terminationGracePeriodSeconds') * 1000;
  const neededMs = config.drainMs + STOP_MARGIN_MS + GRACE_MARGIN_MS;
  if (!(graceMs >= neededMs))
    problems.push(
      `terminationGracePeriodSeconds 至少 ${Math.ceil(neededMs / 1000)}：DRAIN_MS、最后的写入与余量之和`,
    );
  return problems;
}

/** What the manifests are compared with. */
function factsOf(manifests: Manifests, packageVersion: string, user: string): Facts {
  const [uid, gid] = user.split(':').map(Number);
  return {
    port: DEFAULT_PORT,
    metricsPort: numberAt(manifests.get('ConfigMap'), 'data', 'METRICS_PORT'),
    version: packageVersion,
    uid: uid as number,
    gid: gid as number,
  };
}

/** Manifests that contradict each other, the container's own settings or the image. @param user of the Dockerfile */
export function kubernetesProblems(files: Files, packageVersion: string, user: string): string[] {
  const manifests = manifestsOf(files);
  const problems = requirements(factsOf(manifests, packageVersion, user))
    .filter(
      ({ kind, path, value }) => JSON.stringify(at(manifests.get(kind), path)) !== JSON.stringify(value),
    )
    .map(
      ({ kind, path, value, why }) =>
        `${kind} 的 ${path.join('.')} 应为 ${JSON.stringify(value) ?? '空'}：${why}`,
    );
  const metric = at(manifests.get('HorizontalPodAutoscaler'), [
    ...['spec', 'metrics', 0, 'pods', 'metric', 'name'],
  ]);
  const metrics = createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  if (!metrics.includes(String(metric)))
    problems.push(`HorizontalPodAutoscaler 的指标 ${metric} 不存在，见 container/src/metrics.ts`);
  const listed = at(manifests.get('Kustomization'), ['resources']) as string[] | undefined;
  const own = [...files.keys()].filter(
    (file) => file.endsWith('.yaml') && !file.includes('/') && file !== 'kustomization.yaml',
  );
  if (JSON.stringify([...(listed ?? [])].sort()) !== JSON.stringify(own.sort()))
    problems.push(`kustomization.yaml 的 resources 应为 ${own}`);
  return [...problems, ...settingsProblems(manifests, files.get(SECRET_TEMPLATE) ?? '')].map(
    (problem) => `${K8S}：${problem}`,
  );
}

/** The folder's files. */
export async function kubernetesFiles(): Promise<Files> {
  const folder = join(ROOT, K8S);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  // secret.env is somebody's own
  const names = entries
    .filter((entry) => entry.isFile() && entry.name !== 'secret.env')
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return new Map(names.map((name, i) => [name, texts[i] ?? '']));
}
