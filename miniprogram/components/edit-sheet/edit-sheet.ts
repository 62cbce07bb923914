import { textField } from '../../utils/text-field-behavior.ts';

/**
 * A sheet that changes one text. Fires `type` with what stands in the field, `save`, `original` (bring the first text back) and
 * `close`; shows what its `view` says (`EditView` of the page).
 */
Component({
  behaviors: [textField],
  methods: {
    save() {
      this.triggerEvent('save');
    },
    original() {
      this.triggerEvent('original');
    },
  },
});
