import { h, fill, say } from "./dom.js";
import { fixed, nats, signed, short, count, plural, duration } from "./format.js";
import { Chart, sparkline, round } from "./chart.js";
import { HeatMap, sentence } from "./heatmap.js";
import { Scatter } from "./scatter.js";
import { scale, extent } from "./scale.js";

// The parts of a run's page. Each is made once, says whether a run has what it shows, and is told of every change of the run.

export const STATES = {
  running: "running", finished: "finished", stopped: "stopped", failed: "failed", lost: "lost", broken: "broken",
};

export function stateChip(state) {
  return h("span", { class: `chip state-${state}` }, h("i", { "aria-hidden": "true" }), STATES[state] ?? state);
}

// A frame with a heading and a sentence for those who see such a picture for the first time.
export class Card {
  constructor(title, explanation, { wide = false, id = null } = {}) {
    this.tools = h("div", { class: "tools" });
    this.explanation = h("p", { class: "explanation" }, explanation);
    this.body = h("div", { class: "card-body" });
    this.element = h("section", { class: wide ? "card wide" : "card", id, "aria-label": title }, h("header", null, h("h2", null, title), this.tools), this.explanation, this.body);
  }

  // Buttons of which one is pressed.
  choice(name, options, chosen) {
    const buttons = Object.entries(options).map(([key, text]) => h("button", { type: "button", "aria-pressed": String(key === this[name]), data: { key }, on: { click: () => press(key) } }, text));
    this.press = key => {
      this[name] = key;
      for (const b of buttons) b.setAttribute("aria-pressed", String(b.dataset.key === key));
    };
    const own = this.press, press = key => {
      own(key);
      chosen();
    };
    this.tools.append(h("div", { class: "choice", role: "group" }, buttons));
  }
}

export class BoundCard extends Card {
  shows = "bound";
  range = "close";

  constructor(source) {
    super("The bound", "", { wide: true, id: "bound" });
    this.source = source;
    this.choice("shows", { bound: "Bounds", gap: "Gap" }, () => this.show(this.view));
    this.kinds = this.tools.firstChild;
    this.choice("range", { close: "Close up", all: "From the start" }, () => this.show(this.view));
  }

  has(view) {
    return view.epochs?.x.length > 0 || view.steps?.x.length > 0;
  }

  show(view) {
    this.view = view;
    this.kinds.hidden = !view.epochs?.iwae;
    const what = this.shows === "gap" && view.epochs?.iwae ? this.gap(view) : view.epochs?.x.length > 0 ? this.bounds(view) : this.ofSteps(view);
    if (this.chart) this.chart.update(what);
    else this.chart = new Chart(this.body, what);
  }

  bounds(view) {
    const e = view.epochs;
    const rows = view.heldOut ? "rows that were kept out of training" : "the training rows";
    say(this.explanation, view.unit === "total"
      ? "Higher is better. The ELBO is a lower bound of the log evidence, in nats, of all data together."
      : `Higher is better. The ELBO says, in nats per row, how well the model explains ${rows}. The truth, ln p(x), lies above every line here${e.iwae ? "; the shaded gap is what is known to be lost" : ""}.`);
    const series = [];
    if (e.iwae) series.push({ kind: "band", colour: "gap", low: e.elbo, high: e.iwae });
    if (e.training) series.push({ name: "training", colour: "training", y: e.training, quiet: true });
    if (e.iwae) series.push({ name: "IWAE", colour: "iwae", y: e.iwae });
    series.push({ name: "ELBO", colour: "elbo", y: e.elbo });
    return { label: `The ELBO over ${plural(view.epochCount, "epoch")}, now ${nats(e.elbo.at(-1))} nats.`, x: e.x, series, range: this.range, xName: view.turn, xWhole: true, marks: best(view), height: 300 };
  }

