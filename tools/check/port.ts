import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_PORT } from '../../container/src/config.ts';
import { markdownPages } from '../docs/pages.ts';
import { ROOT } from '../root.ts';
import type { DeployConfig } from './deploy-schema.ts';
import { valuesOf } from './dockerfile.ts';

/** Where the service's port stands. */
export interface PortSources {
  /** Of the container where `PORT` is not set. */
  fallback: number;
  dockerfile: string;
  rc: DeployConfig;
  /** Markdown texts by their paths. */
  documents: ReadonlyMap<string, string>;
}

/** The port as one place has it; undefined: it leaves it out. */
interface Claim {
  where: string;
  port: number | undefined;
}

const numberIn = (text: string, pattern: RegExp): number | undefined => {
  const [, port] = pattern.exec(text) ?? [];
  return port === undefined ? undefined : Number(port);
};

/** Fenced blocks, with continued lines joined, and code within a line. */
function codeLinesOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```[^\n]*\n(.*?)^```/gms)].map(([, block = '']) =>
    block.replaceAll(/\\\n\s*/g, ' '),
  );
  const inline = markdown.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g);
  return [...blocks.flatMap((block) => block.split('\n')), ...[...inline].map(([, code = '']) => code)];
}

/** What in a document's code names the port. */
const MENTIONS: readonly { what: string; found: RegExp; port: RegExp }[] = [
  // with an option it is a command to be typed, without one only its name
  { what: 'tcb cloudrun deploy 的 --port', found: /tcb cloudrun deploy\b.* -/, port: /--port[ =](\d+)/ },
  { what: '--containerPort', found: /--containerPort/, port: /--containerPort[ =](\d+)/ },
  { what: '-p 主机:容器', found: /\b(?:docker|podman) run\b.* -p /, port: / -p (?:[\d.]+:)?\d+:(\d+)/ },
  { what: 'PORT=', found: /(?<!\w)PORT=\d+\b(?! npm)/, port: /(?<!\w)PORT=(\d+)/ },
  { what: 'nginx 的 upstream', found: /server 127\.0\.0\.1:\d+;/, port: /server 127\.0\.0\.1:(\d+);/ },
];

const claimsOf = (file: string, markdown: string): Claim[] =>
  codeLinesOf(markdown).flatMap((line) =>
    MENTIONS.filter(({ found }) => found.test(line)).map(({ what, port }) => ({
      where: `${file}：${what}`,
      port: numberIn(line, port),
    })),
  );

/** Places that have another port than the container listens on, or leave it to a tool that assumes another one (the CLI: 80). */
export function portProblems({ fallback, dockerfile, rc, documents }: PortSources): string[] {
  const claims: Claim[] = [
    { where: 'Dockerfile：ENV PORT', port: numberIn(valuesOf(dockerfile, 'ENV').join(' '), /\bPORT=(\d+)/) },
    { where: 'Dockerfile：EXPOSE', port: numberIn(valuesOf(dockerfile, 'EXPOSE').join(' '), /^(\d+)$/) },
    {
      where: 'cloudbaserc.json：containerPort',
      port: rc.framework.plugins.container.inputs.containerPort,
    },
    ...[...documents].flatMap(([file, text]) => claimsOf(file, text)),
  ];
  return claims
    .filter(({ port }) => port !== fallback)
    .map(
      ({ where, port }) =>
        `${where} ${port === undefined ? '没有写' : `是 ${port}`}，应为 ${fallback}（container/src/config.ts 的默认值）`,
    );
}

/** {@link portProblems} of this repository. */
export async function repositoryPorts(rc: DeployConfig): Promise<string[]> {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  return portProblems({ fallback: DEFAULT_PORT, dockerfile, rc, documents: markdownPages() });
}
