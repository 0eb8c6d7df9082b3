/** @type {import("@sveltejs/vite-plugin-svelte").SvelteConfig} */
export default {
  // A component's name is its own, and shorter in the page than a hash.
  compilerOptions: { runes: true, cssHash: ({ name }) => `_${name}` },
};
