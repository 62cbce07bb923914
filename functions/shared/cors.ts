import { HTTP_METHODS } from '../../contract/http-api.ts';
import { type HttpEvent, headerOf } from './http.ts';

/** How long a browser may remember a preflight's answer, s. */
const PREFLIGHT_MAX_AGE_S = 600;

/** The origins that `HTTP_ALLOWED_ORIGINS` lists, separated by commas; none: pages of other origins get no answer. */
const allowedOrigins = (env: NodeJS.ProcessEnv): string[] =>
  (env.HTTP_ALLOWED_ORIGINS ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean);

/** Whether the browser asks, before its request, if a page of another origin may send it (Fetch standard, CORS preflight). */
export const isPreflight = ({ httpMethod }: HttpEvent): boolean => httpMethod.toUpperCase() === 'OPTIONS';

/**
 * The headers that let a page of an allowed origin read the answer; no `Access-Control-Allow-Origin` for any other. There
 * is no wildcard and no `Access-Control-Allow-Credentials`: the API knows no cookies, only the ticket.
 */
export function corsHeaders(event: HttpEvent, env: NodeJS.ProcessEnv): Record<string, string> {
  const allowed = allowedOrigins(env);
  if (allowed.length === 0) return {};
  const origin = headerOf(event, 'origin') ?? '';
  // caches must not give one origin the answer that was made for another
  if (!allowed.includes(origin)) return { vary: 'origin' };
  return { vary: 'origin', 'access-control-allow-origin': origin };
}

/** What a preflight from an allowed origin is told besides {@link corsHeaders}. */
export const preflightHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-methods': HTTP_METHODS.join(', '),
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': String(PREFLIGHT_MAX_AGE_S),
};
