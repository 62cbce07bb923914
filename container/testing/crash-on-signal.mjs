/**
 * Preloaded into a container under test (`node --import`): on SIGUSR2 something fails that nobody waits for, as a defect
 * would: an exception, or with `CRASH=rejection` a promise.
 */
process.on('SIGUSR2', () => {
  const error = new Error('injected defect');
  if (process.env.CRASH === 'rejection') void Promise.reject(error);
  else throw error;
});
