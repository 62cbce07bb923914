import { fileURLToPath } from 'node:url';
import type { BrowserRuntime } from '../../compile/browser/runtime.ts';
import { KNOWN_TAGS } from './runtime/builtins/tags.ts';

const file = (name: string): string => fileURLToPath(new URL(`runtime/${name}`, import.meta.url));

/** What the compiler needs to know of this browser host. */
export const loadBrowserRuntime = async (): Promise<BrowserRuntime> => {
  // Browser code, loaded by address: its types belong to another TypeScript project.
  const address = new URL('runtime/wx/index.ts', import.meta.url).href;
  const { listMembers } = (await import(/* @vite-ignore */ address)) as { listMembers: () => string[] };
  return {
    folder: file(''),
    entry: file('main.ts'),
    scripts: { 'pcm-worklet': file('pcm-worklet.ts'), frame: file('frame/frame.ts') },
    staticFiles: [file('app.html'), file('base.css'), file('frame/index.html'), file('frame/frame.css')],
    tags: KNOWN_TAGS,
    wxMembers: new Set(listMembers()),
  };
};
