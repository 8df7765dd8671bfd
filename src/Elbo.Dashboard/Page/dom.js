// Elements are made one by one and texts are set as texts, so that nothing that comes from a run is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, attributes, ...children) {
  return dress(document.createElement(tag), attributes, children);
}

export function s(tag, attributes, ...children) {
  return dress(document.createElementNS(SVG, tag), attributes, children);
}

function dress(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, action] of Object.entries(value)) element.addEventListener(event, action);
    else if (name === "css") for (const [property, v] of Object.entries(value)) element.style.setProperty(property, v);
    else if (name === "data") for (const [key, v] of Object.entries(value)) element.dataset[key] = v;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

// Sets a text only where it changed, so that a selection or a screen reader is not disturbed four times a second.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
