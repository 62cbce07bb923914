import { join } from 'node:path';
import { ROOT } from '../root.ts';
import type { ToolPackage } from './tool-package.ts';

/** What deploys. */
export const MANAGER_PACKAGE: ToolPackage = {
  folder: join(ROOT, 'tools/deploy/manager-node'),
  name: '@cloudbase/manager-node',
};

/** The vendor's own command line tools, which tests hold the documents against. */
export const REAL_TOOLS: ToolPackage = {
  folder: join(ROOT, 'tools/deploy/real-tools'),
  name: '@cloudbase/cli',
};