  gap(view) {
    const e = view.epochs;
    say(this.explanation, "What the approximate posterior loses, at least: the importance-weighted bound less the ELBO, in nats. Nearer to 0 is better.");
    const y = e.elbo.map((v, i) => e.iwae?.[i] === null || e.iwae?.[i] === undefined || v === null ? null : e.iwae[i] - v);
    return { label: `The gap between both bounds, now ${nats(y.at(-1))} nats.`, x: e.x, series: [{ name: "IWAE − ELBO", colour: "iwae", y }], range: this.range, xName: view.turn, xWhole: true, marks: best(view), height: 300 };
  }

  ofSteps(view) {
    say(this.explanation, "Higher is better. The ELBO of each step, in nats, found by few draws and so noisy; the heavy line is its mean over the last steps.");
    const steps = this.zoomed ?? view.steps;
    return {
      label: `The ELBO over ${plural(view.stepCount, "step")}, now ${nats(steps.smooth.at(-1))} nats.`, x: steps.x, range: this.range, xName: "step", xWhole: true, height: 300,
      series: [{ kind: "band", colour: "elbo", low: steps.low, high: steps.high, quiet: true }, { colour: "elbo", y: steps.mean, faint: true }, { name: "ELBO", colour: "elbo", y: steps.smooth }],
      onZoom: zoom => this.zoomSteps(zoom),
    };
  }

  // A part of a million steps is asked for again, so that it shows what the whole had no room for.
  async zoomSteps(zoom) {
    this.zoomed = null;
    if (zoom && this.source.steps) {
      this.zoomed = await this.source.steps(Math.floor(zoom[0]), Math.ceil(zoom[1]));
      this.chart.zoom = null;
    }
    this.show(this.view);
  }
}

function best(view) {
  return view.bestEpoch ? [{ x: view.bestEpoch, text: `best, ${count(view.bestEpoch)}` }] : [];
}

export class TermsCard extends Card {
  constructor() {
    super("What the bound is made of", "", { id: "terms" });
    this.choice("range", { auto: "Whole", close: "Close up" }, () => this.show(this.view));
  }

  range = null;

  has(view) {
    return view.epochs?.kl && view.epochs.x.length > 0;
  }

  show(view) {
    this.view = view;
    const e = view.epochs;
    // Where the divergence is thin beside the reconstruction, the whole would hide it.
    if (this.range === null) this.press(Math.abs(e.kl.at(-1)) < 0.15 * Math.abs(e.reconstruction.at(-1)) ? "close" : "auto");
    say(this.explanation, "ELBO = reconstruction − KL. Reconstruction: how well the code explains a row. KL: what the code costs, as the nats it tells about a row.");
    const zero = e.x.map(() => 0);
    const what = {
      label: `Reconstruction ${nats(e.reconstruction.at(-1))}, KL ${nats(e.kl.at(-1))} nats.`, x: e.x, xName: view.turn, xWhole: true, zero: this.range === "auto", range: this.range === "auto" ? "all" : "close",
      series: [
        { kind: "area", name: "reconstruction", colour: "reconstruction", low: e.reconstruction, high: zero, value: e.reconstruction, quiet: this.range !== "auto" },
        { kind: "area", name: "KL", colour: "kl", low: e.elbo, high: e.reconstruction, value: e.kl },
        { name: "ELBO", colour: "elbo", y: e.elbo },
      ],
    };
    if (this.range === "auto") what.range = within(e);
    if (this.chart) this.chart.update(what);
    else this.chart = new Chart(this.body, what);
  }
}

// From zero to where the bound has been but for its first, steep part.
function within(e) {
  const late = e.elbo.slice(Math.min(e.elbo.length - 1, Math.floor(e.elbo.length / 12)));
  const [low] = extent(late);
  const [, high] = extent(e.reconstruction);
  return [Math.min(0, low * 1.04), Math.max(0, high * 1.04)];
}

export class LatentsCard extends Card {
  constructor() {
    super("What each latent number carries", "", { id: "latents" });
  }

