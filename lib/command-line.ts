import { parseArgs } from 'node:util';

/** One option of a command. */
export type OptionSpec =
  | { type: 'boolean'; help: string }
  | {
      type: 'string';
      /** What the value is called in the usage: `DIR`. */
      value: string;
      help: string;
      default?: string;
    }
  | {
      /** May be given several times, and several values at once with commas between them. */
      type: 'list';
      value: string;
      help: string;
    }
  | {
      type: 'number';
      value: string;
      help: string;
      min: number;
      max: number;
      /** Fractions are allowed. Default false. */
      fraction?: boolean;
      default?: number;
    };

export interface CommandSpec<O extends Record<string, OptionSpec> = Record<string, OptionSpec>> {
  /** As people type it, without options: `npm run -s ticket --`. */
  command: string;
  /** What it does, in a line. */
  summary: string;
  /** What is given without an option's name, in this order; the optional ones last. */
  args?: readonly { name: string; help: string; optional?: boolean }[];
  options: O;
  /** Examples, shown below the options. */
  examples?: readonly string[];
}

type ValueOf<T extends OptionSpec> = T extends { type: 'boolean' }
  ? boolean
  : T extends { type: 'list' }
    ? string[]
    : T extends { type: 'number' }
      ? number | (T extends { default: number } ? never : undefined)
      : string | (T extends { default: string } ? never : undefined);

export interface CommandLine<O extends Record<string, OptionSpec>> {
  values: { [K in keyof O]: ValueOf<O[K]> };
  args: string[];
}

/** The command line is wrong; the message says what of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const HELP: OptionSpec = { type: 'boolean', help: '显示这段说明' };
/** Characters that take two columns of a terminal. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const widthOf = (text: string): number => [...text].reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0);

/** The usage, one line for each argument and option. */
export function usageOf({ command, summary, args = [], options, examples = [] }: CommandSpec): string {
  const given = args.map(({ name, optional }) => (optional ? `[${name}]` : name));
  const rows = [
    ...args.map(({ name, help }): [string, string] => [name, help]),
    ...Object.entries({ ...options, help: HELP }).map(([name, option]): [string, string] => [
      option.type === 'boolean' ? `--${name}` : `--${name} ${option.value}`,
      option.help,
    ]),
  ];
  const width = Math.max(...rows.map(([left]) => widthOf(left)));
  return [
    `用法：${[command, ...given, '[选项]'].join(' ')}`,
    `  ${summary}`,
    ...rows.map(([left, help]) => `  ${left}${' '.repeat(width - widthOf(left))}  ${help}`),
    ...examples.map((example) => `例：${example}`),
  ].join('\n');
}

/**
 * Reads a command line.
 * @returns its values and arguments; 'help' when `--help` or `-h` is in it
 * @throws UsageError for what the command does not know, for a missing or needless value, and for a number out of range
 */
export function readCommandLine<O extends Record<string, OptionSpec>>(
  spec: CommandSpec<O>,
  line: readonly string[],
): CommandLine<O> | 'help' {
  const { tokens } = parseArgs({
    args: [...line],
    options: Object.fromEntries(
      Object.entries(spec.options).map(([name, { type }]) => [
        name,
        { type: type === 'boolean' ? ('boolean' as const) : ('string' as const) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const found = tokens.filter((token) => token.kind === 'option');
  if (found.some(({ rawName }) => rawName === '--help' || rawName === '-h')) return 'help';
  const values = defaultsOf(spec.options);
  for (const token of found) {
    const value = valueOfOption(spec.options, token);
    const earlier = values[token.name];
    values[token.name] = Array.isArray(value) && Array.isArray(earlier) ? [...earlier, ...value] : value;
  }
  const args = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  checkArgs(spec, args);
  return { values: values as CommandLine<O>['values'], args };
}

const defaultsOf = (options: Record<string, OptionSpec>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      option.type === 'boolean' ? false : option.type === 'list' ? [] : option.default,
    ]),
  );

function valueOfOption(
  options: Record<string, OptionSpec>,
  {
    name,
    rawName,
    value,
    inlineValue,
  }: { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
): string | number | boolean | string[] {
  const option = Object.hasOwn(options, name) && rawName.startsWith('--') ? options[name] : undefined;
  if (!option) throw new UsageError(`没有选项 ${rawName}`);
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} 后面不带值`);
    return true;
  }
  // A value that begins with `-` is taken for the next option, unless it is written as `--name=-value`.
  if (value === undefined || value === '' || (!inlineValue && value.startsWith('-')))
    throw new UsageError(`${rawName} 后面需要 ${option.value}`);
  if (option.type === 'list') return value.split(',').map((one) => one.trim());
  return option.type === 'number' ? numberOf(rawName, value, option) : value;
}

function numberOf(
  rawName: string,
  text: string,
  { min, max, fraction = false }: { min: number; max: number; fraction?: boolean },
): number {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max) || !(fraction || Number.isInteger(value)))
    throw new UsageError(`${rawName} 应为 ${min} 到 ${max} 之间的${fraction ? '数' : '整数'}`);
  return value;
}

function checkArgs({ args: known = [] }: CommandSpec, given: readonly string[]): void {
  const missing = known[given.length];
  if (missing && !missing.optional) throw new UsageError(`缺少 ${missing.name}（${missing.help}）`);
  const extra = given[known.length];
  if (extra !== undefined) throw new UsageError(`多出来的参数 ${extra}`);
}
