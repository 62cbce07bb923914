import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { IndexSpec } from './database/ordered-index.ts';

const indexSchema = v.object({
  name: v.string(),
  unique: v.optional(v.boolean(), false),
  keys: v.array(v.object({ name: v.string(), direction: v.picklist(['1', '-1', '2dsphere']) })),
});

const functionSchema = v.object({
  name: v.string(),
  /** Seconds. */
  timeout: v.optional(v.number()),
  envVariables: v.optional(v.record(v.string(), v.string()), {}),
  triggers: v.optional(v.array(v.object({ name: v.string(), type: v.string() })), []),
});

const rcSchema = v.object({
  functions: v.optional(v.array(functionSchema), []),
  framework: v.optional(
    v.object({
      plugins: v.optional(v.record(v.string(), v.looseObject({ inputs: v.optional(v.unknown()) })), {}),
    }),
  ),
});

const collectionInputs = v.object({
  collections: v.array(
    v.object({ collectionName: v.string(), createIndexes: v.optional(v.array(indexSchema), []) }),
  ),
});
const servicePathInputs = v.object({
  servicePaths: v.record(v.string(), v.pipe(v.string(), v.startsWith('/'))),
});
const functionInputs = v.object({ functions: v.array(functionSchema) });

export type FunctionSettings = v.InferOutput<typeof functionSchema>;

/** What the local cloud takes from cloudbaserc.json. */
export interface CloudbaseConfig {
  collections: Map<string, IndexSpec[]>;
  functions: Map<string, FunctionSettings>;
  /** Functions by the path that HTTP access serves them at. */
  httpPaths: Map<string, string>;
}

/**
 * Reads collections with their indexes, functions with their time limits and triggers, and HTTP paths, from `functions[]` and
 * from the inputs of any framework plugin that has some. `{{env.NAME}}` is replaced from the environment.
 */
export async function readCloudbaseConfig(
  path: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<CloudbaseConfig> {
  const text = await readFile(path, 'utf8');
  const filled = text.replace(/\{\{\s*env\.(\w+)\s*\}\}/g, (_, name: string) =>
    JSON.stringify(environment[name] ?? '').slice(1, -1),
  );
  const rc = v.parse(rcSchema, JSON.parse(filled));
  const collections: CloudbaseConfig['collections'] = new Map();
  const functions: CloudbaseConfig['functions'] = new Map();
  const httpPaths: CloudbaseConfig['httpPaths'] = new Map();
  for (const { inputs } of Object.values(rc.framework?.plugins ?? {})) {
    const withCollections = v.safeParse(collectionInputs, inputs);
    if (withCollections.success)
      for (const { collectionName, createIndexes } of withCollections.output.collections)
        collections.set(collectionName, createIndexes.map(toSpec));
    const withFunctions = v.safeParse(functionInputs, inputs);
    const withPaths = v.safeParse(servicePathInputs, inputs);
    if (withPaths.success)
      for (const [name, path] of Object.entries(withPaths.output.servicePaths)) httpPaths.set(path, name);
    if (withFunctions.success) for (const one of withFunctions.output.functions) functions.set(one.name, one);
  }
  for (const one of rc.functions) functions.set(one.name, one);
  return { collections, functions, httpPaths };
}

function toSpec({ name, unique, keys }: v.InferOutput<typeof indexSchema>): IndexSpec {
  const fields = keys.map((key) => {
    if (key.direction === '2dsphere') throw new Error(`index ${name}: geo indexes are not supported locally`);
    return { path: key.name, direction: key.direction === '1' ? (1 as const) : (-1 as const) };
  });
  return { name, unique, fields };
}
