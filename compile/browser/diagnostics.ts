/** One thing wrong with the mini-program's source, with the place to look. */
export interface Diagnostic {
  /** Warnings in our own files stop the build as well; the caller decides by {@link isOwn}. */
  severity: 'error' | 'warning';
  /** Path below the mini-program's root, or `miniprogram_npm/…`. */
  file: string;
  /** 1-based; 0 when the tool does not say. */
  line: number;
  message: string;
}

/** Third-party widgets are not ours to mend, so their warnings don't stop the build. */
export const isOwn = (diagnostic: Diagnostic): boolean => !diagnostic.file.startsWith('miniprogram_npm/');

/** What must stop the build: every error, and every warning in our own files. */
export const blocking = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  diagnostics.filter((diagnostic) => diagnostic.severity === 'error' || isOwn(diagnostic));

export const formatDiagnostic = ({ severity, file, line, message }: Diagnostic): string =>
  `${severity === 'error' ? '错误' : '警告'} ${file}${line > 0 ? `:${line}` : ''} ${message}`;

/** The source does not compile; `diagnostics` says where. */
export class BuildError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(`小程序编译失败：\n${diagnostics.map(formatDiagnostic).join('\n')}`);
    this.name = 'BuildError';
    this.diagnostics = diagnostics;
  }
}
