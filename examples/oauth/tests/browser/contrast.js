// Returns the borders and focus rings whose contrast with what is around them is below 3:1 (WCAG 1.4.11).
const luminance = color => {
  const [red, green, blue] = color.match(/[\d.]+/g).map(value => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const around = element => {
  const color = getComputedStyle(element.parentElement).backgroundColor;
  return color === "rgba(0, 0, 0, 0)" ? around(element.parentElement) : color;
};
const found = [];
const check = (element, what, color) => {
  const value = contrast(color, around(element));
  if (!(value >= 3)) found.push(`${what} of ${element.id || element.localName}: ${value}`);
};
const focused = document.activeElement;
for (const element of document.querySelectorAll("main, .problem, input:not([type=hidden]), button")) {
  check(element, "border", getComputedStyle(element).borderTopColor);
  if (!element.matches("input, button")) continue;
  element.focus();
  const { outlineStyle, outlineColor } = getComputedStyle(element);
  if (outlineStyle !== "solid") found.push(`no focus ring of ${element.id || element.localName}`);
  check(element, "focus ring", outlineColor);
  element.blur();
}
focused.focus();
return found;
