interface FormatEvent {
  currentTarget: { dataset: { format: string } };
}

/**
 * The sheet that makes a file of a session, or of several. Fires `format` with the one that was chosen, `share`, `copy` and `close`; shows what its
 * `view` says (`ExportView` of the page).
 */
Component({
  properties: {
    view: { type: Object, value: {} },
    /** Formats in order: id, name, use. */
    formats: { type: Array, value: [] },
    /** Of several sessions; the app is recommended only from the sheet of one. */
    several: { type: Boolean, value: false },
  },
  methods: {
    chooseFormat({ currentTarget }: FormatEvent) {
      this.triggerEvent('format', { format: currentTarget.dataset.format });
    },
    share() {
      this.triggerEvent('share');
    },
    copy() {
      this.triggerEvent('copy');
    },
    close() {
      this.triggerEvent('close');
    },
  },
});
