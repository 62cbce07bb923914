import type { CodeSpace, glassEasel } from 'glass-easel-miniprogram-adapter';
import { defineBuiltin } from './define.ts';
import { input, textarea } from './field.ts';
import { image } from './image.ts';
import { pageMeta } from './page-meta.ts';
import { picker } from './picker.ts';
import { scrollView } from './scroll-view.ts';
import { BUILTIN_TAGS } from './tags.ts';

/**
 * The framework ships no built-in components. Those that are more than a tag with CSS are registered here, on the
 * space that uses them (another space's list is not inherited).
 */
export const installBuiltins = (codeSpace: CodeSpace, space: glassEasel.ComponentSpace): void => {
  for (const definition of [input, textarea, scrollView, image, picker, pageMeta]) {
    if (!BUILTIN_TAGS.has(definition.tag)) throw new Error(`${definition.tag} is missing in tags.ts`);
    defineBuiltin(codeSpace, space, definition);
  }
};
