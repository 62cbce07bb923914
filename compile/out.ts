/** Where `npm run build` puts things, from the project's root. cloudbaserc.json names the first two. */
export const OUT = {
  container: 'dist/container',
  functions: 'dist/functions',
  client: 'dist/client',
  /** A workspace: what is built is in its `dist/`. */
  clientPackage: 'miniprogram/client',
} as const;
