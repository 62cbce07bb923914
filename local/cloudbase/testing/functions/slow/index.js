exports.main = (event) => (event.Type === 'Timer' ? event : new Promise(() => {}));
