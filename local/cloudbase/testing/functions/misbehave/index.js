exports.main = async ({ how }) => {
  if (how === 'throw') throw new RangeError('not today');
  if (how === 'exit') process.exit(3);
  if (how === 'uncaught') setTimeout(() => exports.nothing.there, 0);
  if (how === 'memory') for (const all = []; ; ) all.push(new Array(1e6).fill(0));
  if (how === 'unhandled') Promise.reject(new Error('nobody listens'));
  if (how) await new Promise(() => {});
  return 'fine';
};
