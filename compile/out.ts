/** Where `npm run build` puts things, from the project's root. cloudbaserc.json names the first two. */
export const OUT = {
  container: 'dist/container',
  functions: 'dist/functions',
  client: 'dist/client',
} as const;
