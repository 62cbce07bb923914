/** How often the id of the parent process is compared, ms. */
const POLL_MS = 1_000;

/**
 * Calls `onExit` when the parent process ends: a test runner (the IPC channel closes), or npm (which, when it is killed,
 * passes no signal on: the parent's id changes). Started from a shell nothing is watched, so that `nohup … &` works.
 */
export function onParentExit(onExit: () => void): void {
  if (process.channel) {
    process.once('disconnect', onExit);
    process.channel.unref();
    return;
  }
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onExit();
  }, POLL_MS);
  timer.unref();
}
