/** @type {import("@sveltejs/vite-plugin-svelte").SvelteConfig} */
export default {
  // Component names are unique, and shorter than a hash.
  compilerOptions: { runes: true, cssHash: ({ name }) => `_${name}` },
};
