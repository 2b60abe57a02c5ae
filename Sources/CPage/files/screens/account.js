export function mount(root) { return { title: 'account', update() {}, curl: () => [] }; }
