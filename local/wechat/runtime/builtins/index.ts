import type { CodeSpace, glassEasel } from 'glass-easel-miniprogram-adapter';
import {
  checkbox,
  checkboxGroup,
  forwardLabelTaps,
  radio,
  radioGroup,
  slider,
  switchBuiltin,
} from './choice.ts';
import { defineBuiltin } from './define.ts';
import { input, textarea } from './field.ts';
import { form } from './form.ts';
import { icon, image, progress } from './media.ts';
import { createNavigator, type Navigate } from './navigator.ts';
import { picker } from './picker.ts';
import { scrollView } from './scroll-view.ts';
import { BUILTIN_TAGS } from './tags.ts';

const DEFINITIONS = [
  input,
  textarea,
  form,
  scrollView,
  image,
  progress,
  icon,
  switchBuiltin,
  checkbox,
  checkboxGroup,
  radio,
  radioGroup,
  slider,
  picker,
];

/**
 * The framework ships no built-in components. Those that are more than a tag with CSS are registered here, on the
 * space that uses them (another space's list is not inherited).
 */
export const installBuiltins = (
  codeSpace: CodeSpace,
  space: glassEasel.ComponentSpace,
  navigate: Navigate,
): void => {
  for (const definition of [...DEFINITIONS, createNavigator(navigate)]) {
    if (!BUILTIN_TAGS.has(definition.tag)) throw new Error(`${definition.tag} is missing in tags.ts`);
    defineBuiltin(codeSpace, space, definition);
  }
  forwardLabelTaps(document);
};
