import { textField } from '../../utils/text-field-behavior.ts';

/**
 * Search within a page: a field, which hit is shown of how many, and steps to the others. Fires `type`, `submit`, `previous`, `next`,
 * `replace` and `close`; shows what its `view` says (`FindView` of the page).
 */
Component({
  behaviors: [textField],
  properties: {
    max: { type: Number, value: 50 },
  },
  methods: {
    submit() {
      this.triggerEvent('submit');
    },
    previous() {
      this.triggerEvent('previous');
    },
    next() {
      this.triggerEvent('next');
    },
    replace() {
      this.triggerEvent('replace');
    },
  },
});
