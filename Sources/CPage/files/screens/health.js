export function mount(root) { return { title: 'health', update() {}, curl: () => [] }; }
