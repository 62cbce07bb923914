import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { Diagnostic } from './diagnostics.ts';

const require = createRequire(import.meta.url);
const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

interface Run {
  failed: boolean;
  stderr: string;
}

const run = (command: string, args: readonly string[], cwd: string): Promise<Run> =>
  new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { cwd, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES },
      (error, _stdout, stderr) => {
        // The compiler may crash after it has reported an error; only a missing binary writes nothing.
        if (error !== null && stderr === '') reject(error);
        else resolve({ failed: error !== null, stderr });
      },
    );
  });

/** @returns the compilers' files, or the reason why they cannot run here: the package ships x86-64 Linux binaries only */
const findCompilers = (): { wcc: string; wcsc: string } | string => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `WeChat 的 wcc/wcsc 在 ${process.platform}/${process.arch} 上不能运行，已跳过这项检查`;
  const folder = path.join(path.dirname(require.resolve('miniprogram-compiler')), 'bin', 'linux');
  const wcc = path.join(folder, 'wcc');
  const wcsc = path.join(folder, 'wcsc');
  // npm installs them without the executable bit.
  for (const file of [wcc, wcsc]) if ((fs.statSync(file).mode & 0o111) === 0) fs.chmodSync(file, 0o755);
  return { wcc, wcsc };
};

const LOCATION = /^(?:\.\/)?([^\s:()]+\.(?:wxml|wxss|wxs))\s*[:(]?\s*(\d+)?/m;

const toDiagnostic = (message: string): Diagnostic => {
  const [, file = '', line = '0'] = LOCATION.exec(message) ?? [];
  const text = message.replace(/^ERR: |error file count: \d+/gm, '').trim();
  return { severity: 'error', file, line: Number(line), message: text };
};

/**
 * Runs WeChat's own wcc and wcsc over our WXML, WXS and WXSS: they reject what the browser accepts
 * (ES6 in WXS, `??` in a binding, an unclosed tag).
 * @param files paths below `root`.
 * @returns `skipped`: why nothing was checked on this platform
 */
export const checkWithWeChat = async (
  root: string,
  files: readonly string[],
): Promise<{ diagnostics: Diagnostic[]; skipped?: string }> => {
  const compilers = findCompilers();
  if (typeof compilers === 'string') return { diagnostics: [], skipped: compilers };
  const withExtension = (extension: string): string[] =>
    files.filter((file) => file.endsWith(extension)).map((file) => `./${file}`);
  const diagnostics: Diagnostic[] = [];
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'wcc-'));
  try {
    const markup = [...withExtension('.wxml'), ...withExtension('.wxs')];
    const styles = withExtension('.wxss');
    const runs = [
      markup.length > 0 && run(compilers.wcc, ['-d', '-o', path.join(out, 'wxml.js'), ...markup], root),
      styles.length > 0 &&
        run(compilers.wcsc, ['-lc', '-js', '-o', path.join(out, 'wxss.js'), ...styles], root),
    ];
    for (const started of runs) {
      if (started === false) continue;
      const { failed, stderr } = await started;
      if (failed) diagnostics.push(toDiagnostic(stderr));
    }
  } finally {
    fs.rmSync(out, { recursive: true, force: true });
  }
  return { diagnostics };
};
