import { NEWER_APIS } from '../../../compile/library-level.ts';
import { delayThen } from '../../../miniprogram/client/testing/timer-promise.ts';

function removeNewerApis(apis: Readonly<Record<string, readonly string[]>>): void {
  for (const [path, names] of Object.entries(apis)) {
    const owner = path
      .split('.')
      .reduce((value, key) => value[key] as Record<string, unknown>, globalThis as Record<string, unknown>);
    for (const name of names) delete owner[name];
  }
}

/** Of these the app asks first whether they are there, and does without. */
const OPTIONAL_APIS = { Intl: ['Segmenter'] };

/**
 * A script to run before the app's: the page then has nothing that the oldest phones lack, and `then` runs its
 * callbacks in later tasks, as on iOS 15 and below.
 */
export const OLD_RUNTIME = `(${removeNewerApis})(${JSON.stringify({ ...NEWER_APIS, ...OPTIONAL_APIS })});\n(${delayThen})();`;