  has(view) {
    return view.latents?.names.length > 0;
  }

  show(view) {
    say(this.explanation, `${sentence(view.latents, view.now)} Colour is KL in nats, over time from left to right.`);
    this.map ??= new HeatMap(this.body);
    this.map.update(view.latents);
  }
}

export class ColumnsCard extends Card {
  constructor() {
    super("Each column", "How well each column is explained, in nats per row; higher is better, and numbers of different columns are in different units. The small line is its course.", { id: "columns" });
    this.rows = h("div", { class: "columns", role: "table" });
    this.body.append(this.rows);
  }

  has(view) {
    return view.columns?.names.length > 0;
  }

  show(view) {
    const { names, values } = view.columns;
    const gains = values.map(v => first(v) === null ? 0 : v.at(-1) - first(v));
    const most = Math.max(...gains.map(Math.abs), 1e-9);
    fill(this.rows, h("div", { class: "columns-head", role: "row" }, ["column", "course", "since the start", "nats"].map(t => h("span", { role: "columnheader" }, t))), names.map((name, i) => h("div", { role: "row" },
      h("span", { class: "column-name", role: "cell", title: name }, name), h("span", { role: "cell" }, sparkline(values[i])),
      h("span", { class: "gain", role: "cell" }, h("small", null, signed(gains[i])), h("span", null, h("i", { class: gains[i] < 0 ? "down" : "up", css: { width: `${round(Math.abs(gains[i]) / most * 50)}%` } }))),
      h("b", { role: "cell", data: { value: values[i].at(-1) } }, nats(values[i].at(-1))))));
  }
}

function first(values) {
  return values.find(v => v !== null && Number.isFinite(v)) ?? null;
}

export class LatentSpaceCard extends Card {
  constructor(source) {
    super("Where rows lie", "Each point is a row, at the place its code gives it; rows that are alike lie together. Colour them by a column to see what the code has found.", { id: "space" });
    this.source = source;
  }

  has(view) {
    return latest(view.tables, "latent") !== null;
  }

  show(view) {
    const table = latest(view.tables, "latent");
    if (this.scatter) this.scatter.load(this.source, table);
    else this.scatter = new Scatter(this.body, this.source, table);
  }

  repaint() {
    this.scatter?.draw();
  }
}

// The latest table or picture of a kind.
function latest(items, kind) {
  return items?.findLast(t => t.kind === kind) ?? null;
}

const PICTURES = {
  reconstructions: ["Reconstructions", "In pairs of rows: above the images of the data, below what the model makes of them from their code."],
  samples: ["Samples", "Drawn from the model itself: none of them is in the data."],
  traversals: ["Traversals", "A row for each latent number, from low to high, the others held still: what it does."],
};

export class PictureCard extends Card {
  constructor(source, kind) {
    super(PICTURES[kind]?.[0] ?? kind, PICTURES[kind]?.[1] ?? "", { id: `pictures-${kind}` });
    this.source = source;
    this.kind = kind;
    this.image = h("img", { alt: "" });
    this.caption = h("span");
    this.slider = h("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": "Epoch of the picture", on: { input: () => { this.pinned = Number(this.slider.value); this.paint(); } } });
    this.dialog = h("dialog", { class: "lightbox", "aria-label": "Picture" }, h("button", { type: "button", class: "plain", on: { click: () => this.dialog.close() } }, "Close"), h("img", { alt: "" }));
    this.body.append(h("figure", null, h("button", { type: "button", class: "picture", title: "Enlarge", on: { click: () => this.enlarge() } }, this.image), h("figcaption", null, this.caption, this.slider)), this.dialog);
    this.pinned = null;
  }

  has(view) {
    return view.pictures?.some(p => p.kind === this.kind);
  }

  show(view) {
    this.all = view.pictures.filter(p => p.kind === this.kind);
    this.slider.max = this.all.length - 1;
    this.slider.hidden = this.all.length < 2;
    this.paint();
  }

  paint() {
    // Where one is looked at, new ones do not take its place; the last one makes way.
    const at = this.pinned === null || this.pinned >= this.all.length - 1 ? this.all.length - 1 : this.pinned;
    if (at === this.all.length - 1) this.pinned = null;
    this.slider.value = at;
    const picture = this.all[at], address = this.source.picture(picture.file);
    say(this.caption, `${picture.title}${picture.epoch ? ` · epoch ${count(picture.epoch)}` : ""}`);
    if (this.image.getAttribute("src") !== address) this.image.setAttribute("src", address);
    this.image.alt = picture.title;
  }

  enlarge() {
    const image = this.dialog.querySelector("img");
    image.src = this.image.src;
    image.alt = this.image.alt;
    this.dialog.showModal();
  }
}

