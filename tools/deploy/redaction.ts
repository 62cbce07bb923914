import type { Values } from './values.ts';

/** Shorter ones would also hide words that have nothing to do with them. */
const MIN_LENGTH = 8;
/** Names whose values everybody may see. */
const PUBLIC: ReadonlySet<string> = new Set(['TCB_ENV', 'HTTP_ALLOWED_ORIGINS', 'TENCENT_APPID']);

/**
 * Makes a function that hides the deployed values in a text: what the cloud answers, its build logs, and what a container
 * prints on its first start are not ours to know.
 * @param names of the values that may not be shown
 */
export function redactor(names: readonly string[], values: Values): (text: string) => string {
  const secrets = names
    .filter((name) => !PUBLIC.has(name))
    .flatMap((name) => partsOf(values[name] ?? '').map((value) => [name, value] as const))
    .sort(([, a], [, b]) => b.length - a.length);
  return (text) => secrets.reduce((shown, [name, value]) => shown.replaceAll(value, `〔${name}〕`), text);
}

/** A value, and the secrets of one that lists several (`k2:…,k1:…`). */
const partsOf = (value: string): string[] =>
  [value, ...value.split(',').map((part) => part.replace(/^[\w-]{1,16}:/, ''))].filter(
    (part) => part.length >= MIN_LENGTH,
  );
