import { h, fill } from "./dom.js";
import { scale, extent } from "./scale.js";
import { short, count } from "./format.js";
import { rgb, mix } from "./heatmap.js";

const MOST_CLASSES = 10;

// Where rows lie: two columns of a table as places, a third as colour.
export class Scatter {
  constructor(host, source, table) {
    this.canvas = h("canvas", { class: "scatter", tabindex: "0", role: "img" });
    this.tip = h("div", { class: "tip", hidden: true, "aria-live": "polite" });
    this.key = h("div", { class: "scatter-key" });
    this.note = h("p", { class: "note" });
    this.selects = ["x", "y", "colour"].map(role => h("select", { "aria-label": role === "colour" ? "Colour by" : `Along ${role}`, on: { change: () => this.draw() } }));
    this.picker = h("div", { class: "pickers" }, ["Across", "Up", "Colour"].map((name, i) => h("label", null, h("span", null, name), this.selects[i])));
    this.box = h("div", { class: "scatter-box" }, this.canvas, this.tip);
    host.append(this.picker, this.box, this.key, this.note);
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.canvas.addEventListener("pointermove", event => this.point(event));
    this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.load(source, table);
  }

  async load(source, table) {
    if (this.file === table.file) return;
    this.file = table.file;
    const read = await source.table(table.file);
    if (this.file !== table.file) return;
    if (!read || read.problem) {
      this.note.textContent = read?.problem ?? "This table cannot be read.";
      return;
    }
    const chosen = this.selects.map(select => select.value);
    this.read = read;
    const numbers = read.columns.filter(c => c.kind === "number");
    const codes = numbers.filter(c => /^z\d+$/.test(c.name));
    // Those that vary most tell most.
    const spread = c => { const v = c.values.filter(Number.isFinite), m = v.reduce((a, b) => a + b, 0) / v.length; return v.reduce((a, b) => a + (b - m) ** 2, 0) / v.length; };
    // The directions in which codes vary most, where there are more than can be drawn.
    const directions = numbers.filter(c => /^pc\d+$/.test(c.name));
    const usual = directions.length > 1 && codes.length > 2 ? directions.map(c => c.name) : (codes.length > 1 ? codes : numbers).map(c => [spread(c), c.name]).sort((a, b) => b[0] - a[0]).slice(0, 2).map(p => p[1]);
    const label = read.columns.find(c => !codes.includes(c) && /^(label|class|group|cluster)$/i.test(c.name)) ?? read.columns.find(c => c.kind === "text" && new Set(c.values).size <= MOST_CLASSES) ?? read.columns.find(c => c.kind === "number" && !codes.includes(c) && !/^(row|pc\d+)$/.test(c.name));
    const wanted = [usual[0], usual[1] ?? usual[0], label?.name ?? ""];
    this.selects.forEach((select, i) => {
      const options = i < 2 ? numbers : read.columns;
      fill(select, i === 2 ? h("option", { value: "" }, "one colour") : null, options.map(c => h("option", { value: c.name }, c.name)));
      select.value = options.some(c => c.name === chosen[i]) && chosen[i] ? chosen[i] : wanted[i];
    });
    this.note.textContent = read.shown < read.rows ? `${count(read.shown)} of ${count(read.rows)} rows are drawn, evenly chosen.` : `${count(read.rows)} rows.`;
    this.draw();
  }

  draw() {
    const width = this.box.clientWidth;
    if (!width || !this.read) return;
    const height = Math.min(420, Math.max(260, Math.round(width * 0.62))), ratio = window.devicePixelRatio || 1;
    const [x, y, colour] = this.selects.map(select => this.read.columns.find(c => c.name === select.value));
    if (!x || !y) return;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.canvas.style.height = `${height}px`;
    const context = this.canvas.getContext("2d"), style = getComputedStyle(this.box);
    context.scale(ratio, ratio);
    const [xs, ys] = [extent(x.values), extent(y.values)];
    const margin = ([l, u]) => [l - (u - l) * 0.04, u + (u - l) * 0.04];
    const px = scale(...margin(xs), 34, width - 8), py = scale(...margin(ys), height - 24, 8);
    context.font = "11px system-ui, sans-serif";
    context.strokeStyle = style.getPropertyValue("--grid");
    context.fillStyle = style.getPropertyValue("--soft");
    context.lineWidth = 1;
    for (const t of px.ticks(width / 90)) { line(context, px(t.value), 8, px(t.value), height - 24); context.textAlign = "center"; context.fillText(t.text, px(t.value), height - 9); }
    for (const t of py.ticks(height / 60)) { line(context, 34, py(t.value), width - 8, py(t.value)); context.textAlign = "right"; context.fillText(t.text, 30, py(t.value) + 4); }
    const paint = this.colours(colour, style);
    context.globalAlpha = x.values.length > 3000 ? 0.5 : 0.75;
    const radius = x.values.length > 3000 ? 1.7 : 2.6;
    for (let i = 0; i < x.values.length; i++) {
      if (x.values[i] === null || y.values[i] === null) continue;
      context.fillStyle = paint(i);
      context.beginPath();
      context.arc(px(x.values[i]), py(y.values[i]), radius, 0, 7);
      context.fill();
    }
    Object.assign(this, { px, py, axes: [x, y, colour] });
    this.canvas.setAttribute("aria-label", `Rows by ${x.name} and ${y.name}${colour ? `, coloured by ${colour.name}` : ""}.`);
  }