export class LevelsCard extends Card {
  constructor() {
    super("Terms by level of noise", "What each step from noise to data costs, in nats: from little noise at the left to all of it at the right. Where the curve is high, the model has most to learn.", { id: "levels" });
    this.terms = h("div", { class: "facts" });
    this.chartHost = h("div");
    this.body.append(this.chartHost, this.terms);
  }

  has(view) {
    return view.levels?.x.length > 0;
  }

  show(view) {
    const l = view.levels;
    const zero = l.x.map(() => 0);
    const series = [{ kind: "area", name: "now", colour: "kl", low: zero, high: l.y, value: l.y, noValue: true }, { colour: "kl", y: l.y }];
    if (l.before) series.push({ name: "when first judged", colour: "training", y: l.before, dashed: true, quiet: true, noValue: true });
    const what = { label: "Nats by level of noise.", x: l.x, xName: "level", xWhole: true, zero: true, range: "all", series };
    if (this.chart) this.chart.update(what);
    else this.chart = new Chart(this.chartHost, what);
    fill(this.terms, (l.terms ?? []).map(t => h("div", null, h("span", null, t.name), h("b", { data: { value: t.value } }, nats(t.value)))));
  }
}

export class LossCard extends Card {
  range = "close";

  constructor() {
    super("Error of denoising", "How far the model's guess of the noise is from the noise, as training goes down it; lower is better. What the levels come to in nats is judged now and then.", { id: "loss" });
    this.choice("range", { close: "Close up", all: "From the start" }, () => this.show(this.view));
  }

  has(view) {
    return view.loss?.x.length > 0;
  }

  show(view) {
    this.view = view;
    const l = view.loss;
    const what = {
      label: `The error of denoising, now ${short(l.heldOut.at(-1))}.`, x: l.x, xName: view.turn, xWhole: true, range: this.range, format: short, marks: best(view),
      series: [{ name: "training", colour: "training", y: l.training, quiet: true }, { name: view.heldOut ? "held out" : "judged", colour: "kl", y: l.heldOut }],
    };
    if (this.chart) this.chart.update(what);
    else this.chart = new Chart(this.body, what);
  }
}

// What the latest table of a kind says; a new one is read when it comes.
class OfTable extends Card {
  constructor(source, kind, title, explanation, options) {
    super(title, explanation, options);
    this.source = source;
    this.kind = kind;
    this.note = h("p", { class: "note" });
  }

  has(view) {
    return latest(view.tables, this.kind) !== null;
  }

  async show(view) {
    const table = latest(view.tables, this.kind);
    if (this.file === table.file) return;
    this.file = table.file;
    const read = await this.source.table(table.file);
    if (!read || read.problem) {
      this.note.textContent = read?.problem ?? "This table cannot be read.";
      return;
    }
    this.note.textContent = "";
    this.paint(read);
  }
}

// A table of numbers with intervals, drawn as lines with a dot: the posterior beside its prior, predictions beside data, fills beside what was hidden.
class IntervalCard extends OfTable {
  constructor(source, title, explanation, id, kind) {
    super(source, kind, title, explanation, { id });
    this.rows = h("div", { class: "intervals" });
    this.body.append(this.rows, this.note);
  }

