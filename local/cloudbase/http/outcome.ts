import { FunctionFailure } from '../functions/failure.ts';

interface CallError {
  errCode: number;
  errMsg: string;
  code: string;
}
export const asCallError = ({ errCode, errMsg, code }: FunctionFailure): CallError => ({
  errCode,
  errMsg,
  code,
});

/** A function's result, or why there is none. */
export async function outcome(result: Promise<string>): Promise<{ result: unknown } | { error: CallError }> {
  try {
    return { result: JSON.parse(await result) };
  } catch (cause) {
    if (cause instanceof FunctionFailure) return { error: asCallError(cause) };
    throw cause;
  }
}
