/**
 * Preloaded into a deployment tool (`NODE_OPTIONS=--require`): each HTTP request that is not for this machine goes to the
 * recording cloud at `RECORDING_CLOUD` instead, with the host that was meant in a header. Any other connection that would
 * leave this machine is refused, so that a test never reaches the real cloud.
 */
'use strict';
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

/** Looked up at each request: a test that loads this itself has a cloud of its own for each. */
const cloud = () => new URL(process.env.RECORDING_CLOUD);
const HOST_HEADER = 'x-recorded-host';
const isHere = (host) =>
  typeof host !== 'string' || /^(?:127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$/.test(host);

/** The arguments of `http.request`, in its three forms. */
function read(args) {
  const rest = [...args];
  const callback = typeof rest.at(-1) === 'function' ? rest.pop() : undefined;
  const [first, second] = rest;
  if (typeof first !== 'string' && !(first instanceof URL)) return { options: { ...first }, callback };
  const { hostname, pathname, search, port } = new URL(first);
  return { options: { hostname, path: pathname + search, port, ...second }, callback };
}

const plainHeaders = (headers) =>
  typeof headers?.entries === 'function' ? Object.fromEntries(headers.entries()) : { ...headers };

const realRequest = http.request;
for (const module of [http, https]) {
  const real = module.request;
  module.request = (...args) => {
    const { options, callback } = read(args);
    const host = (options.hostname ?? options.host)?.replace(/:\d+$/, '');
    if (options.socketPath || isHere(host)) return real.apply(module, args);
    const headers = { ...plainHeaders(options.headers), [HOST_HEADER]: host };
    for (const name of Object.keys(headers)) if (name.toLowerCase() === 'host') delete headers[name];
    const { method, path, timeout, signal } = options;
    const { hostname, port } = cloud();
    const there = {
      hostname,
      port,
      agent: false,
      method,
      path,
      timeout,
      signal,
      headers,
    };
    return realRequest.call(http, there, callback);
  };
  module.get = (...args) => module.request(...args).end();
}

const realFetch = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const request = new Request(input, init);
  const url = new URL(request.url);
  if (isHere(url.hostname)) return realFetch(input, init);
  const headers = new Headers(request.headers);
  headers.set(HOST_HEADER, url.hostname);
  return realFetch(new URL(url.pathname + url.search, cloud()), {
    method: request.method,
    headers,
    body: init?.body ?? request.body,
    duplex: 'half',
  });
};

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof first === 'object' && first !== null ? (first.path ? undefined : first.host) : second;
  if (isHere(host)) return connect.apply(this, args);
  throw new Error(`the recording cloud does not let a connection to ${host} out`);
};
syncBuiltinESMExports();
