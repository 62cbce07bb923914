import type { BuiltinDefinition } from './define.ts';

const BACKGROUND_SIZES: Record<string, string> = {
  aspectFit: 'contain',
  aspectFill: 'cover',
  scaleToFill: '100% 100%',
  widthFix: '100% 100%',
  heightFix: '100% 100%',
};

export const image: BuiltinDefinition = {
  tag: 'image',
  properties: {
    src: String,
    mode: { type: String, value: 'scaleToFill' },
    lazyLoad: Boolean,
    webp: Boolean,
    showMenuByLongpress: Boolean,
  },
  observers: {
    'src, mode': (self) => {
      const src = self.get<string>('src');
      const mode = self.get<string>('mode');
      const { dom } = self;
      if (src === '') {
        dom.style.backgroundImage = '';
        return;
      }
      const picture = new Image();
      picture.onload = () => {
        const { naturalWidth: width, naturalHeight: height } = picture;
        if (mode === 'widthFix') dom.style.height = `${(dom.clientWidth * height) / width}px`;
        if (mode === 'heightFix') dom.style.width = `${(dom.clientHeight * width) / height}px`;
        self.fire('load', { width, height });
      };
      picture.onerror = () => self.fire('error', { errMsg: `load ${src} fail` });
      picture.src = src;
      dom.style.backgroundImage = `url("${src.replaceAll('"', '%22')}")`;
      dom.style.backgroundSize = BACKGROUND_SIZES[mode] ?? 'auto';
      dom.style.backgroundPosition = BACKGROUND_SIZES[mode] === undefined ? mode : 'center';
    },
  },
};
