const POLL_MS = 50;

/** Polls `ask` until `isGood`. @throws Error with the last answer after `timeoutMs` */
export const waitUntil = async <T>(
  ask: () => Promise<T>,
  isGood: (answer: T) => boolean,
  { timeoutMs, what }: { timeoutMs: number; what: string },
): Promise<T> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`${what} did not come within ${timeoutMs} ms; last: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
