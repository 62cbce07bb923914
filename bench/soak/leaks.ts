/** What can be leaked on purpose, one for each connection that is accepted. */
export const LEAKS = ['listener', 'entry', 'timer'] as const;
export type Leak = (typeof LEAKS)[number];
