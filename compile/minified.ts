import { projectVersion } from './build-id.ts';

/**
 * No getter of the client has an effect that its own code reads it for. `hoist_funs` and what follows compress better with gzip;
 * `unsafe` writes `new Error` as a call and short templates as sums.
 */
export const COMPRESS = {
  passes: 3,
  unsafe_arrows: true,
  pure_getters: true,
  hoist_funs: true,
  inline: 1,
  reduce_funcs: false,
  lhs_constants: false,
  unsafe: true,
};
/** Names that begin with `_` are private and are shortened; the only such name in a packet is `_placeholder`. */
export const PRIVATE_NAMES = { mangleProps: /^_/, reserveProps: /^_placeholder$/ };
/** The first line of a script. */
export const preambleOf = (name: string): string => `/*! ${name} ${projectVersion()} docs/client.md */`;
