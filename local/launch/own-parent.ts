/** How often the parent is looked at, ms. */
const LOOK_EVERY_MS = 1_000;

/**
 * Calls `gone` when the process that started us ends: a test runner (its channel closes), or npm (killed, it cannot
 * pass anything on). Started from a shell nothing is watched, so that `nohup … &` works.
 */
export function followParent(gone: () => void): void {
  if (process.channel) {
    process.once('disconnect', gone);
    process.channel.unref();
    return;
  }
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS);
  timer.unref();
}
