/** A problem in the mini-program's source, and where it is. */
export interface Diagnostic {
  severity: 'error' | 'warning';
  /** Path below the mini-program's root, or `miniprogram_npm/…`. */
  file: string;
  /** 1-based; 0 when it is unknown. */
  line: number;
  message: string;
}

/** Whether the file is ours; warnings in third-party widgets don't stop the build. */
const isOwn = (diagnostic: Diagnostic): boolean => !diagnostic.file.startsWith('miniprogram_npm/');

export const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

/** What must stop the build: every error, and every warning in our own files. */
export const blockingDiagnostics = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  diagnostics.filter((diagnostic) => isError(diagnostic) || isOwn(diagnostic));

export const formatDiagnostic = ({ severity, file, line, message }: Diagnostic): string =>
  `${severity === 'error' ? '错误' : '警告'} ${file}${line > 0 ? `:${line}` : ''} ${message}`;

/** The source does not compile; `diagnostics` has the places. */
export class BuildError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(`小程序编译失败：\n${diagnostics.map(formatDiagnostic).join('\n')}`);
    this.name = 'BuildError';
    this.diagnostics = diagnostics;
  }
}
