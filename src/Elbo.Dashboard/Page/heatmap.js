import { h, fill } from "./dom.js";
import { nats, count, plural, listed } from "./format.js";

const COLOURS = 64;

// Nats that are little: where no latent number carries as much, all stay pale.
const LITTLE = 0.05;

// The divergence of each latent number over the epochs: a row each, the more colour the more it tells. What has collapsed is empty, hatched and named.
export class HeatMap {
  constructor(host) {
    this.canvas = h("canvas", { class: "heat", tabindex: "0", role: "img" });
    this.tip = h("div", { class: "tip", hidden: true, "aria-live": "polite" });
    this.names = h("div", { class: "heat-names" });
    this.values = h("div", { class: "heat-values" });
    this.hatch = h("div", { class: "heat-hatch", "aria-hidden": "true" });
    this.from = h("span");
    this.to = h("span");
    this.most = h("span");
    this.ramp = h("canvas", { class: "heat-ramp", width: COLOURS, height: 1, "aria-hidden": "true" });
    this.box = h("div", { class: "heat-box" }, this.names, h("div", { class: "heat-field" }, this.canvas, this.hatch, this.tip), this.values,
      h("div", { class: "heat-axis" }, this.from, h("span", { class: "heat-legend" }, h("span", null, "0"), this.ramp, this.most), this.to));
    this.cell = null;
    host.append(this.box);
    this.canvas.addEventListener("pointermove", event => {
      const box = this.canvas.getBoundingClientRect();
      this.point(Math.floor((event.clientY - box.top) / box.height * this.what.names.length), Math.floor((event.clientX - box.left) / box.width * this.what.epochs.length));
    });
    for (const event of ["pointerleave", "blur"]) this.canvas.addEventListener(event, () => { this.tip.hidden = true; this.cell = null; });
    this.canvas.addEventListener("keydown", event => {
      const [row, column] = this.cell ?? [0, this.what.epochs.length - 1];
      const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1] }[event.key];
      if (!to) return;
      this.point(...to);
      event.preventDefault();
      event.stopPropagation();
    });
  }

  // what: { names, epochs, values: one list of nats a latent number, collapsed: [{ name, since }] }
  update(what) {
    this.what = what;
    const { names, epochs, values, collapsed } = what;
    const rows = names.length;
    const height = Math.max(rows > 48 ? 3 : 12, Math.min(44, Math.floor(220 / rows)));
    const every = Math.max(1, Math.ceil(13 / height));
    this.most.textContent = `${nats(greatest(values))} nats`;
    this.from.textContent = epochs.length > 0 ? `epoch ${count(epochs[0])}` : "";
    this.to.textContent = epochs.length > 1 ? count(epochs.at(-1)) : "";
    this.box.style.setProperty("--row", `${height}px`);
    this.canvas.setAttribute("aria-label", sentence(what));
    this.paint();
    const gone = new Map(collapsed.map(c => [c.name, c]));
    // Only what changed is written again, so that names can be selected while a fit goes on.
    if (this.said !== names.join("\n")) {
      this.said = names.join("\n");
      fill(this.names, names.map((name, i) => h("div", { class: i % every === 0 ? "" : "thin" }, i % every === 0 ? name : "")));
      fill(this.values, names.map((_, i) => h("div", { class: i % every === 0 ? "" : "thin" })));
      fill(this.hatch, names.map(() => h("div")));
    }
    names.forEach((name, i) => {
      const c = gone.get(name);
      this.values.children[i].textContent = i % every !== 0 ? "" : c ? "collapsed" : nats(values[i].at(-1));
      this.values.children[i].classList.toggle("collapsed", !!c);
      this.names.children[i].classList.toggle("collapsed", !!c);
      const mark = this.hatch.children[i];
      mark.classList.toggle("collapsed", !!c);
      if (c) mark.style.marginLeft = `${100 * Math.max(0, epochs.findIndex(e => e >= c.since)) / epochs.length}%`;
    });
  }

  paint() {
    if (!this.what) return;
    const { epochs, values } = this.what;
    const style = getComputedStyle(this.box);
    const stops = ["--heat-0", "--heat-1", "--heat-2", "--heat-3"].map(name => rgb(style.getPropertyValue(name)));
    const ramp = this.ramp.getContext("2d"), line = ramp.createImageData(COLOURS, 1);
    for (let i = 0; i < COLOURS; i++) line.data.set(mix(stops, i / (COLOURS - 1)), i * 4);
    ramp.putImageData(line, 0, 0);
    this.canvas.width = Math.max(1, epochs.length);
    this.canvas.height = Math.max(1, values.length);
    const context = this.canvas.getContext("2d"), image = context.createImageData(this.canvas.width, this.canvas.height);
    const most = greatest(values);
    values.forEach((row, r) => row.forEach((v, c) => {
      // By the root, so that what carries little is told from what carries nothing.
      image.data.set(mix(stops, v === null ? 0 : Math.sqrt(Math.max(0, v) / most)), (r * this.canvas.width + c) * 4);
    }));
    context.putImageData(image, 0, 0);
  }

  point(row, column) {
    const { names, epochs, values } = this.what;
    row = Math.max(0, Math.min(names.length - 1, row));
    column = Math.max(0, Math.min(epochs.length - 1, column));
    if (row < 0 || column < 0) return;
    this.cell = [row, column];
    fill(this.tip, h("div", { class: "tip-head" }, `${names[row]}, epoch ${count(epochs[column])}`), h("div", { class: "tip-row" }, h("b", null, nats(values[row][column])), h("span", null, "nats")));
    this.tip.hidden = false;
    const box = this.canvas.getBoundingClientRect();
    const x = (column + 0.5) / epochs.length * box.width, y = (row + 1) / names.length * box.height;
    this.tip.style.left = `${Math.max(0, Math.min(box.width - this.tip.offsetWidth, x > box.width / 2 ? x - this.tip.offsetWidth - 10 : x + 10))}px`;
    this.tip.style.top = `${Math.max(0, Math.min(box.height - this.tip.offsetHeight, y))}px`;
  }
}

