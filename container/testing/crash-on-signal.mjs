/**
 * Preloaded into a container under test (`node --import`): on SIGUSR2 something fails that nobody waits for, as a defect
 * would: an exception, or with `CRASH=rejection` a promise. Before that Node.js warns of something, and of something deprecated.
 */
process.on('SIGUSR2', () => {
  process.emitWarning('injected warning');
  process.emitWarning('injected deprecation', 'DeprecationWarning');
  setImmediate(fail);
});

function fail() {
  const error = new Error('injected defect');
  if (process.env.CRASH === 'rejection') void Promise.reject(error);
  else throw error;
}
