import { CONNECT_CASES } from './connect.ts';
import type { ClientCase } from './context.ts';
import { END_CASES } from './ends.ts';
import { REACT_CASES } from './react.ts';
import { SEND_CASES } from './send.ts';
import { SHOW_CASES } from './show.ts';

/** Every case for clients. */
export const CLIENT_CASES: readonly ClientCase[] = [
  ...CONNECT_CASES,
  ...SEND_CASES,
  ...SHOW_CASES,
  ...END_CASES,
  ...REACT_CASES,
];
