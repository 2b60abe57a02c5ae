export function mount(root) { return { title: 'time', update() {}, curl: () => [] }; }