  most = 60;

  paint(read) {
    const column = name => read.columns.find(c => c.name === name)?.values;
    const rows = this.rowsOf(column, read.shown).slice(0, this.most);
    this.note.textContent = read.rows > rows.length ? `${count(rows.length)} of ${count(read.rows)} are shown.` : "";
    fill(this.rows, this.head ? h("div", { class: "interval head" }, h("span"), h("div", { class: "interval-key" }, this.head.map(([c, text]) => h("span", null, h("i", { class: c }), text))), h("span")) : null,
      rows.map(row => h("div", { class: "interval" }, h("span", { class: "column-name", title: row.name }, row.name), intervalPicture(row), h("span", { class: "interval-text" }, row.text))));
  }
}

// Each row has a scale of its own: numbers of a model are in different units.
function intervalPicture(row) {
  const places = [row.low, row.high, row.middle, row.data].filter(v => v !== null && v !== undefined && Number.isFinite(v));
  if (places.length === 0) return h("span", { class: "interval-text" }, "");
  let [low, high] = extent(places);
  const spread = high - low || Math.abs(high) || 1;
  // The prior is shown as far as there is room for both to be seen.
  if (row.prior) [low, high] = [Math.max(low - 3 * spread, Math.min(low, row.prior.low)), Math.min(high + 3 * spread, Math.max(high, row.prior.high))];
  const place = scale(low - 0.05 * (high - low || 1), high + 0.05 * (high - low || 1), 0, 100);
  const at = v => Math.max(0, Math.min(100, place(v)));
  const dot = (className, v) => v === null || v === undefined ? null : h("i", { class: className, css: { left: `${round(at(v))}%` } });
  const bar = (className, l, u) => h("i", { class: className, css: { left: `${round(at(l))}%`, width: `${round(at(u) - at(l))}%` } });
  return h("div", { class: row.prior ? "track pair" : "track", role: "img", "aria-label": `${row.name}: ${row.text}` },
    place.low < 0 && place.high > 0 ? dot("zero", 0) : null,
    row.prior ? [bar("whisker prior", row.prior.low, row.prior.high), dot("middle prior", row.prior.middle)] : null,
    bar("whisker", row.low, row.high), dot("middle", row.middle), dot(row.data < row.low || row.data > row.high ? "datum off" : "datum", row.data));
}

export class PosteriorCard extends IntervalCard {
  head = [["middle", "posterior, 5 to 95 %"], ["prior", "prior"]];

  constructor(source) {
    super(source, "Posterior beside prior", "What the data say of each unknown: the dot is the median, the line holds nine tenths of the probability. Where posterior and prior agree, the data said little.", "posterior", "posterior");
  }

  rowsOf(column, n) {
    const [names, low, median, high] = [column("name"), column("q05"), column("median") ?? column("mean"), column("q95")];
    const [pl, pm, ph] = [column("prior q05"), column("prior median"), column("prior q95")];
    return Array.from({ length: n }, (_, i) => ({
      name: String(names[i]), low: low[i], middle: median[i], high: high[i], prior: pl && pl[i] !== null && ph[i] !== null ? { low: pl[i], middle: pm[i], high: ph[i] } : null,
      text: `${short(median[i])} (${short(low[i])} to ${short(high[i])})`,
    }));
  }
}

export class PredictiveCard extends IntervalCard {
  head = [["middle", "predicted, 5 to 95 %"], ["datum", "data"]];

  constructor(source) {
    super(source, "Predictions beside data", "What the fitted model would expect, and what was seen. About one in ten may lie outside; many more, or all on one side, say that the model does not fit.", "predictive", "predictive");
  }

