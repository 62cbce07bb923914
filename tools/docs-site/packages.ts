/** A package whose public types are the API reference. */
export interface DocumentedPackage {
  /** As it is imported. */
  name: string;
  /** Its sources, from the root of the project. */
  folder: string;
  /** In that folder; it has all entries. */
  tsconfig: string;
  /** By the name that follows the package's when it is imported; `index` is the package itself. Sources in the folder. */
  entries: Readonly<Record<string, string>>;
  /** Exported by no entry: base classes, whose members stand in the classes that are exported, and parts of types. */
  inner: readonly string[];
}

/** What typedoc writes beside the pages of a package: which there are. */
export const NAVIGATION_FILE = 'navigation.json';

/** A package that is added here gets its pages below `/reference/` and its place in the sidebar. */
export const PACKAGES: readonly DocumentedPackage[] = [
  {
    name: 'cloudbase-socketio-client',
    folder: 'miniprogram/client',
    tsconfig: 'tsconfig.types.json',
    // not `client`: the class alone, which the package itself exports as well
    entries: {
      index: 'index.ts',
      io: 'io.ts',
      'container-socket': 'container-socket.ts',
      uni: 'dialers/uni.ts',
      taro: 'dialers/taro.ts',
      my: 'dialers/my.ts',
      tt: 'dialers/tt.ts',
      websocket: 'dialers/websocket.ts',
      node: 'dialers/node-ws.ts',
    },
    inner: ['BaseSocket', 'Connection', 'ErrorFirst', 'Last', 'Untyped', 'WebSocketLike'],
  },
  {
    name: 'cloudbase-voice',
    folder: 'miniprogram/voice',
    tsconfig: 'tsconfig.json',
    entries: { index: 'index.ts' },
    inner: ['Events'],
  },
];
