import type { FunctionSpec } from './description.ts';
import { type Cloud, type CloudFunctionDetail, ifThere } from './manager.ts';
import { type Package, sizeOf } from './packages.ts';
import { codeOfRecord, type DeployRecord, formatRecord } from './record.ts';
import { mergeVariables, type VariableDifference, variableChanges, variableNotes } from './variables.ts';
import { functionText } from './words.ts';
import type { Work } from './works.ts';

type TriggerSpec = NonNullable<FunctionSpec['triggers']>[number];

export interface FunctionDifference {
  create: boolean;
  upload: boolean;
  configure: boolean;
  variables: VariableDifference;
  newTriggers: TriggerSpec[];
  /** Of the same name, and at other times. */
  oldTriggers: string[];
  changes: string[];
  notes: string[];
  problems: string[];
}

/** The service shows a timer's expression as it was given, or wrapped in JSON. */
function cronOf(description: string): string {
  try {
    return (JSON.parse(description) as { cron?: string }).cron ?? description;
  } catch {
    return description;
  }
}

function compareTriggers(
  specs: readonly TriggerSpec[],
  found: CloudFunctionDetail['Triggers'],
): Pick<FunctionDifference, 'newTriggers' | 'oldTriggers' | 'changes' | 'notes'> {
  const there = new Map(
    (found ?? []).map(({ TriggerName, TriggerDesc }) => [TriggerName, cronOf(TriggerDesc)]),
  );
  const missing = specs.filter(({ name }) => !there.has(name));
  const moved = specs.filter(({ name, config }) => there.has(name) && there.get(name) !== config);
  const others = [...there.keys()].filter((name) => !specs.some((spec) => spec.name === name));
  return {
    newTriggers: [...missing, ...moved],
    oldTriggers: moved.map(({ name }) => name),
    changes: [
      ...missing.map(({ name, config }) => `加上定时器 ${name}（${config}）`),
      ...moved.map(({ name, config }) => `定时器 ${name} 改为 ${config}`),
    ],
    notes: others.length > 0 ? [`描述之外的触发器保留：${others.join('、')}`] : [],
  };
}

/** What a function as it is lacks of its description. */
export function compareFunction(
  spec: FunctionSpec,
  found: CloudFunctionDetail | undefined,
  { code, described, force }: { code: string; described: readonly string[]; force: boolean },
): FunctionDifference {
  const there = Object.fromEntries(
    (found?.Environment?.Variables ?? []).map(({ Key, Value }): [string, string] => [Key, Value]),
  );
  const variables = mergeVariables(spec.envVariables, there, described);
  if (!found) {
    const nothing = { newTriggers: [], oldTriggers: [], notes: [], problems: [] };
    const changes = [`新建，${functionText(spec)}`];
    return { create: true, upload: false, configure: false, variables, changes, ...nothing };
  }
  const upload = force || codeOfRecord(found.Description) !== code || found.Handler !== spec.handler;
  const settings = [
    ...(found.Timeout === spec.timeout ? [] : [`时限由 ${found.Timeout} 改为 ${spec.timeout} 秒`]),
    ...(found.MemorySize === spec.memorySize
      ? []
      : [`内存由 ${found.MemorySize} 改为 ${spec.memorySize} MB`]),
    ...variableChanges(variables),
  ];
  const triggers = compareTriggers(spec.triggers ?? [], found.Triggers);
  const isOtherRuntime = found.Runtime !== spec.runtime;
  return {
    create: false,
    upload,
    // the record of the code is a part of the configuration
    configure: upload || settings.length > 0,
    variables,
    newTriggers: triggers.newTriggers,
    oldTriggers: triggers.oldTriggers,
    changes: [...(upload ? ['更新代码'] : []), ...settings, ...triggers.changes],
    notes: [...variableNotes(variables), ...triggers.notes],
    problems: isOtherRuntime
      ? [
          `运行环境是 ${found.Runtime}，应为 ${spec.runtime}，创建后不能更改：在控制台删除这个云函数（记录不在里面），再运行一次`,
        ]
      : [],
  };
}

/** Does what a comparison has found. */
async function apply(
  { manager }: Cloud,
  spec: FunctionSpec,
  made: Package,
  description: string,
  difference: FunctionDifference,
): Promise<void> {
  const { name, runtime, handler, timeout, memorySize, triggers = [] } = spec;
  const { create, upload, configure, variables, newTriggers, oldTriggers } = difference;
  const { functions } = manager;
  const settings = { name, timeout, memorySize, envVariables: variables.merged, description };
  const code = { name, runtime, handler, installDependency: false };
  const base64Code = made.zip.toString('base64');
  if (create) {
    await functions.createFunction({ func: { ...settings, ...code, triggers }, base64Code });
    return;
  }
  if (upload) {
    await functions.updateFunctionCode({ func: code, base64Code });
    await functions.waitFunctionActive(name);
  }
  if (configure) {
    await functions.updateFunctionConfig(settings);
    await functions.waitFunctionActive(name);
  }
  for (const trigger of oldTriggers) await functions.deleteFunctionTrigger(name, trigger);
  if (newTriggers.length > 0) await functions.createFunctionTriggers(name, newTriggers);
}

/** What is deployed besides the description. */
export interface FunctionSources {
  packages: ReadonlyMap<string, Package>;
  /** The names of the description's variables, those that are left empty too. */
  described: ReadonlyMap<string, readonly string[]>;
  record: Omit<DeployRecord, 'code'>;
  force: boolean;
}

/** A function as it is. One whose creation has failed does not count: the SDK makes it anew. */
async function readFunction({ manager }: Cloud, name: string): Promise<CloudFunctionDetail | undefined> {
  const found = await ifThere(manager.functions.getFunctionDetail(name));
  return found?.Status === 'CreateFailed' ? undefined : found;
}

/** Compares the functions with their description. */
export async function functionWorks(
  cloud: Cloud,
  specs: readonly FunctionSpec[],
  { packages, described, record, force }: FunctionSources,
): Promise<Work[]> {
  return Promise.all(
    specs.map(async (spec): Promise<Work> => {
      const made = packages.get(spec.name);
      if (!made) throw new Error(`no package of ${spec.name}`);
      const found = await readFunction(cloud, spec.name);
      const { code } = made;
      const names = described.get(spec.name) ?? [];
      const difference = compareFunction(spec, found, { code, described: names, force });
      const { create, upload, changes, notes, problems } = difference;
      return {
        part: 'functions',
        subject: `云函数 ${spec.name}`,
        isNew: create,
        changes: create || upload ? [...changes, sizeOf(made)] : changes,
        notes,
        problems,
        run: async (tell) => {
          tell(create || upload ? '正在上传' : '正在更新');
          // what changes only its settings keeps the record of its code
          const description =
            create || upload ? formatRecord({ ...record, code }) : (found?.Description ?? '');
          await apply(cloud, spec, made, description, difference);
        },
      };
    }),
  );
}
