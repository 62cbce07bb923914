/** The caller of a function and the kind of call. Only mini-program calls have an `openid`. */
export interface Caller {
  source: 'wx_client' | 'wx_http' | 'wx_trigger' | 'scf';
  openid?: string | undefined;
}

export const LOCAL_APPID = 'wx00local00000000a';

/** Environment variables of one call, which are deleted before the next. */
export const CONTEXT_NAMES = ['WX_CONTEXT_KEYS', 'WX_OPENID', 'WX_APPID', 'TCB_SOURCE', 'TCB_SEQID'];

/** What `getWXContext()` reads: without `WX_CONTEXT_KEYS` it finds no caller. */
export function contextEnvironment(caller: Caller, requestId: string): Record<string, string> {
  const source = { TCB_SOURCE: caller.source, TCB_SEQID: requestId };
  if (caller.openid === undefined) return source;
  return {
    ...source,
    WX_CONTEXT_KEYS: 'WX_OPENID,WX_APPID',
    WX_OPENID: caller.openid,
    WX_APPID: LOCAL_APPID,
  };
}

/** The event as the function gets it: that of a mini-program's call also has the caller. */
export const eventFor = (data: unknown, caller: Caller): unknown =>
  caller.openid === undefined
    ? (data ?? {})
    : { ...(data as object | null), userInfo: { appId: LOCAL_APPID, openId: caller.openid } };
