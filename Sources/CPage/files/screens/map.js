export function mount(root) { return { title: 'map', update() {}, curl: () => [] }; }