export function sentence({ names, collapsed }, now) {
  const used = names.length - collapsed.length;
  if (now?.active > 0 && now.active < used) return `${count(now.active)} of ${plural(names.length, "latent number")} ${now.active === 1 ? "tells" : "tell"} rows apart; ${collapsed.length > 0 ? `${listed(collapsed.map(c => c.name), 6)} ${collapsed.length === 1 ? "has" : "have"} collapsed, and the others` : "the others"} carry hardly anything.`;
  if (collapsed.length === 0) return names.length === 1 ? "The one latent number carries something about a row." : `All ${names.length} latent numbers carry something about a row.`;
  if (used === 0) return `All ${names.length} latent numbers have collapsed: the code says nothing about a row.`;
  return `${plural(used, "latent number")} of ${names.length} ${used === 1 ? "carries" : "carry"} what the code says. ${listed(collapsed.map(c => c.name), 6)} ${collapsed.length === 1 ? "has" : "have"} collapsed: next to no nats, so nothing about a row.`;
}

function greatest(values) {
  let most = LITTLE;
  for (const row of values) for (const v of row) if (v !== null && Number.isFinite(v) && v > most) most = v;
  return most;
}

export function rgb(text) {
  const t = text.trim();
  return [1, 3, 5].map(i => parseInt(t.slice(i, i + 2), 16));
}

export function mix(stops, share) {
  const place = Math.max(0, Math.min(1, share)) * (stops.length - 1), below = Math.min(Math.floor(place), stops.length - 2), part = place - below;
  return [...stops[below].map((v, i) => Math.round(v + part * (stops[below + 1][i] - v))), 255];
}
