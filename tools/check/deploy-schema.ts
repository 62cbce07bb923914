import * as v from 'valibot';

/**
 * cloudbaserc.json as this project writes it: the framework's keys (schema of @cloudbase/framework-core 1.9.7, whose
 * own check lets any plugin input pass) and `functions[]` of `tcb fn deploy`. Nothing else is allowed.
 */

/** The CLI fills a placeholder only where it is the whole value. */
const setting = v.pipe(
  v.string(),
  v.check(
    (text) => !text.includes('{{') || /^\{\{env\.[A-Z][A-Z0-9_]*\}\}$/.test(text),
    '占位符必须是整个值：{{env.名称}}',
  ),
);
const settings = v.record(v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]*$/)), setting);
/** Seconds, minutes, hours, days, months, weekdays, years. */
const cron = v.pipe(v.string(), v.regex(/^(\S+ ){6}\S+$/, '定时器需要 7 段 cron'));

const cloudFunction = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9_-]{0,59}$/)),
  handler: v.literal('index.main'),
  runtime: v.literal('Nodejs20.19'),
  /** Seconds. */
  timeout: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(60)),
  /** MB. */
  memorySize: v.picklist([128, 256, 512, 1024, 2048]),
  installDependency: v.literal(false, '函数已打包，不应再安装依赖'),
  envVariables: settings,
  triggers: v.optional(v.array(v.strictObject({ name: v.string(), type: v.literal('timer'), config: cron }))),
});

const container = v.strictObject({
  use: v.literal('@cloudbase/framework-plugin-container'),
  inputs: v.pipe(
    v.strictObject({
      serviceName: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/)),
      servicePath: v.pipe(v.string(), v.startsWith('/')),
      uploadType: v.literal('package'),
      localPath: v.string(),
      dockerfilePath: v.literal('./Dockerfile'),
      buildDir: v.literal('./'),
      containerPort: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      /** Cores and GB. */
      cpu: v.picklist([0.25, 0.5, 1, 2, 4, 8, 16], '云托管没有这样的规格'),
      mem: v.pipe(v.number(), v.minValue(0.5), v.maxValue(32)),
      minNum: v.pipe(v.number(), v.integer(), v.minValue(1, '至少保留 1 个实例：冷启动会让连接失败')),
      maxNum: v.pipe(v.number(), v.integer(), v.maxValue(50)),
      policyType: v.literal('cpu'),
      policyThreshold: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
      isPublic: v.boolean(),
      customLogs: v.literal('stdout'),
      initialDelaySeconds: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
      envVariables: settings,
    }),
    v.check(({ cpu, mem }) => mem === 2 * cpu, 'mem 应为 cpu 的两倍'),
    v.check(
      ({ containerPort, envVariables }) => envVariables.PORT === String(containerPort),
      'PORT 应等于 containerPort',
    ),
  ),
});

const index = v.strictObject({
  name: v.string(),
  unique: v.boolean(),
  keys: v.pipe(
    v.array(v.strictObject({ name: v.string(), direction: v.picklist(['1', '-1']) })),
    v.minLength(1),
    v.maxLength(31),
  ),
});
const database = v.strictObject({
  use: v.literal('@cloudbase/framework-plugin-database'),
  inputs: v.strictObject({
    collections: v.array(
      v.strictObject({
        collectionName: v.string(),
        description: v.string(),
        /** Clients never read or write the records themselves. */
        aclTag: v.literal('ADMINONLY'),
        createIndexes: v.pipe(v.array(index), v.maxLength(20)),
      }),
    ),
  }),
});

const functionPlugin = v.strictObject({
  use: v.literal('@cloudbase/framework-plugin-function'),
  /** The functions themselves are the top-level ones. */
  inputs: v.strictObject({
    functionRootPath: v.string(),
    /** Where HTTP access serves each function. */
    servicePaths: v.record(v.string(), v.pipe(v.string(), v.startsWith('/'))),
  }),
});

export const rcSchema = v.strictObject({
  version: v.literal('2.0'),
  envId: setting,
  functionRoot: v.string(),
  functions: v.array(cloudFunction),
  framework: v.strictObject({
    name: v.pipe(v.string(), v.regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,31}$/)),
    plugins: v.strictObject({ container, function: functionPlugin, database }),
  }),
});
export type DeployConfig = v.InferOutput<typeof rcSchema>;
