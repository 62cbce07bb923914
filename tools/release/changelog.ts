import { ToolError } from '../cli.ts';

const HEADING = /^## \[([^\]]+)\](.*)$/;
const DATE = /^ - \d{4}-\d{2}-\d{2}$/;

/**
 * A version's section of the changelog (https://keepachangelog.com), without its heading.
 * @throws ToolError where there is none, or it has no date or no entries
 */
export function sectionOf(changelog: string, version: string): string {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => HEADING.exec(line)?.[1] === version);
  if (start < 0)
    throw new ToolError(`CHANGELOG.md 里没有 ${version}：把 [Unreleased] 改成 ## [${version}] - 年-月-日`);
  if (!DATE.test(HEADING.exec(lines[start] ?? '')?.[2] ?? ''))
    throw new ToolError(`CHANGELOG.md 里 ${version} 的标题应为 ## [${version}] - 年-月-日`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.startsWith('## '));
  const section = rest
    .slice(0, end < 0 ? undefined : end)
    .join('\n')
    .trim();
  if (!/^- /m.test(section)) throw new ToolError(`CHANGELOG.md 里 ${version} 没有内容`);
  return section;
}

/** The version that a tag stands for. @throws ToolError unless it is package.json's */
export function versionOfTag(tag: string, packageVersion: string): string {
  if (tag !== `v${packageVersion}`)
    throw new ToolError(
      `标签 ${tag} 与 package.json 的版本 ${packageVersion} 不一致：标签应为 v${packageVersion}，或先改 package.json`,
    );
  return packageVersion;
}
