export function mount(root) { return { title: 'adl', update() {}, curl: () => [] }; }
