import { h, s, fill } from "./dom.js";
import { scale, extent, closeUp } from "./scale.js";
import { nats, count } from "./format.js";

const LINE_HEIGHT = 16;
let clips = 0;

// Lines, areas and bands over one axis, with a reading line that follows pointer and arrow keys, and a zoom by dragging.
//
// what: {
//   label           what it shows, for those who do not see it
//   x               the places, in rising order
//   series          [{ name, colour, y, kind: "line" | "area" | "band", low, high, quiet, dashed }]
//   range           "close" or "all" or [low, high]
//   zero            whether zero is always shown
//   xName           such as "epoch"
//   format          of the values
//   marks           [{ x, text }]
//   rules           [{ y, text }]
//   onZoom          (from, to) or null when all is shown
// }
export class Chart {
  constructor(host, what) {
    this.svg = s("svg", { class: "chart", role: "img", tabindex: "0" });
    this.tip = h("div", { class: "tip", hidden: true, "aria-live": "polite" });
    this.box = h("div", { class: "chart-box" }, this.svg, this.tip);
    this.clip = `clip${++clips}`;
    this.at = null;
    this.zoom = null;
    host.append(this.box);
    this.update(what);
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.listen();
  }

  update(what) {
    this.what = what;
    this.draw();
  }

  draw() {
    const width = this.box.clientWidth;
    if (!width || !this.what) return;
    const what = this.what;
    const height = what.height ?? (width < 480 ? 220 : 260);
    const shown = this.window();
    const named = what.series.filter(e => e.name && !e.hiddenName);
    const direct = width >= 560 && named.length > 0;
    const format = what.format ?? nats;
    const right = direct ? Math.max(...named.map(e => textWidth(nameText(e, format)))) + 22 : 14;
    const top = direct ? 10 : 10 + legendHeight(named, width, format);
    const bottom = height - 24 - (what.xName ? 14 : 0);

    const [low, high] = this.heights(shown);
    const y = scale(low, high, bottom, top);
    const ticks = y.ticks((bottom - top) / 52);
    const left = Math.max(...ticks.map(t => textWidth(t.text)), 20) + 12;
    const x = scale(what.x[shown[0]] ?? 0, what.x[shown[1]] ?? 1, left, width - right);
    Object.assign(this, { x, y, left, right: width - right, top, bottom, shown, width, height });

    const parts = [s("clipPath", { id: this.clip }, s("rect", { x: left, y: top - 3, width: Math.max(0, width - right - left + 3), height: bottom - top + 6 }))];
    for (const t of ticks) {
      parts.push(s("line", { class: "grid", x1: left, x2: width - right, y1: round(y(t.value)), y2: round(y(t.value)) }));
      parts.push(s("text", { class: "tick end", x: left - 7, y: round(y(t.value) + 4) }, t.text));
    }
    for (const t of x.ticks((width - right - left) / 84)) {
      if (what.xWhole && t.value % 1 !== 0) continue;
      parts.push(s("text", { class: "tick mid", x: round(x(t.value)), y: bottom + 17 }, t.text));
    }
    if (what.xName) parts.push(s("text", { class: "tick mid", x: round((left + width - right) / 2), y: height - 4 }, what.xName));
    const drawn = s("g", { "clip-path": `url(#${this.clip})` });
    for (const kind of ["band", "area", "line"]) {
      for (const series of what.series) if ((series.kind ?? "line") === kind) drawn.append(this.shape(series, shown));
    }
    for (const rule of what.rules ?? []) {
      drawn.append(s("line", { class: "rule", x1: left, x2: width - right, y1: round(y(rule.y)), y2: round(y(rule.y)) }));
      drawn.append(s("text", { class: "tick", x: left + 4, y: round(y(rule.y) - 4) }, rule.text));
    }
    for (const mark of what.marks ?? []) {
      if (mark.x < x.low || mark.x > x.high) continue;
      const flip = x(mark.x) > (left + width - right) / 2;
      drawn.append(s("line", { class: "mark", x1: round(x(mark.x)), x2: round(x(mark.x)), y1: top, y2: bottom }));
      drawn.append(s("text", { class: `tick ${flip ? "end" : ""}`, x: round(x(mark.x) + (flip ? -5 : 5)), y: bottom - 6 }, mark.text));
    }
    parts.push(drawn, s("line", { class: "axis", x1: left, x2: width - right, y1: bottom, y2: bottom }));
    parts.push(...(direct ? this.directNames(named, format) : legend(named, width, format)));
    this.reading = s("g", { class: "reading" });
    this.chosen = s("rect", { class: "chosen", y: top, height: bottom - top, visibility: "hidden" });
    parts.push(this.chosen, this.reading);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("height", height);
    this.svg.setAttribute("aria-label", what.label);
    fill(this.svg, parts);
    if (this.at !== null) this.read(Math.min(this.at, what.x.length - 1));
  }

