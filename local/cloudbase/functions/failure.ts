/** Why a function call has no result. `errCode` as `wx.cloud.callFunction` shows it, `code` as node-sdk does. */
const KINDS = {
  'not-found': {
    errCode: -501000,
    code: 'FUNCTION_NOT_FOUND',
    title: 'FunctionName parameter could not be found',
  },
  failed: { errCode: -504002, code: 'FUNCTIONS_EXECUTE_FAIL', title: 'functions execute fail' },
  timeout: {
    errCode: -504003,
    code: 'FUNCTIONS_TIME_LIMIT_EXCEEDED',
    title: 'functions time limit exceeded',
  },
  overloaded: {
    errCode: -501004,
    code: 'EXCEED_CONCURRENT_REQUEST_LIMIT',
    title: 'exceed concurrent request limit',
  },
  'too-large': { errCode: -501007, code: 'INVALID_PARAM', title: 'data exceed max size' },
} as const;

export class FunctionFailure extends Error {
  readonly kind: keyof typeof KINDS;
  readonly code: string;
  readonly errCode: number;
  readonly errMsg: string;

  constructor(kind: keyof typeof KINDS, detail: string) {
    super(detail);
    this.name = 'FunctionFailure';
    this.kind = kind;
    this.code = KINDS[kind].code;
    this.errCode = KINDS[kind].errCode;
    this.errMsg = `cloud.callFunction:fail Error: errCode: ${this.errCode} ${KINDS[kind].title} | errMsg: ${detail}`;
  }
}
