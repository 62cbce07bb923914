import { MAX_PAYLOAD_BYTES } from '../functions/host.ts';
import { httpAnswer, httpEvent } from '../functions/http-access.ts';
import { type HttpContext, withFault } from './context.ts';
import { outcome } from './outcome.ts';
import type { GatewayServices } from './services.ts';

/** The function whose path in cloudbaserc.json the request's path is, or begins with; undefined: none. */
export const functionAt = ({ httpPaths }: GatewayServices, path: string): string | undefined =>
  [...httpPaths].find(([served]) => path === served || path.startsWith(`${served}/`))?.[1];

/** A request through HTTP access. The function itself decides about other origins, as in the cloud. */
export async function serveHttpAccess(
  cloud: GatewayServices,
  context: HttpContext,
  name: string,
  path: string,
): Promise<void> {
  const body = await context.body(MAX_PAYLOAD_BYTES);
  const event = httpEvent(context.request, context.url, path, body, cloud.options.envId);
  await withFault(context, cloud.faults.decide(`http.${name}`), {
    work: () => outcome(cloud.functions.invoke(name, event, { source: 'wx_http' })),
    answer: (answer) => {
      if ('error' in answer)
        return context.json({ code: answer.error.code, message: answer.error.errMsg }, 500);
      const { status, headers, body } = httpAnswer(answer.result);
      context.send(status, headers, body);
    },
    refuse: (code, message) => context.json({ code, message }, 500),
  });
}
