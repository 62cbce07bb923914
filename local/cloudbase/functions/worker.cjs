'use strict';
// One instance of a cloud function, in a thread of its own: `process.env` is a private copy here, so that what
// getWXContext() reads from it belongs to this instance's only running call.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { parentPort, workerData } = require('node:worker_threads');

const { folder, modulePaths, contextNames } = workerData;
// Stack traces name the TypeScript source where the bundle has a map beside it.
process.setSourceMapsEnabled(true);

/** Packages are looked for in the function's own folder, then among the project's. */
async function loadMain() {
  const file = join(folder, 'index.js');
  if (packageType() === 'module') return (await import(pathToFileURL(file).href)).main;
  const loaded = new Module(file);
  loaded.filename = file;
  loaded.paths = [...Module._nodeModulePaths(folder), ...modulePaths];
  loaded._compile(readFileSync(file, 'utf8'), file);
  return loaded.exports.main;
}

/** Only the function's own package.json counts: in the cloud there is nothing above its folder. */
function packageType() {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).type;
  } catch {
    return undefined;
  }
}

const asFailure = (cause) =>
  cause instanceof Error
    ? { message: `${cause.name}: ${cause.message}`, stack: cause.stack }
    : { message: String(cause) };

async function start() {
  const main = await loadMain();
  if (typeof main !== 'function') throw new Error('index.js does not export a function named main');
  parentPort.on('message', async ({ event, context, environment }) => {
    for (const name of contextNames) delete process.env[name];
    Object.assign(process.env, environment);
    try {
      const result = await main(JSON.parse(event), context);
      parentPort.postMessage({ result: JSON.stringify(result) ?? 'null' });
    } catch (cause) {
      parentPort.postMessage({ failure: asFailure(cause) });
    }
  });
  parentPort.postMessage({ ready: true });
}

start().catch((cause) => {
  parentPort.postMessage({ failure: asFailure(cause) });
  parentPort.close();
});
