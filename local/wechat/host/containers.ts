const READY_TIMEOUT_MS = 1_000;

const isReady = async (container: string): Promise<boolean> => {
  try {
    const response = await fetch(`${container}/ready`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};

/**
 * Chooses the container of each new connection as the cloud's gateway does: in turn, without sticky sessions, and
 * among several only those whose `GET /ready` answers 200. A single container is not asked: if it is down, the
 * connection to it fails.
 * @param urls asked at each call, so that containers may come and go
 * @returns `http://host:port`, or undefined while no container takes connections
 */
export const createContainerBalancer = (
  urls: () => readonly string[],
): (() => Promise<string | undefined>) => {
  let turn = 0;
  return async () => {
    const all = urls();
    if (all.length <= 1) return all[0];
    const first = turn++ % all.length;
    for (const url of [...all.slice(first), ...all.slice(0, first)]) if (await isReady(url)) return url;
    return undefined;
  };
};
