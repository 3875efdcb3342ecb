"""What the tests ask of a page in the browser; each script returns what is wrong, or what is there."""

from __future__ import annotations

# How far the page, and anything that does not scroll within itself, sticks out of the window.
WIDTHS = """
const outside = [...document.body.querySelectorAll('*')].filter(
  (one) => !one.closest('.scroll > *') && one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1);
return {page: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth), window: innerWidth,
        outside: outside.map((one) => one.outerHTML.slice(0, 200))};
"""

# Every element that has text of its own: its contrast by WCAG 2, and the size of its letters.
TEXTS = """
const parse = (colour) => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return {r, g, b, a}; };
const light = ({r, g, b}) => { const [x, y, z] = [r, g, b].map((part) => {
  part /= 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
const behind = (one) => { for (let at = one; at; at = at.parentElement) {
  const colour = parse(getComputedStyle(at).backgroundColor); if (colour.a === 1) return colour; }
  throw new Error('no background'); };
const found = [];
for (const one of document.body.querySelectorAll('*')) {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !one.checkVisibility() || ['title', 'desc'].includes(one.tagName)) continue;
  const style = getComputedStyle(one);
  const colour = parse(one instanceof SVGElement ? style.fill : style.color);
  const [low, high] = [light(colour), light(behind(one))].sort((a, b) => a - b);
  found.push({text: one.textContent.slice(0, 60), tag: one.tagName, contrast: (high + 0.05) / (low + 0.05),
              opaque: colour.a === 1, size: parseFloat(style.fontSize)});
}
return found;
"""

# Tables that are wider than their place.
SCROLLING = """
return [...document.querySelectorAll('.scroll')].filter(
  (one) => one.checkVisibility() && one.scrollWidth > one.clientWidth).map((one) => one.getAttribute('aria-label'));
"""

# Words in charts that lie over one another.
OVERLAPS = """
const found = [];
for (const chart of document.querySelectorAll('svg.plot')) {
  const words = [...chart.querySelectorAll('text')].filter((one) => one.checkVisibility());
  const boxes = words.map((one) => one.getBoundingClientRect());
  for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
    const [a, b] = [boxes[i], boxes[j]];
    if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom - 2 && b.top + 2 < a.bottom - 2)
      found.push(words[i].textContent + ' / ' + words[j].textContent);
  }
}
return found;
"""

# How high the bars of a chart are from the lowest to the highest part, against the numbers in its table.
BARS = """
const tall = (boxes) => boxes.length
  ? Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top)) : 0;
const figure = document.querySelector('#activity .figure');
const rows = [...figure.querySelectorAll('tbody tr')].map((row) => row.children);
const groups = [...figure.querySelectorAll('svg.plot .hover')].map((one) => one.parentElement);
return groups.map((group, index) => ({
  number: Number(rows[index][rows[index].length - 1].textContent.replaceAll(',', '')),
  height: tall([...group.querySelectorAll('rect:not(.hover)')].map((one) => one.getBoundingClientRect())),
}));
"""

OPEN_ALL = "document.querySelectorAll('details').forEach((one) => { one.open = true; });"