  // The colour of each row, and the key to it.
  colours(column, style) {
    const plain = style.getPropertyValue("--c0").trim();
    fill(this.key);
    if (!column) return () => plain;
    const none = style.getPropertyValue("--grid-strong").trim();
    const distinct = new Set(column.values.filter(v => v !== null));
    const isWhole = column.kind === "number" && distinct.size <= MOST_CLASSES && [...distinct].every(Number.isInteger);
    if (column.kind === "number" && !isWhole) {
      const stops = ["--ramp-0", "--ramp-1", "--ramp-2", "--ramp-3"].map(name => rgb(style.getPropertyValue(name)));
      // Between the 2nd and the 98th hundredth: one value far off should not take all the colour.
      const sorted = column.values.filter(Number.isFinite).sort((a, b) => a - b);
      const [low, high] = [sorted[Math.floor(sorted.length * 0.02)], sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.98))]];
      const ramp = h("canvas", { class: "ramp", width: 64, height: 1, "aria-hidden": "true" }), context = ramp.getContext("2d"), image = context.createImageData(64, 1);
      for (let i = 0; i < 64; i++) image.data.set(mix(stops, i / 63), i * 4);
      context.putImageData(image, 0, 0);
      fill(this.key, h("span", null, `${column.name}: ${short(low)}`), ramp, h("span", null, short(high)));
      return i => column.values[i] === null ? none : `rgb(${mix(stops, (column.values[i] - low) / ((high - low) || 1)).slice(0, 3).join(" ")})`;
    }
    const counts = new Map();
    for (const v of column.values) if (v !== null) counts.set(v, (counts.get(v) ?? 0) + 1);
    const names = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_CLASSES).map(p => p[0]);
    if (names.every(n => typeof n === "number")) names.sort((a, b) => a - b);
    const at = new Map(names.map((n, i) => [n, style.getPropertyValue(`--c${i}`).trim()]));
    fill(this.key, names.map((n, i) => h("span", { class: "key" }, h("i", { class: `c${i}` }), String(n))), counts.size > names.length ? h("span", { class: "key" }, h("i", { class: "none" }), `${counts.size - names.length} others`) : null);
    return i => at.get(column.values[i]) ?? none;
  }

  point(event) {
    if (!this.axes) return;
    const box = this.canvas.getBoundingClientRect(), [x, y, colour] = this.axes;
    const [mx, my] = [event.clientX - box.left, event.clientY - box.top];
    let best = -1, least = 144;
    for (let i = 0; i < x.values.length; i++) {
      const d = (this.px(x.values[i]) - mx) ** 2 + (this.py(y.values[i]) - my) ** 2;
      if (d < least) [best, least] = [i, d];
    }
    this.tip.hidden = best < 0;
    if (best < 0) return;
    const row = (name, value) => h("div", { class: "tip-row" }, h("span", null, name), h("b", null, typeof value === "number" ? short(value) : value ?? "missing"));
    fill(this.tip, h("div", { class: "tip-head" }, `row ${count(this.read.rowNumbers?.[best] ?? best + 1)}`), row(x.name, x.values[best]), row(y.name, y.values[best]), colour && colour !== x && colour !== y ? row(colour.name, colour.values[best]) : null);
    this.tip.style.left = `${Math.max(0, mx > box.width / 2 ? mx - this.tip.offsetWidth - 12 : mx + 12)}px`;
    this.tip.style.top = `${Math.max(0, Math.min(box.height - this.tip.offsetHeight, my))}px`;
  }
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  context.lineTo(Math.round(x2) + 0.5, Math.round(y2) + 0.5);
  context.stroke();
}
