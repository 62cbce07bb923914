import type { BuiltinDefinition } from './define.ts';

/** Vertical scrolling: to an element by its id, and `scroll` with the position. */
export const scrollView: BuiltinDefinition = {
  tag: 'scroll-view',
  properties: { scrollY: Boolean, scrollIntoView: String, enhanced: Boolean },
  reflected: ['scrollY'],
  observers: {
    scrollIntoView: (self) => {
      const id = self.get<string>('scrollIntoView');
      if (id === '') return;
      requestAnimationFrame(() => {
        const target = self.dom.querySelector(`#${CSS.escape(id)}`);
        if (target === null) return;
        self.dom.scrollBy({ top: target.getBoundingClientRect().top - self.dom.getBoundingClientRect().top });
      });
    },
  },
  attached: (self) => {
    const { dom } = self;
    dom.addEventListener('scroll', () => {
      const { scrollTop, scrollLeft, scrollHeight, scrollWidth } = dom;
      self.fire('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth });
    });
  },
};
