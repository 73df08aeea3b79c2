/** What a caller may put into every field it controls: markup, quotes, and a word without a place to break. */
export const MEAN = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>'"&${'x'.repeat(60)}`;
