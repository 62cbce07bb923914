/** What is written beside everything that is deployed: which code it is, from which commit, and when. */
export interface DeployRecord {
  /** Of the files that were uploaded, {@link CODE_LENGTH} hexadecimal digits. */
  code: string;
  /** Commit, with `-dirty` where files differ from it; `unknown` outside of a repository. */
  build: string;
  /** Epoch ms. */
  at: number;
}

/** The variable of the container that holds it; a function has it as its description. */
export const RECORD_VARIABLE = 'DEPLOY_RECORD';
export const CODE_LENGTH = 16;

/**
 * A function's description may hold letters, digits, spaces, commas, line breaks and full stops only (SCF API 583/18586,
 * `Description`), so there are no colons and hyphens.
 */
export const formatRecord = ({ code, build, at }: DeployRecord): string =>
  [
    'realtime voice',
    `code ${code}`,
    `build ${build.replaceAll('-', ' ')}`,
    `at ${new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')}`,
  ].join(', ');

/** The code that a record names; undefined: it was not deployed by this tool. */
export const codeOfRecord = (text: string | undefined): string | undefined =>
  /(?:^|, )code ([0-9a-f]{16})(?:,|$)/.exec(text ?? '')?.[1];
