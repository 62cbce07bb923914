import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const random = (bytes: number): string => randomBytes(bytes).toString('hex');
const text = v.pipe(v.string(), v.minLength(8));
const secretsSchema = v.object({
  /** Signs tickets: shared by the function `ticket`, the container and `npm run ticket`. */
  ticketSecret: v.pipe(v.string(), v.minLength(32)),
  /** What functions sign their requests to the local CloudBase with, and the API key of the containers. */
  cloudbase: v.object({ secretId: text, secretKey: text, apiKey: v.optional(text, () => random(32)) }),
  /** The account at the local speech service. */
  asr: v.object({ appId: v.pipe(v.string(), v.regex(/^\d+$/)), secretId: text, secretKey: text }),
});
export type LocalSecrets = v.InferOutput<typeof secretsSchema>;

export const secretsPath = (dataDir: string): string => join(dataDir, 'secrets.json');

const formatted = (secrets: LocalSecrets): string => `${JSON.stringify(secrets, null, 2)}\n`;

/**
 * The secrets of a data folder; made at its first use, readable by its owner only. A file of an earlier version gets what it
 * lacks.
 * @throws Error when the file is there and cannot be understood
 */
export async function localSecrets(dataDir: string): Promise<LocalSecrets> {
  const path = secretsPath(dataDir);
  const made: LocalSecrets = {
    ticketSecret: random(32),
    cloudbase: { secretId: `AKID${random(16)}`, secretKey: random(16), apiKey: random(32) },
    asr: { appId: '1250000000', secretId: `AKID${random(16)}`, secretKey: random(16) },
  };
  try {
    await writeFile(path, formatted(made), { flag: 'wx', mode: 0o600 });
    return made;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  try {
    const stored = await readFile(path, 'utf8');
    const secrets = v.parse(secretsSchema, JSON.parse(stored));
    if (formatted(secrets) !== stored) await writeFile(path, formatted(secrets));
    return secrets;
  } catch (cause) {
    throw new Error(`${path} 不是有效的密钥文件：请删除它，下次启动会重新生成`, { cause });
  }
}
