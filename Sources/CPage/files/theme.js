// Runs before the first paint, so that a chosen theme does not flash. Not a module: modules wait.
(() => {
  const asked = new URLSearchParams(location.search).get("theme");
  let kept = null;
  try {
    kept = localStorage.getItem("plimsoll.theme");
  } catch {
    // Storage may be forbidden; then the system's theme holds.
  }
  const theme = asked ?? kept;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
