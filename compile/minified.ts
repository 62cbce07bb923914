import { projectVersion } from './build-id.ts';

/** No getter of the client has an effect that its own code reads it for; `inline: 1` and `hoist_funs` compress better. */
export const COMPRESS = { passes: 3, unsafe_arrows: true, pure_getters: true, hoist_funs: true, inline: 1 };
/**
 * Names that begin with `_` are private and are shortened, and so are those of a `BackoffRule`; the only such name in a packet is
 * `_placeholder`.
 */
export const PRIVATE_NAMES = { mangleProps: /^_|^(firstMs|maxMs|jitter)$/, reserveProps: /^_placeholder$/ };
/** The first line of a script. */
export const preambleOf = (name: string): string => `/*! ${name} ${projectVersion()} docs/client.md */`;
