import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PRIVATE_NAMES } from './minified.ts';
import { type NpmPackage, writeNpmPackage } from './npm-package.ts';

const DIALERS = {
  uni: 'dialers/uni.ts',
  taro: 'dialers/taro.ts',
  my: 'dialers/my.ts',
  tt: 'dialers/tt.ts',
  websocket: 'dialers/websocket.ts',
  node: 'dialers/node-ws.ts',
};

const PACKAGE: NpmPackage = {
  name: 'cloudbase-socketio-client',
  source: fileURLToPath(new URL('../miniprogram/client/', import.meta.url)),
  entries: {
    index: 'index.ts',
    client: 'cloudbase-socketio-client.ts',
    io: 'io.ts',
    'container-socket': 'container-socket.ts',
    ...DIALERS,
  },
  // Private names are short, and the same in all entries.
  bundling: PRIVATE_NAMES,
};

/** Where the compiler puts the declarations of the dialers' entries. */
export const dialerDeclarations = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(DIALERS).map(([entry, file]) => [
      entry,
      join('miniprogram/client', file.replace(/\.ts$/, '.d.ts')),
    ]),
  );

/**
 * Writes the package `cloudbase-socketio-client`.
 * @param folder of the package; where it is not the workspace, what is committed there is copied as well
 * @param types declarations of the entries, by name
 */
export const writePackage = (folder: string, types: Readonly<Record<string, string>>): Promise<void> =>
  writeNpmPackage(PACKAGE, folder, types);
