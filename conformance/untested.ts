/** Requirements without a case, and why a case over the wire cannot look at them in the time of a run. */
export const UNTESTED: Readonly<Record<string, string>> = {
  'R-RESUME-11': 'A session without a client is let go after 120 seconds: longer than the whole run.',
};
