import type { BuiltinDefinition } from './define.ts';

/** Follows a link; given by the router so that built-ins don't know it. */
export type Navigate = (kind: string, url: string, delta: number) => void;

export const createNavigator = (navigate: Navigate): BuiltinDefinition => ({
  tag: 'navigator',
  properties: {
    url: String,
    openType: { type: String, value: 'navigate' },
    delta: { type: Number, value: 1 },
  },
  attached: (self) => {
    self.dom.setAttribute('role', self.dom.getAttribute('role') ?? 'link');
    self.dom.addEventListener('click', () =>
      navigate(self.get<string>('openType'), self.get<string>('url'), self.get<number>('delta')),
    );
  },
});
