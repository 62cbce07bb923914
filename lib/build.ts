// Replaced in the bundles by compile/build-id.ts (esbuild's `define`); there are none where the sources run as they are.
declare const __VERSION__: string;
declare const __BUILD_ID__: string;

export interface Build {
  /** Of the project, as in package.json. */
  version: string;
  /** The commit that was built, perhaps with `-dirty`; `dev`: no build of a commit. */
  build: string;
}

/** Which build of the project this code is. */
export const BUILD: Build = {
  version: typeof __VERSION__ === 'string' ? __VERSION__ : 'dev',
  build: typeof __BUILD_ID__ === 'string' ? __BUILD_ID__ : 'dev',
};

/** For people. */
export const describeBuild = ({ version, build }: Build): string => `${version}（${build}）`;