  // First and last place that is shown.
  window() {
    const { x } = this.what;
    if (!this.zoom) return [0, Math.max(0, x.length - 1)];
    let [from, to] = [0, x.length - 1];
    while (from < to - 1 && x[from + 1] <= this.zoom[0]) from++;
    while (to > from + 1 && x[to - 1] >= this.zoom[1]) to--;
    return [from, to];
  }

  heights([from, to]) {
    const { series, range, zero, rules } = this.what;
    if (Array.isArray(range)) return range;
    const lists = [], counted = series.filter(e => !e.quiet);
    for (const e of counted.length > 0 ? counted : series) {
      for (const list of [e.y, e.low, e.high]) if (list) lists.push(list.slice(from, to + 1));
    }
    let [low, high] = [Infinity, -Infinity];
    for (const list of lists) {
      const [l, u] = range === "all" || this.zoom ? extent(list) : closeUp(list);
      if (list.some(v => v !== null && Number.isFinite(v))) [low, high] = [Math.min(low, l), Math.max(high, u)];
    }
    if (!(low <= high)) [low, high] = [0, 1];
    for (const rule of rules ?? []) [low, high] = [Math.min(low, rule.y), Math.max(high, rule.y)];
    if (zero) return [Math.min(0, low * 1.05), Math.max(0, high * 1.05)];
    const room = Math.max((high - low) * 0.07, Math.abs(high) * 1e-9);
    return [low - room, high + room];
  }

  shape(series, [from, to]) {
    const xs = this.what.x;
    if (series.kind === "area" || series.kind === "band") {
      const upper = [], lower = [];
      for (let i = from; i <= to; i++) {
        const [l, u] = [series.low[i], series.high[i]];
        if (l === null || u === null || !Number.isFinite(l) || !Number.isFinite(u)) continue;
        upper.push(`${round(this.x(xs[i]))} ${this.within(u)}`);
        lower.push(`${round(this.x(xs[i]))} ${this.within(l)}`);
      }
      return s("path", { class: `${series.kind} ${series.colour}`, d: upper.length > 0 ? `M${upper.join("L")}L${lower.reverse().join("L")}Z` : "" });
    }
    let d = "", isBroken = true, points = 0;
    for (let i = from; i <= to; i++) {
      const v = series.y[i];
      if (v === null || v === undefined || !Number.isFinite(v)) {
        isBroken = true;
        continue;
      }
      d += `${isBroken ? "M" : "L"}${round(this.x(xs[i]))} ${this.within(v)}`;
      isBroken = false;
      points++;
    }
    // A lone point would be a line of no length.
    if (points === 1) d += "h0.01";
    return s("path", { class: `line ${series.colour}${series.quiet ? " quiet" : ""}${series.faint ? " faint" : ""}${series.dashed ? " dashed" : ""}`, d });
  }

  within(value) {
    return round(Math.max(-5000, Math.min(10000, this.y(value))));
  }

  // Names at the right, beside what they name, pushed apart where they would meet.
  directNames(named, format) {
    const places = named.map(e => ({ e, at: Math.max(this.top + 4, Math.min(this.bottom - 2, this.y(middle(e) ?? this.y.low))) })).sort((a, b) => a.at - b.at);
    for (let i = 1; i < places.length; i++) places[i].at = Math.max(places[i].at, places[i - 1].at + LINE_HEIGHT);
    const over = places.length > 0 ? Math.max(0, places.at(-1).at - this.bottom) : 0;
    return places.map(({ e, at }) => s("text", { class: `name ${e.colour}`, x: this.right + 10, y: round(at - over + 4) }, e.name, e.noValue ? null : s("tspan", { class: "value", dx: 5 }, format(last(e)))));
  }

