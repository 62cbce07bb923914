import { type GatewayOptions, startGateway } from '../gateway.ts';

/** In JSON a set is an array. */
type StartOptions = Omit<GatewayOptions, 'apiKeys'> & { apiKeys?: string[] };

/**
 * Runs a gateway as a process, for tests that kill it and for the chaos run. LOCAL_CLOUDBASE holds its options as JSON.
 * Prints `{"ready":true,"url":…}` when it listens; `--log` writes its log to stderr.
 */
async function main(): Promise<void> {
  const { apiKeys, ...options } = JSON.parse(process.env.LOCAL_CLOUDBASE ?? '{}') as StartOptions;
  const log = (entry: Record<string, unknown>): void => console.error(JSON.stringify(entry));
  const gateway = await startGateway({
    ...options,
    apiKeys: new Set(apiKeys),
    port: 0,
    ...(process.argv.includes('--log') && { log }),
  });
  const stop = (): void => {
    void gateway.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, url: gateway.url })}\n`);
}

main().catch((cause: Error) => {
  console.error(cause.message);
  process.exit(1);
});
