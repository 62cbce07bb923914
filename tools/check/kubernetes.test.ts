import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../root.ts';
import { type Files, kubernetesFiles, kubernetesProblems, manifestsOf } from './kubernetes.ts';

const files = await kubernetesFiles();
const VERSION = '0.1.0';
const USER = '1000:1000';

/** The files with one thing changed. */
function changed(file: string, from: string | RegExp, to: string): Files {
  const text = files.get(file) ?? '';
  const other = text.replace(from, to);
  expect(other).not.toBe(text);
  return new Map([...files, [file, other]]);
}

describe('the manifests', () => {
  test('as they are have no problems', () => {
    expect(kubernetesProblems(files, VERSION, USER)).toEqual([]);
  });

  test.each([
    ['another port of the container', 'deployment.yaml', 'containerPort: 8080', 'containerPort: 80', 'ports'],
    ['another PORT', 'config.yaml', 'PORT: "8080"', 'PORT: "80"', 'data.PORT'],
    ['another port of the metrics', 'config.yaml', 'METRICS_PORT: "9400"', 'METRICS_PORT: "9401"', '9401'],
    ['a variable that nobody reads', 'config.yaml', 'MAX_SESSIONS:', 'MAX_SESSION:', 'MAX_SESSION'],
    ['a secret that nobody reads', 'secret.env.example', 'TICKET_SECRET', 'TICKET_SECRETS', 'TICKET_SECRETS'],
    ['a secret that is missing', 'secret.env.example', 'TENCENT_APPID=\n', '', 'TENCENT_APPID'],
    ['a value in the template', 'secret.env.example', 'TCB_ENV=', 'TCB_ENV=env-1', 'TCB_ENV 不应有值'],
    [
      'a root file system that can be written',
      'deployment.yaml',
      'readOnlyRootFilesystem: true',
      '',
      'readOnly',
    ],
    ['a capability', 'deployment.yaml', '- ALL', '- NET_RAW', 'ALL'],
    ['root', 'deployment.yaml', 'runAsUser: 1000', 'runAsUser: 0', 'runAsUser'],
    [
      'liveness that depends on the database',
      'deployment.yaml',
      'path: /health',
      'path: /ready',
      'livenessProbe',
    ],
    [
      'an update that takes the last instance away',
      'deployment.yaml',
      'maxUnavailable: 0',
      'maxUnavailable: 1',
      '0',
    ],
    ['too little time to stop', 'deployment.yaml', 'Seconds: 40', 'Seconds: 32', '至少 33'],
    [
      'a longer drain than the time to stop',
      'config.yaml',
      'DRAIN_MS: "20000"',
      'DRAIN_MS: "30000"',
      '至少 43',
    ],
    [
      'more instances than the recogniser has streams',
      'autoscaler.yaml',
      'maxReplicas: 4',
      'maxReplicas: 5',
      'MAX_SESSIONS 47',
    ],
    [
      'more requests than the database takes',
      'config.yaml',
      'SECOND: "5"',
      'SECOND: "6"',
      'DB_WRITES_PER_SECOND 6',
    ],
    [
      'instances that do not count each other’s streams',
      'config.yaml',
      'RECOGNISER_STREAMS: "190"',
      'LOG_LEVEL: "info"',
      '要设 RECOGNISER_STREAMS',
    ],
    [
      'a rule that fires too late',
      'autoscaler.yaml',
      'averageValue: "33"',
      'averageValue: "60"',
      'averageValue 60',
    ],
    [
      'a metric that is not there',
      'autoscaler.yaml',
      'name: voice_sessions',
      'name: voice_session',
      '不存在',
    ],
    [
      'an adapter for another metric',
      'prometheus/adapter-values.yaml',
      'as: voice_sessions',
      'as: sessions',
      'as',
    ],
    ['a selector of others', 'service.yaml', 'name: realtime-voice\n  #', 'name: voice\n  #', 'selector'],
    [
      'a proxy that gives up during silence',
      'ingress.yaml',
      '-read-timeout: "75"',
      '-read-timeout: "9"',
      'read-timeout',
    ],
    [
      'identity from a header',
      'config.yaml',
      'PORT: "8080"',
      'PORT: "8080"\n  TRUST_WX_HEADERS: "1"',
      'TRUST_WX_HEADERS',
    ],
    ['a file that is not applied', 'kustomization.yaml', '  - service.yaml\n', '', 'service.yaml'],
    ['another version', 'kustomization.yaml', '0.1.0', '0.0.9', 'images'],
  ])('%s is found', (_, file, from, to, mention) => {
    expect(kubernetesProblems(changed(file, from, to), VERSION, USER).join('\n')).toContain(mention);
  });

  test('a key that stands twice is not taken for the last one', () => {
    const twice = changed('service.yaml', 'port: 8080', 'port: 8080\n      port: 80');
    expect(() => kubernetesProblems(twice, VERSION, USER)).toThrow('service.yaml');
  });
});

/** Kubernetes' own description of each kind: the module of kubernetes-types that has it. */
const MODULES: Record<string, string> = {
  ConfigMap: 'core/v1',
  Deployment: 'apps/v1',
  HorizontalPodAutoscaler: 'autoscaling/v2',
  Ingress: 'networking/v1',
  Namespace: 'core/v1',
  PodDisruptionBudget: 'policy/v1',
  Service: 'core/v1',
};
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** What the compiler says where each manifest is given its kind's type (unknown keys, missing ones, wrong types), for each variant. */
async function typeErrors(variants: readonly Files[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const names = variants.map((_, i) => `variant-${i}.ts`);
  for (const [i, name] of names.entries()) await writeFile(join(folder, name), typed(variants[i] as Files));
  const types = join(ROOT, 'node_modules/kubernetes-types/*');
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [] },
    ...{ module: 'esnext', moduleResolution: 'bundler', paths: { 'kubernetes-types/*': [types] } },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: names }));
  const said = await promisify(execFile)(process.execPath, [TSC, '-p', folder], { cwd: folder }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
  const lines = said.split('\n').filter((line) => /^\S/.test(line));
  return names.map((name) => lines.filter((line) => line.startsWith(name)).join('\n'));
}

function typed(given: Files): string {
  const manifests = manifestsOf(given);
  return Object.entries(MODULES)
    .map(([kind, module]) => {
      const type = `import('kubernetes-types/${module}').${kind}`;
      return `export const ${kind}: ${type} = ${JSON.stringify(manifests.get(kind))};`;
    })
    .join('\n');
}

test('Kubernetes knows every key of the manifests and misses none; what it does not know is found', async () => {
  const [asTheyAre, ...broken] = await typeErrors([
    files,
    changed('deployment.yaml', 'terminationGracePeriodSeconds', 'terminationGracePeriod'),
    changed('deployment.yaml', 'path: /metrics', 'path: 5'),
    changed('deployment.yaml', 'type: RuntimeDefault', 'type: [RuntimeDefault]'),
    changed('autoscaler.yaml', 'maxReplicas: 4', ''),
    changed('ingress.yaml', 'kind: Ingress', 'kind: Egress'),
  ]);
  expect(asTheyAre).toBe('');
  expect(broken.map((said) => /error TS\d+/.test(said))).toEqual(broken.map(() => true));
  expect(broken[0]).toContain('terminationGracePeriod');
});
