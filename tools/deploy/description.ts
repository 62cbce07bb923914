import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { type DeployConfig, rcSchema } from '../check/deploy-schema.ts';
import { ToolError } from '../cli.ts';
import { ROOT } from '../root.ts';
import type { Part } from './options.ts';
import type { Values } from './values.ts';

export type CollectionSpec =
  DeployConfig['framework']['plugins']['database']['inputs']['collections'][number];
export type IndexSpec = CollectionSpec['createIndexes'][number];
export type FunctionSpec = DeployConfig['functions'][number];
export type ContainerSpec = DeployConfig['framework']['plugins']['container']['inputs'];

/** What is deployed, as cloudbaserc.json has it, with the values filled in. */
export interface Description {
  envId: string;
  collections: readonly CollectionSpec[];
  container: ContainerSpec;
  functions: readonly FunctionSpec[];
}

const PLACEHOLDER = /^\{\{env\.(\w+)\}\}$/;

/** @throws ToolError with all that is wrong with it */
export function readRc(path = join(ROOT, 'cloudbaserc.json')): DeployConfig {
  const parsed = v.safeParse(rcSchema, JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `  ${v.getDotPath(issue) ?? ''}：${issue.message}`);
  throw new ToolError(`cloudbaserc.json 不对（什么都没有发送）：\n${problems.join('\n')}`);
}

/** The variables that some parts of the description take from outside, in its order. */
export function variablesOf(rc: DeployConfig, parts: readonly Part[]): string[] {
  const { container } = rc.framework.plugins;
  const taken = [
    rc.envId,
    ...(parts.includes('container') ? Object.values(container.inputs.envVariables) : []),
    ...(parts.includes('functions') ? rc.functions.flatMap((one) => Object.values(one.envVariables)) : []),
  ];
  return [...new Set(taken.flatMap((text) => PLACEHOLDER.exec(text)?.[1] ?? []))];
}

/** A variable that is left empty is not deployed. */
const filled = (variables: Readonly<Record<string, string>>, fill: (text: string) => string) =>
  Object.fromEntries(
    Object.entries(variables)
      .map(([name, text]): [string, string] => [name, fill(text)])
      .filter(([, value]) => value !== ''),
  );

/** Fills the values into a description. */
export function describe(rc: DeployConfig, values: Values): Description {
  const fill = (text: string): string => {
    const name = PLACEHOLDER.exec(text)?.[1];
    return name === undefined ? text : (values[name] ?? '');
  };
  const { container, database } = rc.framework.plugins;
  return {
    envId: fill(rc.envId),
    collections: database.inputs.collections,
    container: { ...container.inputs, envVariables: filled(container.inputs.envVariables, fill) },
    functions: rc.functions.map((one) => ({ ...one, envVariables: filled(one.envVariables, fill) })),
  };
}

/** Who may reach the container. */
export const accessTypesOf = ({ isPublic }: ContainerSpec): string[] =>
  isPublic ? ['MINIAPP', 'PUBLIC'] : ['MINIAPP'];
