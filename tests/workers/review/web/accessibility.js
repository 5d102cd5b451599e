// What WCAG 2.2 AA asks of a page and can be measured: called in the page, returns its faults.
() => {
  const faults = [];
  const shown = (element) => element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true });
  const says = (element) => `${element.tagName.toLowerCase()} ${(element.id || element.className || element.name || element.textContent).toString().trim().slice(0, 40)}`;

  if (!document.documentElement.lang) faults.push("3.1.1: no language");
  if (!document.title.trim()) faults.push("2.4.2: no title");
  if (document.querySelectorAll("main").length !== 1) faults.push("1.3.1: not one main");
  if (document.querySelectorAll("h1").length !== 1) faults.push("1.3.1: not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`4.1.2: id ${id} twice`);
  for (const element of document.querySelectorAll("[aria-labelledby]"))
    if (!document.getElementById(element.getAttribute("aria-labelledby"))) faults.push(`1.3.1: ${says(element)} is labelled by nothing`);
  let level = 0;
  for (const heading of document.querySelectorAll("main :is(h1, h2, h3, h4)")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`1.3.1: ${says(heading)} skips a level`);
    level = own;
  }
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) faults.push(`1.1.1: ${says(image)} has no alternative`);

  const named = (element) => element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby");
  for (const stop of document.querySelectorAll("[tabindex='0']"))
    if (!stop.role || !named(stop)) faults.push(`4.1.2: ${says(stop)} takes the focus without role and name`);
  const focusable = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  for (const box of [...document.querySelectorAll("main *, dialog *")].filter(shown)) {
    const style = getComputedStyle(box);
    const scrolls = (axis, whole, part) => /auto|scroll/.test(style[`overflow${axis}`]) && whole > part;
    if (!scrolls("X", box.scrollWidth, box.clientWidth) && !scrolls("Y", box.scrollHeight, box.clientHeight)) continue;
    if (!box.matches(focusable) && !box.querySelector(focusable)) faults.push(`2.1.1: ${says(box)} cannot be scrolled by keys`);
  }

  const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, audio")].filter(shown);
  for (const control of controls) {
    const label = control.getAttribute("aria-label") || [...(control.labels || [])].map((each) => each.textContent).join(" ") || control.textContent || control.title;
    if (!label.trim()) faults.push(`4.1.2: ${says(control)} has no name`);
    const box = (control.labels?.[0] || control).getBoundingClientRect();
    const inText = getComputedStyle(control).display === "inline";
    if (!inText && box.width > 1 && (box.width < 24 || box.height < 24)) faults.push(`2.5.8: ${says(control)} is ${Math.round(box.width)} by ${Math.round(box.height)}`);
  }

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => { const part = value / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let here = element; here; here = here.parentElement) layers.unshift(getComputedStyle(here).backgroundColor);
    return [matchMedia("(prefers-color-scheme: dark)").matches ? "#000" : "#fff", ...layers];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(element) || element.closest("script, option, :disabled, .veil, .skip")) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const [ink, paper] = [light(paint([...ground, style.color])), light(paint(ground))];
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < needed) faults.push(`1.4.3: ${says(element)} has ${ratio.toFixed(2)} of ${needed}`);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, .tick span")) {
    if (!shown(field)) continue;
    const outside = behind(field.parentElement);
    const [edge, paper] = [light(paint([...outside, getComputedStyle(field).borderTopColor])), light(paint(outside))];
    const ratio = (Math.max(edge, paper) + 0.05) / (Math.min(edge, paper) + 0.05);
    if (ratio < 3) faults.push(`1.4.11: ${says(field)} has an edge of ${ratio.toFixed(2)} of 3`);
  }
  if (document.documentElement.scrollWidth > innerWidth) {
    const beyond = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
    faults.push(`1.4.10: ${document.documentElement.scrollWidth} px wide in ${innerWidth}: ${beyond.slice(0, 3).map(says).join("; ")}`);
  }
  const moving = document.getAnimations().length;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches && moving) faults.push(`2.3.3: ${moving} animations`);
  return [...new Set(faults)];
}