  rowsOf(column, n) {
    const [names, data, low, median, high, rank] = ["name", "data", "q05", "median", "q95", "rank"].map(column);
    return Array.from({ length: n }, (_, i) => ({ name: String(names[i]), data: data[i], low: low[i], middle: median[i], high: high[i], text: `${short(data[i])}; ${rank?.[i] === null || rank === undefined ? "" : `${fixed(rank[i] * 100, 0)} % below`}` }));
  }

  paint(read) {
    super.paint(read);
    const column = name => read.columns.find(c => c.name === name)?.values ?? [];
    const [data, low, high] = ["data", "q05", "q95"].map(column);
    const off = data.filter((v, i) => v !== null && (v < low[i] || v > high[i])).length;
    this.note.textContent = `${plural(off, "datum", "data")} of ${count(data.length)} outside of nine tenths (some ${count(data.length / 10)} are expected). ${this.note.textContent}`;
  }
}

export class ImputationsCard extends IntervalCard {
  head = [["middle", "filled in, 5 to 95 %"], ["datum", "what was hidden"]];

  constructor(source) {
    super(source, "Fills beside the data", "Cells that are known were hidden from the model and filled in: the dot is the fill, the bar what really stood there.", "imputations", "imputations");
    this.picker = h("select", { "aria-label": "Column", on: { change: () => super.paint(this.read) } });
    this.tools.append(this.picker);
  }

  most = 12;

  paint(read) {
    this.read = read;
    const names = [...new Set(read.columns.find(c => c.name === "column")?.values ?? [])];
    fill(this.picker, h("option", { value: "" }, "all columns"), names.map(n => h("option", { value: n }, n)));
    super.paint(read);
  }

  rowsOf(column, n) {
    const [rows, columns, data, imputed, lower, upper, probability] = ["row", "column", "data", "imputed", "lower", "upper", "probability"].map(column);
    const number = v => v === null || v === undefined || v === "" || !Number.isFinite(Number(v)) ? null : Number(v);
    return Array.from({ length: n }, (_, i) => i).filter(i => !this.picker.value || columns?.[i] === this.picker.value).map(i => {
      const name = columns ? `${columns[i]}${rows ? `, row ${count(rows[i])}` : ""}` : `row ${count(rows?.[i])}`;
      const [fill, was] = [number(imputed?.[i]), number(data?.[i])];
      const given = number(probability?.[i]);
      if (given === null && fill !== null && was !== null && number(lower?.[i]) !== null) return { name, data: was, low: lower[i], middle: fill, high: upper[i], text: `${short(fill)}; was ${short(was)}` };
      return { name, low: null, high: null, middle: null, text: `${imputed?.[i] ?? "–"}; was ${data?.[i] ?? "–"}${given === null ? "" : `, held to be ${fixed(given * 100, 0)} % likely`}` };
    });
  }
}

// What texts are about: each topic by its words, the larger the more they tell.
export class TopicsCard extends OfTable {
  constructor(source) {
    super(source, "topics", "Topics", "What the texts are about: each topic with the share it has of them, and the words that it uses most.", { id: "topics", wide: true });
    this.list = h("div", { class: "topics" });
    this.body.append(this.list, this.note);
  }

  paint(read) {
    const [topics, share, words, probability] = ["topic", "share", "word", "probability"].map(name => read.columns.find(c => c.name === name)?.values);
    if (!topics || !share || !words || !probability) return;
    const groups = new Map();
    topics.forEach((t, i) => { if (!groups.has(t)) groups.set(t, []); groups.get(t).push(i); });
    fill(this.list, [...groups].sort((a, b) => share[b[1][0]] - share[a[1][0]]).map(([topic, rows]) => h("div", { class: "topic" },
      h("div", { class: "topic-head" }, h("b", null, `${fixed(share[rows[0]] * 100, 1)} %`), h("span", null, `topic ${topic}`)),
      h("p", null, rows.slice(0, 12).map(i => h("span", { title: fixed(probability[i], 4), css: { "font-size": `${round(12 + 8 * Math.sqrt(probability[i] / probability[rows[0]]) ** 2)}px` } }, `${words[i]} `))))));
  }
}

