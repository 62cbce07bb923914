/** Files of a built cloud function, sorted: what is loaded only when it is asked for is apart. */
export const functionFiles = (name: string): string[] => [
  ...(name === 'history' ? ['docx.lazy.js'] : []),
  'index.js',
  'package.json',
];