  listen() {
    const svg = this.svg;
    let from = null;
    const place = event => (event.clientX - svg.getBoundingClientRect().left) * this.width / svg.clientWidth;
    svg.addEventListener("pointermove", event => {
      const p = place(event);
      if (from !== null && Math.abs(p - from) > 6) {
        this.chosen.setAttribute("visibility", "visible");
        this.chosen.setAttribute("x", Math.min(p, from));
        this.chosen.setAttribute("width", Math.abs(p - from));
      }
      this.read(this.nearest(this.x.back(p)));
    });
    svg.addEventListener("pointerdown", event => {
      if (event.pointerType === "mouse" && event.button === 0) {
        from = place(event);
        svg.setPointerCapture(event.pointerId);
      }
    });
    svg.addEventListener("pointerup", event => {
      const p = place(event);
      if (from !== null && Math.abs(p - from) > 12) this.zoomTo([this.x.back(Math.min(p, from)), this.x.back(Math.max(p, from))]);
      from = null;
      this.chosen?.setAttribute("visibility", "hidden");
    });
    svg.addEventListener("pointerleave", () => this.leave());
    svg.addEventListener("blur", () => this.leave());
    svg.addEventListener("dblclick", () => this.zoomTo(null));
    svg.addEventListener("keydown", event => {
      const [first, end] = this.shown ?? [0, 0];
      const step = event.shiftKey ? Math.max(1, Math.round((end - first) / 10)) : 1;
      const at = this.at ?? end;
      const to = { ArrowLeft: at - step, ArrowRight: at + step, Home: first, End: end }[event.key];
      if (to !== undefined) this.read(Math.max(first, Math.min(end, to)));
      else if (event.key === "Escape" && (this.zoom || this.at !== null)) this.zoom ? this.zoomTo(null) : this.leave();
      else if (event.key === "+" && end > first + 4) this.zoomTo(this.around(at, 0.5));
      else if (event.key === "-") this.zoomTo(this.zoom ? this.around(at, 2) : null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  around(at, factor) {
    const x = this.what.x, half = (this.x.high - this.x.low) * factor / 2;
    const [from, to] = [Math.max(x[0], x[at] - half), Math.min(x.at(-1), x[at] + half)];
    return from <= x[0] && to >= x.at(-1) ? null : [from, to];
  }

  zoomTo(zoom) {
    this.zoom = zoom;
    this.what.onZoom?.(zoom);
    this.draw();
  }

  nearest(value) {
    const x = this.what.x;
    let [low, high] = [0, x.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (x[middle] <= value) low = middle;
      else high = middle;
    }
    return Math.abs(x[low] - value) <= Math.abs((x[high] ?? Infinity) - value) ? low : high;
  }

  read(index) {
    if (index < 0 || this.what.x.length === 0) return;
    this.at = index;
    const format = this.what.format ?? nats;
    const px = round(this.x(this.what.x[index]));
    fill(this.reading, s("line", { class: "cursor", x1: px, x2: px, y1: this.top, y2: this.bottom }));
    const rows = [];
    for (const e of this.what.series) {
      if (!e.name) continue;
      const value = e.kind === "area" || e.kind === "band" ? e.value?.[index] : e.y[index];
      if (value === undefined || value === null) continue;
      if ((e.kind ?? "line") === "line") this.reading.append(s("circle", { class: `dot ${e.colour}`, cx: px, cy: this.within(value), r: 3.5 }));
      rows.push(h("div", { class: "tip-row" }, h("span", { class: `swatch ${e.colour}` }), h("span", null, e.name), h("b", null, format(value))));
    }
    fill(this.tip, h("div", { class: "tip-head" }, `${this.what.xName ?? ""} ${count(this.what.x[index])}`), rows);
    this.tip.hidden = false;
    const share = px / this.width, wide = this.tip.offsetWidth, box = this.box.clientWidth;
    this.tip.style.left = `${Math.max(0, Math.min(box - wide, share > 0.5 ? share * box - wide - 14 : share * box + 14))}px`;
    this.tip.style.top = `${this.top}px`;
  }

  leave() {
    this.at = null;
    this.tip.hidden = true;
    if (this.reading) fill(this.reading);
  }
}

export function last(series) {
  const list = series.value ?? series.y ?? [];
  for (let i = list.length - 1; i >= 0; i--) if (list[i] !== null && list[i] !== undefined) return list[i];
  return null;
}

function middle(series) {
  if (series.y) return last(series);
  for (let i = series.low.length - 1; i >= 0; i--) if (series.low[i] !== null && series.high[i] !== null) return (series.low[i] + series.high[i]) / 2;
  return null;
}

function nameText(series, format) {
  return series.noValue ? series.name : `${series.name} ${format(last(series))}`;
}

function legend(named, width, format) {
  const parts = [];
  let [x, y] = [4, 14];
  for (const e of named) {
    const wide = textWidth(nameText(e, format)) + 34;
    if (x > 4 && x + wide > width) [x, y] = [4, y + LINE_HEIGHT + 2];
    parts.push(s("rect", { class: `swatch ${e.colour}`, x, y: y - 9, width: 10, height: 10, rx: 2 }), s("text", { class: "name legend", x: x + 15, y }, e.name, e.noValue ? null : s("tspan", { class: "value", dx: 5 }, format(last(e)))));
    x += wide;
  }
  return parts;
}

function legendHeight(named, width, format) {
  let [x, rows] = [4, named.length > 0 ? 1 : 0];
  for (const e of named) {
    const wide = textWidth(nameText(e, format)) + 34;
    if (x > 4 && x + wide > width) [x, rows] = [4, rows + 1];
    x += wide;
  }
  return rows * (LINE_HEIGHT + 2) + 4;
}

// Of the system's own letters at 12 pixels, near enough to leave room.
export function textWidth(text) {
  return text.length * 6.7;
}

export function round(value) {
  return Math.round(value * 10) / 10;
}

// A small course without axes, for lists.
export function sparkline(values, className = "") {
  const [width, height] = [84, 22];
  const known = values.filter(v => v !== null && Number.isFinite(v));
  const [low, high] = closeUp(known);
  const y = scale(low, high, height - 2, 2);
  const d = known.map((v, i) => `${i === 0 ? "M" : "L"}${round(2 + (width - 4) * i / Math.max(1, known.length - 1))} ${round(Math.max(-50, Math.min(80, y(v))))}`).join("");
  return s("svg", { class: `spark ${className}`, viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, s("path", { class: "line elbo", d: known.length === 1 ? d + "h0.01" : d }));
}
