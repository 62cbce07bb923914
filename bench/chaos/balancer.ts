import { sleep, systemClock } from '../../lib/clock.ts';
import { FaultProxy } from './proxy.ts';

/** How often each backend's `/ready` is asked. */
const HEALTH_EVERY_MS = 250;
const HEALTH_TIMEOUT_MS = 1_000;

export interface Balancer {
  url: string;
  port: number;
  /** Ports of the backends that take new connections, by the last health check. */
  readonly healthy: readonly number[];
  close(): Promise<void>;
}

/**
 * Spreads TCP connections over backends in turn, like the cloud's gateway in front of several instances: no sticky
 * sessions; new connections go only to backends whose `/ready` answers 200; open connections stay where they are.
 * @param backends ports on 127.0.0.1
 */
export async function startBalancer(backends: readonly number[]): Promise<Balancer> {
  const healthy = new Set<number>();
  let turn = 0;
  const proxy = await FaultProxy.start({
    random: () => 0,
    target: () => {
      const candidates = backends.filter((backend) => healthy.has(backend));
      return candidates[turn++ % candidates.length];
    },
    onTargetError: (backend) => healthy.delete(backend),
  });
  const checkHealth = async (): Promise<void> => {
    await Promise.all(
      backends.map(async (backend) => {
        if (await isReady(backend)) healthy.add(backend);
        else healthy.delete(backend);
      }),
    );
  };
  let closing = false;
  const keepChecking = async (): Promise<void> => {
    while (!closing) {
      await sleep(systemClock, HEALTH_EVERY_MS);
      await checkHealth();
    }
  };
  await checkHealth();
  const checking = keepChecking();
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    port: proxy.port,
    get healthy() {
      return [...healthy];
    },
    async close() {
      closing = true;
      await proxy.close();
      await checking;
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/ready`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
