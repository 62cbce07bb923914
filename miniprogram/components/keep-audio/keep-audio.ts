import { askToKeepAudio } from '../../utils/keep-audio.ts';
import { readSettings } from '../../utils/settings.ts';

/** Offers to keep recordings on this phone, until the user has decided. */
Component({
  data: { unasked: false },
  lifetimes: {
    attached() {
      this.look();
    },
  },
  pageLifetimes: {
    show() {
      this.look();
    },
  },
  methods: {
    look() {
      const unasked = readSettings().keepAudio === 'unasked';
      if (unasked !== this.data.unasked) this.setData({ unasked });
    },
    async ask() {
      await askToKeepAudio();
      this.look();
    },
  },
});
