interface InputEvent {
  detail: { value: string };
}

/**
 * A sheet that changes one text. Fires `type` with what stands in the field, `save`, `original` (bring the first text back) and
 * `close`; shows what its `view` says (`EditView` of the page).
 */
Component({
  properties: {
    view: { type: Object, value: {} },
    /** Of the field. Apart from the view: sent along with it, an older text would overwrite what is typed meanwhile. */
    text: { type: String, value: '' },
  },
  methods: {
    type({ detail }: InputEvent) {
      this.triggerEvent('type', { value: detail.value });
    },
    save() {
      this.triggerEvent('save');
    },
    original() {
      this.triggerEvent('original');
    },
    close() {
      this.triggerEvent('close');
    },
  },
});
