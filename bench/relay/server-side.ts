import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a container asks the recogniser for that says as much of itself; the sink looks at none of it. */
const QUERY = 'engine_model_type=16k_zh&voice_format=1&needvad=1&word_info=1&voice_id=v';

/** Where the recogniser is, for the servers that the container is compared with. */
export const upstreamUrl = (): string => `${process.env.ASR_ENDPOINT}/asr/v2/1250000000?${QUERY}`;

/** Listens, and says so as the container does. */
export function announce(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ msg: 'listening', port }));
  });
}
