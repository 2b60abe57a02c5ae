// Texts on the page that do not stand out from what is behind them: what is painted is added up from the
// ground to the text, boxes and drawn shapes alike. Run in the browser by test_look.py.
() => {
  const parts = (text) => {
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return text === "none" || text === "transparent" ? [0, 0, 0, 0] : [r, g, b, a];
  };
  const over = ([r, g, b, a], ground, opacity = 1) => [r, g, b].map((value, index) => value * a * opacity + ground[index] * (1 - a * opacity));
  const light = (color) => {
    const [x, y, z] = color.slice(0, 3).map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const paint = (element) => {
    const style = getComputedStyle(element);
    if (element instanceof SVGGeometryElement) return [parts(style.fill), Number(style.fillOpacity) * Number(style.opacity)];
    return element instanceof SVGElement ? [[0, 0, 0, 0], 1] : [parts(style.backgroundColor), Number(style.opacity)];
  };
  const ground = (element, x, y) => {
    const stack = document.elementsFromPoint(x, y);
    const from = stack.indexOf(element);
    if (from < 0) return null;
    const below = stack.slice(from).filter((one) => one !== element || !(one instanceof SVGElement));
    return below.reverse().reduce((color, one) => over(paint(one)[0], color, paint(one)[1]), [255, 255, 255]);
  };
  const poor = [];
  let seen = 0;
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("[hidden], .skip, .unseen, noscript, script, title, option, datalist") || element.disabled) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "")) continue;
    const box = element.getClientRects()[0];
    if (!box || box.width === 0) continue;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (y < 0 || y > innerHeight || x < 0 || x > innerWidth) continue;
    const behind = ground(element, x, y);
    const style = getComputedStyle(element);
    if (behind === null || style.visibility === "hidden") continue;
    seen += 1;
    const ink = over(parts(element instanceof SVGElement ? style.fill : style.color), behind);
    const [a, b] = [light(ink), light(behind)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.6 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least) poor.push([element.textContent.trim().slice(0, 30), ratio.toFixed(2), element.className.baseVal ?? element.className]);
  }
  return { poor, seen };
}
