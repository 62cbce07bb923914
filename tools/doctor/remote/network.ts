import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { describeSystemError } from '../../../lib/system-error.ts';
import { type Check, Problem, Skip } from '../runner.ts';
import type { Target } from './target.ts';

const CONNECT_MS = 5_000;
const DAY_MS = 86_400_000;
/** A certificate that ends sooner is a problem already. */
const CERTIFICATE_DAYS_LEFT = 3;

interface Endpoint {
  host: string;
  port: number;
  secure: boolean;
}

export function endpointOf(address: string): Endpoint {
  const { hostname, port, protocol } = new URL(address);
  const secure = protocol === 'https:';
  // an IPv6 address stands in brackets
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (secure ? 443 : 80), secure };
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code ?? '');

async function resolveHost({ url }: Target): Promise<string> {
  const { host } = endpointOf(url);
  if (isIP(host)) return `${host} 是 IP 地址，不需要解析`;
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address).join('、');
  } catch (error) {
    const known = describeSystemError(error) ?? codeOf(error);
    throw new Problem(
      `域名 ${host} 解析不了：${known}`,
      '检查地址有没有写错，域名有没有解析记录，这台机器的 DNS 通不通',
    );
  }
}

async function connect({ url }: Target): Promise<string> {
  const { host, port } = endpointOf(url);
  const socket = connectTcp({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
    return `${host}:${port}`;
  } catch (error) {
    const refused = codeOf(error) === 'ECONNREFUSED';
    const why = refused ? '连接被拒绝，没有程序在那里监听' : (describeSystemError(error) ?? '没有应答');
    throw new Problem(
      `连不上 ${host} 的端口 ${port}：${why}`,
      refused
        ? '检查端口号；服务在不在运行，监听的是不是这个端口（容器的 PORT）'
        : '检查地址、防火墙与安全组；云托管要打开公网访问',
    );
  } finally {
    socket.destroy();
  }
}

/** OpenSSL has got an answer in TLS, if only that they have no cipher in common. */
const TLS_ALERT = /ALERT/;

/** Whether TLS is spoken at a port, whatever certificate it has. */
export async function speaksTls({ host, port }: Endpoint): Promise<boolean> {
  const socket = connectTls({ host, port, rejectUnauthorized: false });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(CONNECT_MS) });
    return true;
  } catch (error) {
    return TLS_ALERT.test(codeOf(error));
  } finally {
    socket.destroy();
  }
}

/** What is wrong with a certificate, by OpenSSL's code. */
const CERTIFICATE_PROBLEMS: Readonly<Record<string, [cause: string, mend: string]>> = {
  CERT_HAS_EXPIRED: ['证书已过期', '更新证书'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['证书是自签名的', '换成受信任的机构签发的证书；小程序不接受自签名证书'],
  SELF_SIGNED_CERT_IN_CHAIN: ['证书链里有自签名的证书', '换成受信任的机构签发的证书'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    '证书链不完整',
    '把中间证书也配置上（nginx 的 ssl_certificate 用完整的链）',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ['证书不是签给这个域名的', '检查域名，或换成签给它的证书'],
};

async function handshake({ url }: Target): Promise<string> {
  const endpoint = endpointOf(url);
  const { host, port } = endpoint;
  if (!endpoint.secure) throw new Skip('地址是 http://，没有 TLS', { harmless: true });
  const socket = connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }) });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(CONNECT_MS) });
    return checkExpiry(socket.getPeerCertificate(), socket.getProtocol() ?? 'TLS');
  } catch (error) {
    if (error instanceof Problem) throw error;
    const known = CERTIFICATE_PROBLEMS[codeOf(error)];
    if (known) throw new Problem(...known);
    throw await notTls(endpoint, error);
  } finally {
    socket.destroy();
  }
}

function checkExpiry({ valid_to }: PeerCertificate, protocol: string): string {
  const days = Math.floor((Date.parse(valid_to) - Date.now()) / DAY_MS);
  if (days < CERTIFICATE_DAYS_LEFT) throw new Problem(`证书还有 ${days} 天过期`, '更新证书');
  return `${protocol}，证书还有 ${days} 天`;
}

/** OpenSSL cannot read what the other side says: that may be plain HTTP. */
async function notTls({ host, port }: Endpoint, error: unknown): Promise<Problem> {
  const socket = connectTcp({ host, port });
  try {
    socket.write('GET /health HTTP/1.0\r\n\r\n');
    const [said] = (await once(socket, 'data', { signal: AbortSignal.timeout(CONNECT_MS) })) as [Buffer];
    if (said.toString('latin1').startsWith('HTTP/'))
      return new Problem(
        `端口 ${port} 上是没有加密的 HTTP，不是 TLS`,
        '地址改成 http://；或在前面加上 TLS（nginx 的 listen 443 ssl），端口也要对',
      );
  } catch {
    // it says nothing that can be understood: the TLS error stands
  } finally {
    socket.destroy();
  }
  return new Problem(
    `TLS 握手失败：${describeSystemError(error) ?? (error as Error).message}`,
    '检查端口上的程序是不是 TLS，双方支持的 TLS 版本（需要 1.2 以上）',
  );
}

export const NETWORK_CHECKS: readonly Check<Target>[] = [
  { name: 'dns', title: '域名解析', run: resolveHost },
  { name: 'tcp', title: 'TCP 连接', needs: ['dns'], run: connect },
  { name: 'tls', title: 'TLS', needs: ['tcp'], run: handshake },
];
