import type { BuiltinDefinition } from './define.ts';

const BACKGROUND_SIZES: Record<string, string> = {
  aspectFit: 'contain',
  aspectFill: 'cover',
  scaleToFill: '100% 100%',
};

/** A picture that fills its box; the modes that fit the box to the picture, and `load` and `error`, are left out. */
export const image: BuiltinDefinition = {
  tag: 'image',
  properties: { src: String, mode: { type: String, value: 'scaleToFill' } },
  observers: {
    'src, mode': (self) => {
      const src = self.get<string>('src');
      const { style } = self.dom;
      style.backgroundImage = src === '' ? '' : `url("${src.replace(/"/g, '%22')}")`;
      style.backgroundSize = BACKGROUND_SIZES[self.get<string>('mode')] ?? 'auto';
      style.backgroundPosition = 'center';
    },
  },
};