// Each column of the data beside samples of the model: shares of levels as bars, numbers as the share that lies below.
export class MarginalsCard extends OfTable {
  constructor(source) {
    super(source, "marginals", "Samples beside the data", "Each column of the data and of new rows from the model. Where bars or lines part, the model has not learned the column.", { id: "marginals" });
    this.grid = h("div", { class: "marginals" });
    this.body.append(h("div", { class: "interval-key" }, h("span", null, h("i", { class: "prior" }), "data"), h("span", null, h("i"), "model")), this.grid, this.note);
  }

  paint(read) {
    const column = name => read.columns.find(c => c.name === name)?.values;
    const [names, what, data, model] = ["column", "what", "data", "model"].map(column);
    if (!names || !what || !data || !model) return;
    const groups = new Map();
    names.forEach((name, i) => { if (!groups.has(name)) groups.set(name, []); groups.get(name).push(i); });
    fill(this.grid, [...groups].map(([name, rows]) => {
      const of = values => rows.map(i => values[i]);
      // Quantiles are named by their share, levels by their name.
      const isNumber = rows.length > 2 && rows.every(i => / ?%$/.test(String(what[i])));
      return h("div", { class: "marginal" }, h("span", { class: "column-name", title: name }, name), isNumber ? below(of(data), of(model)) : shares(of(what), of(data), of(model)));
    }));
  }
}

function below(data, model) {
  const [width, height] = [180, 64];
  // The last hundredths at both ends can lie far out.
  const inner = [data, model].flatMap(list => list.slice(1, -1));
  const x = scale(...extent(inner), 2, width - 2);
  const path = list => list.map((v, i) => v === null ? "" : `${round(Math.max(0, Math.min(width, x(v))))} ${round(height - 14 - (height - 18) * i / (list.length - 1))}`).filter(Boolean).join("L");
  return s("svg", { viewBox: `0 0 ${width} ${height}`, class: "below", role: "img", "aria-label": "The share of values below each value, of data and model." },
    s("line", { class: "axis", x1: 0, x2: width, y1: height - 13.5, y2: height - 13.5 }), s("path", { class: "line training", d: `M${path(data)}` }), s("path", { class: "line elbo", d: `M${path(model)}` }),
    s("text", { x: 1, y: height - 2 }, short(x.low)), s("text", { class: "end", x: width - 1, y: height - 2 }, short(x.high)));
}

function shares(names, data, model) {
  const most = Math.max(...data, ...model, 1e-9);
  return h("div", { class: "shares" }, names.slice(0, 6).map((name, i) => h("div", { title: `${name}: ${fixed(data[i] * 100, 1)} % of the data, ${fixed(model[i] * 100, 1)} % of the model's rows` }, h("span", null, name),
    h("div", null, h("i", { class: "prior", css: { width: `${round(data[i] / most * 100)}%` } }), h("i", { css: { width: `${round(model[i] / most * 100)}%` } })))), names.length > 6 ? h("small", null, `and ${names.length - 6} more`) : null);
}

// Any other table, as rows and columns.
export class TableCard extends OfTable {
  constructor(source, kind, title) {
    super(source, kind, title, TABLES[kind] ?? "", { id: `table-${kind}` });
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": title });
    this.body.append(this.scroller, this.note);
  }

  paint(read) {
    const most = Math.min(read.shown, 100);
    fill(this.scroller, h("table", null, h("thead", null, h("tr", null, read.columns.map(c => h("th", { class: c.kind === "number" ? "number" : "", scope: "col" }, c.name)))),
      h("tbody", null, Array.from({ length: most }, (_, i) => h("tr", null, read.columns.map(c => h("td", { class: c.kind === "number" ? "number" : "" }, c.values[i] === null ? "" : c.kind === "number" ? short(c.values[i]) : c.values[i])))))));
    this.note.textContent = read.rows > most ? `${count(most)} of ${count(read.rows)} rows.` : "";
  }
}

