import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { startGateway } from './gateway.ts';

const optionsSchema = v.strictObject({
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)), 0),
  dataDir: v.optional(v.string()),
  rcPath: v.optional(v.string(), 'cloudbaserc.json'),
  envId: v.optional(v.string(), 'local-env'),
  secrets: v.optional(v.record(v.string(), v.string()), { AKIDlocal: 'local' }),
  functionsDir: v.optional(v.string()),
  functionEnv: v.optional(v.record(v.string(), v.string())),
  users: v.optional(v.record(v.string(), v.string())),
});

/**
 * Runs the gateway as a process. Options: JSON in the environment variable LOCAL_CLOUDBASE, each also as an
 * argument (`--port 0 --data-dir … --rc … --env-id … --functions-dir …`), which wins. Prints one line of JSON when
 * it listens; its log, if `--log` is given, goes to stderr.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'data-dir': { type: 'string' },
      rc: { type: 'string' },
      'env-id': { type: 'string' },
      'functions-dir': { type: 'string' },
      log: { type: 'boolean' },
    },
  });
  const given = {
    port: values.port === undefined ? undefined : Number(values.port),
    dataDir: values['data-dir'],
    rcPath: values.rc,
    envId: values['env-id'],
    functionsDir: values['functions-dir'],
  };
  const fromEnvironment: unknown = JSON.parse(process.env.LOCAL_CLOUDBASE ?? '{}');
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const options = v.parse(optionsSchema, { ...(fromEnvironment as object), ...Object.fromEntries(present) });
  const log = (entry: Record<string, unknown>): void => console.error(JSON.stringify(entry));

  const gateway = await startGateway({ ...options, log: values.log ? log : undefined });
  const stop = (): void => {
    void gateway.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: gateway.url })}\n`);
}

main().catch((cause: Error) => {
  console.error(v.isValiError(cause) ? cause.issues.map((issue) => issue.message).join('; ') : cause.message);
  process.exit(1);
});
