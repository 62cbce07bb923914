import { invalidParameter } from './errors.ts';
import type { CloudState } from './state.ts';

export type Params = Readonly<Record<string, unknown>>;
export type Handler = (params: Params, state: CloudState) => object;

/** @throws ApiError where it is not there */
export function text(params: Params, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '') throw invalidParameter(`${name} is required`);
  return value;
}

/** @throws ApiError where it is not there */
export function list<T>(params: Params, name: string): T[] {
  const value = params[name];
  if (!Array.isArray(value)) throw invalidParameter(`${name} should be an array`);
  return value;
}

/** @throws ApiError where it is not there */
export function record(params: Params, name: string): Params {
  const value = params[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidParameter(`${name} should be an object`);
  return value as Params;
}

/** Makes handlers that want the environment of the state, under one of the names that the API has for it. */
export const inEnvironment =
  (name: 'EnvId' | 'Namespace', handler: Handler): Handler =>
  (params, state) => {
    if (text(params, name) !== state.envId) throw invalidParameter(`${name} ${params[name]} does not exist`);
    return handler(params, state);
  };
