interface InputEvent {
  detail: { value: string };
}

/**
 * Search within a page: a field, which hit is shown of how many, and steps to the others. Fires `type`, `submit`, `previous`, `next`,
 * `replace` and `close`; shows what its `view` says (`FindView` of the page).
 */
Component({
  properties: {
    view: { type: Object, value: {} },
    /** Of the field. Apart from the view: sent along with it, an older text would overwrite what is typed meanwhile. */
    text: { type: String, value: '' },
    max: { type: Number, value: 50 },
  },
  methods: {
    type({ detail }: InputEvent) {
      this.triggerEvent('type', { value: detail.value });
    },
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
    close() {
      this.triggerEvent('close');
    },
  },
});
