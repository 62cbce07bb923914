import type { Mermaid } from 'mermaid';
import { useData, withBase } from 'vitepress';
import { defineComponent, h, onMounted, ref, watch } from 'vue';

let drawn = 0;

/** Mermaid as it is published, a file of the site: bundling it again would take longer than all pages together. */
async function load(): Promise<Mermaid> {
  const address = new URL(withBase('/mermaid/mermaid.esm.min.mjs'), location.href);
  return ((await import(/* @vite-ignore */ address.href)) as { default: Mermaid }).default;
}

/** A diagram of Mermaid, in the colours of the page; its text until it is drawn, and where it cannot be. */
export const MermaidDiagram = defineComponent({
  props: { code: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const text = decodeURIComponent(props.code);
    const svg = ref('');
    const draw = async (): Promise<void> => {
      const mermaid = await load();
      mermaid.initialize({
        startOnLoad: false,
        theme: isDark.value ? 'dark' : 'neutral',
        fontFamily: 'inherit',
      });
      drawn += 1;
      svg.value = (await mermaid.render(`diagram-${drawn}`, text)).svg;
    };
    onMounted(draw);
    watch(isDark, draw);
    return () =>
      svg.value === ''
        ? h('pre', { class: 'diagram', 'v-pre': '' }, text)
        : h('div', { class: 'diagram', innerHTML: svg.value });
  },
});
