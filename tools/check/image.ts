import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../root.ts';
import type { DeployConfig } from './deploy-schema.ts';
import { dockerfileProblems, valuesOf } from './dockerfile.ts';
import { kubernetesFiles, kubernetesProblems } from './kubernetes.ts';
import { repositoryPorts } from './port.ts';

/** The image, where it is run, and the one port that they share. */
export async function imageProblems(): Promise<string[]> {
  const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');
  const dockerfile = await read('Dockerfile');
  const { version } = JSON.parse(await read('package.json')) as { version: string };
  const rc = JSON.parse(await read('cloudbaserc.json')) as DeployConfig;
  return [
    ...dockerfileProblems(dockerfile),
    ...(await repositoryPorts(rc)),
    ...kubernetesProblems(await kubernetesFiles(), version, valuesOf(dockerfile, 'USER').join()),
  ];
}
