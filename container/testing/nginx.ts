import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { stopProcess } from './local-service.ts';

const DOC = 'docs/nginx.md';
const CANDIDATES = [
  '/usr/sbin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/local/bin/nginx',
  '/opt/homebrew/bin/nginx',
];
const READY_WITHIN_MS = 10_000;
/** Between attempts to connect. */
const POLL_MS = 20;

/**
 * The machine's nginx, or undefined when its tests must be skipped.
 * @throws where `REQUIRE_NGINX=1` and there is none, so that a machine meant to run them cannot skip silently
 */
export function nginxForTests(): string | undefined {
  const named = process.env.NGINX_PATH;
  const file = (named ? [named] : CANDIDATES).find((candidate) => fs.existsSync(candidate));
  const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;
  if (file && hasOpenssl) return file;
  const reason =
    '没有找到 nginx 或 openssl：请安装（Debian：apt-get install nginx-light openssl），或用 NGINX_PATH 指明 nginx 的位置';
  if (process.env.REQUIRE_NGINX === '1') throw new Error(reason);
  console.warn(`跳过 nginx 的测试。${reason}`);
  return undefined;
}

/** The configuration files of the documentation, by their paths in `/etc/nginx`. */
export function documentedFiles(): ReadonlyMap<string, string> {
  const blocks = fs
    .readFileSync(DOC, 'utf8')
    .matchAll(/`\/etc\/nginx\/([\w./-]+)`：[^\n]*\n\n```nginx\n(.*?)```/gs);
  return new Map([...blocks].map(([, file = '', text = '']) => [file, text]));
}

export interface Nginx {
  port: number;
  /** What the access log says so far. */
  accessLog(): string;
  stop(): Promise<void>;
}

interface NginxInit {
  binary: string;
  /** Of the container, on 127.0.0.1. */
  upstreamPort: number;
  /** The server to run, such as `conf.d/voice-default.conf`. */
  server: string;
  /** Changes a documented file before it is used. */
  edit?: (text: string, file: string) => string;
}

/** What the documentation's files are given here instead of a real machine's addresses. */
const adapt = (text: string, folder: string, port: number, upstreamPort: number): string =>
  text
    .replace(/listen (?:80|443)( ssl)?;/, `listen 127.0.0.1:${port}$1;`)
    .replace('server 127.0.0.1:8080;', `server 127.0.0.1:${upstreamPort};`)
    .replaceAll('/etc/nginx/', `${folder}/`)
    .replaceAll('/var/log/nginx/', `${folder}/`);

/** Runs nginx with the documentation's common files and one of its servers, in a folder of its own. */
export async function startNginx({ binary, upstreamPort, server, edit }: NginxInit): Promise<Nginx> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'voice-nginx-'));
  const port = await freePort();
  for (const [file, text] of documentedFiles()) {
    const target = path.join(folder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, adapt(edit?.(text, file) ?? text, folder, port, upstreamPort));
  }
  makeCertificate(path.join(folder, 'tls'));
  fs.writeFileSync(path.join(folder, 'nginx.conf'), mainFile(folder, server));
  const log: string[] = [];
  const nginx = spawn(binary, ['-e', 'stderr', '-p', folder, '-c', path.join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => nginx.kill('SIGKILL'));
  nginx.stderr.on('data', (data) => log.push(String(data)));
  const stop = async (): Promise<void> => {
    await stopProcess(nginx);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilListening(nginx, port, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, accessLog: () => fs.readFileSync(path.join(folder, 'voice.log'), 'utf8'), stop };
}

/** One process in the foreground, which ends with the test, and every path within the folder. */
const mainFile = (folder: string, server: string): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  include ${folder}/conf.d/voice-common.conf;
  include ${folder}/${server};
}
`;

function makeCertificate(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  const files = ['-keyout', path.join(folder, 'voice.key'), '-out', path.join(folder, 'voice.crt')];
  const subject = ['-subj', '/CN=voice.example.com', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], {
    stdio: 'ignore',
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

async function untilListening(nginx: ChildProcess, port: number, log: string[]): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await accepts(port))) {
    if (nginx.exitCode !== null || Date.now() > deadline)
      throw new Error(`nginx does not listen: ${log.join('')}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
