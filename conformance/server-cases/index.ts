import type { ServerCase } from '../server-context.ts';
import { AUDIO_CASES } from './audio.ts';
import { DRAIN_CASES } from './drain.ts';
import { ENCODING_CASES } from './encodings.ts';
import { END_CASES } from './ends.ts';
import { ERROR_CASES } from './errors.ts';
import { HTTP_CASES } from './http.ts';
import { RESUME_CASES } from './resume.ts';
import { START_CASES } from './start.ts';
import { TAKEOVER_CASES } from './takeover.ts';
import { TEXT_CASES } from './texts.ts';
import { TICKET_CASES } from './tickets.ts';
import { NATIVE_CASES, SOCKET_IO_CASES } from './transports.ts';

/** Every case for servers. */
export const SERVER_CASES: readonly ServerCase[] = [
  ...TICKET_CASES,
  ...SOCKET_IO_CASES,
  ...NATIVE_CASES,
  ...START_CASES,
  ...AUDIO_CASES,
  ...ENCODING_CASES,
  ...TEXT_CASES,
  ...END_CASES,
  ...ERROR_CASES,
  ...RESUME_CASES,
  ...TAKEOVER_CASES,
  ...HTTP_CASES,
  ...DRAIN_CASES,
];
