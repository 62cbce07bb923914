import type { AppJson } from '../../../compile/browser/components.ts';

/** The app as the compiler hands it to the runtime. */
export interface Manifest {
  app: AppJson;
  pages: string[];
  theme: Record<'light' | 'dark', Record<string, string>>;
  components: Record<string, { config: Record<string, unknown>; scope: string }>;
  /** CSS by code path; `app` is the application's. */
  styles: Record<string, string>;
}
