/** Validation of the service's settings; each check returns what is wrong, or an empty text. */
const SERVICE = /^[a-z][a-z0-9-]{0,62}$/;
const ENV = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
const FALLBACK = /^wss:\/\/[^\s/?#]+(\/[^\s?#]*)?$/;

export const VALIDATORS = {
  service: (text: string): string =>
    SERVICE.test(text) ? '' : '服务名由小写字母、数字和连字符组成，以字母开头',
  env: (text: string): string => (text === '' || ENV.test(text) ? '' : '环境 ID 只含字母、数字和连字符'),
  fallbackUrl: (text: string): string =>
    text === '' || FALLBACK.test(text) ? '' : '备用地址应以 wss:// 开头，例如 wss://voice.example.com',
} as const;

export type Field = keyof typeof VALIDATORS;
export const isField = (name: string): name is Field => Object.keys(VALIDATORS).includes(name);