const TABLES = {
  samples: "New rows, drawn from the model: none of them is in the data.",
};

export class WarningsCard extends Card {
  constructor() {
    super("What to look at", "", { wide: true, id: "warnings" });
    this.element.classList.add("warnings");
    this.list = h("ul");
    this.body.append(this.list);
  }

  has(view) {
    return view.warnings.length > 0;
  }

  show(view) {
    say(this.explanation, view.warnings.length === 1 ? "One reason for doubt, and what to do about it." : `${view.warnings.length} reasons for doubt, and what to do about each.`);
    const said = JSON.stringify(view.warnings);
    if (said === this.said) return;
    this.said = said;
    fill(this.list, view.warnings.map(w => h("li", null, h("p", null, w.text), w.remedy ? h("p", { class: "remedy" }, h("b", null, "What to do: "), w.remedy) : null)));
  }
}

export class CertificateCard extends Card {
  constructor() {
    super("Certificate", "How good the fit is, as far as can be known.", { id: "certificate" });
    this.facts = h("div", { class: "facts" });
    this.text = h("div", { class: "certificate-text" });
    this.body.append(this.facts, this.text);
  }

  has(view) {
    return !!view.certificate;
  }

  show(view) {
    const c = view.certificate;
    fill(this.facts, c.facts.map(f => h("div", { class: f.tone ?? "" }, h("span", null, f.name, f.note ? h("small", null, f.note) : null), h("b", { data: { value: f.value } }, f.text ?? nats(f.value), f.error ? h("small", null, ` ± ${nats(f.error)}`) : null, f.unit ? h("small", null, ` ${f.unit}`) : null))));
    fill(this.text, (c.remarks ?? []).map(r => h("p", null, r)));
  }
}

export class NoticesCard extends Card {
  constructor() {
    super("What happened", "", { id: "notices" });
    this.list = h("ol", { class: "log" });
    this.body.append(this.list);
  }

  has(view) {
    return view.notices?.length > 0;
  }

  show(view) {
    if (this.n === view.notices.length) return;
    this.n = view.notices.length;
    fill(this.list, view.notices.slice(-200).reverse().map(n => h("li", null, h("time", null, n.epoch ? `epoch ${count(n.epoch)}` : duration(n.at)), h("span", null, n.text))));
  }
}

export class DetailsCard extends Card {
  constructor() {
    super("How it was made", "", { id: "details", wide: true });
    this.content = h("div", { class: "details" });
    this.body.append(this.content);
  }

  has() {
    return true;
  }

  show(view) {
    const said = JSON.stringify(view.details);
    if (said === this.said) return;
    this.said = said;
    const { command, settings, environment } = view.details;
    const list = pairs => h("dl", null, pairs.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))));
    const copy = command ? h("button", { type: "button", class: "plain", on: { click: async event => { await navigator.clipboard?.writeText(command); event.target.textContent = "Copied"; } } }, "Copy") : null;
    fill(this.content,
      command ? h("div", { class: "command" }, h("code", null, command), copy) : null,
      settings.length > 0 ? h("div", null, h("h3", null, "Settings"), list(settings)) : null,
      h("div", null, h("h3", null, "Environment"), list(environment)));
  }
}

export class ProblemsCard extends Card {
  constructor() {
    super("What cannot be read of this run", "The rest is shown.", { id: "problems", wide: true });
    this.element.classList.add("warnings");
    this.list = h("ul");
    this.body.append(this.list);
  }

  has(view) {
    return view.problems.length > 0;
  }

  show(view) {
    fill(this.list, view.problems.map(p => h("li", null, h("p", null, p))));
  }
}

export const KNOWN_TABLES = ["latent", "posterior", "predictive", "imputations", "marginals", "topics"];

export function tableTitle(kind, view) {
  return { samples: "New rows" }[kind] ?? latest(view.tables, kind)?.title ?? kind;
}
