import { h, fill, say } from "./dom.js";
import { nats, signed } from "./format.js";
import { Chart } from "./chart.js";
import { HeatMap, sentence } from "./heatmap.js";
import { stateChip, Card, PictureCard } from "./parts.js";
import { tilesOf, fillOut } from "./run.js";

// Two runs side by side.
export class ComparePage {
  constructor(host, source, first, second) {
    this.source = source;
    this.ids = [first, second];
    this.views = [{}, {}];
    this.heads = this.ids.map((id, i) => h("a", { class: `compare-head run-${"ab"[i]}`, href: `#/run/${encodeURIComponent(id)}` }, h("i", null, "AB"[i]), h("strong"), h("span", { class: "compare-state" })));
    this.answer = h("p", { class: "compare-answer", role: "status" });
    this.note = h("p", { class: "note" });
    this.table = h("table", { class: "compare-table" });
    this.grid = h("div", { class: "grid-cards" });
    this.element = h("article", { class: "run compare" }, h("h1", null, "Two runs"), h("div", { class: "compare-heads" }, this.heads), this.answer, this.note, this.grid);
    host.append(this.element);
    const numbers = new Card("Numbers", "Of both, and how far B is ahead of A.", { wide: false, id: "compare-numbers" });
    numbers.body.append(h("div", { class: "scroller" }, this.table));
    this.bound = new Card("The bound", "Higher is better.", { wide: true, id: "compare-bound" });
    this.kl = new Card("KL", "What the codes cost, in nats.", { id: "compare-kl" });
    this.heats = this.ids.map((_, i) => new Card(`Latent numbers of ${"AB"[i]}`, "", { id: `compare-latents-${"ab"[i]}` }));
    this.settings = new Card("What was set differently", "", { id: "compare-settings" });
    this.pictures = {};
    this.numbers = numbers;
    this.stops = this.ids.map((id, i) => source.follow(id, part => { Object.assign(this.views[i], part); this.show(); }, () => {}));
  }

  close() {
    for (const stop of this.stops) stop();
  }

  show() {
    const [a, b] = this.views;
    if (!a.name || !b.name) return;
    this.views.forEach((view, i) => {
      say(this.heads[i].children[1], view.name);
      if (this.heads[i].dataset.state !== view.state) fill(this.heads[i].children[2], stateChip(view.state));
      this.heads[i].dataset.state = view.state;
    });
    document.title = `${a.name} and ${b.name} – Elbo`;
    this.say(a, b);
    this.showNumbers(a, b);
    const cards = [];
    const both = key => (a.epochs?.[key]?.length ?? 0) > 0 && (b.epochs?.[key]?.length ?? 0) > 0;
    if (both("elbo")) cards.push(this.bound);
    cards.push(this.numbers);
    if (both("kl")) cards.push(this.kl);
    this.views.forEach((view, i) => { if (view.latents?.names.length > 0) cards.push(this.heats[i]); });
    const differs = this.differences(a, b);
    if (differs.length > 0) cards.push(this.settings);
    const kinds = [...new Set((a.pictures ?? []).map(p => p.kind))].filter(k => b.pictures?.some(p => p.kind === k));
    for (const kind of kinds) {
      this.pictures[kind] ??= this.ids.map((id, i) => { const card = new PictureCard(this.source.of(id), kind); card.element.querySelector("h2").append(` of ${"AB"[i]}`); return card; });
      cards.push(...this.pictures[kind]);
    }
    cards.forEach((card, i) => { if (this.grid.children[i] !== card.element) this.grid.insertBefore(card.element, this.grid.children[i] ?? null); });
    while (this.grid.children.length > cards.length) this.grid.lastChild.remove();
    if (both("elbo")) this.draw(this.bound, "elbo", a, b, "The bounds of both runs.");
    if (both("kl")) this.draw(this.kl, "kl", a, b, "The divergences of both runs.");
    this.views.forEach((view, i) => {
      if (!(view.latents?.names.length > 0)) return;
      say(this.heats[i].explanation, sentence(view.latents, view.now));
      this.heats[i].map ??= new HeatMap(this.heats[i].body);
      this.heats[i].map.update(view.latents);
    });
    fill(this.settings.body, h("div", { class: "scroller" }, h("table", { class: "compare-table" }, h("thead", null, h("tr", null, ["", "A", "B"].map(t => h("th", { scope: "col" }, t)))), h("tbody", null, differs.map(([name, x, y]) => h("tr", null, h("th", { scope: "row" }, name), h("td", null, x ?? "–"), h("td", null, y ?? "–")))))));
    for (const kind of kinds) this.pictures[kind].forEach((card, i) => card.show(this.views[i]));
    fillOut(this.grid);
  }

  say(a, b) {
    // Bounds of different data do not compare: densities are in the units of the data.
    if (a.data !== b.data) {
      say(this.note, "Bounds of different data do not compare; what follows is side by side all the same.");
      return say(this.answer, "These two are of different data.");
    }
    const [x, y] = [a.now?.elbo, b.now?.elbo];
    if (x === undefined || y === undefined || x === null || y === null) return say(this.answer, "");
    const error = Math.hypot(a.now.error ?? 0, b.now.error ?? 0), difference = y - x;
    const leader = difference >= 0 ? b : a;
    say(this.answer, difference === 0 ? "Both have the same bound."
      : `${leader.name === a.name && leader.name === b.name ? (difference > 0 ? "B" : "A") : leader.name} is ahead by ${nats(Math.abs(difference))} nats${a.unit === "total" ? "" : " per row"}.`);
    this.answer.dataset.value = difference;
    say(this.note, error > 0 ? `Each bound has an error of its own from the rows it is judged on (together ± ${nats(error)}); on the same rows most of it is shared, so that the difference is surer than that.` : "");
  }

  showNumbers(a, b) {
    const [x, y] = [a, b].map(view => new Map(tilesOf(view).map(t => [t.id, t])));
    const ids = [...new Set([...x.keys(), ...y.keys()])];
    fill(this.table, h("thead", null, h("tr", null, ["", "A", "B", "B − A"].map(t => h("th", { scope: "col", class: t ? "number" : "" }, t)))), h("tbody", null, ids.map(id => {
      const [p, q] = [x.get(id), y.get(id)];
      const text = t => t ? t.text ?? nats(t.value) : "–";
      const d = typeof p?.value === "number" && typeof q?.value === "number" ? q.value - p.value : null;
      return h("tr", { data: { tile: id } }, h("th", { scope: "row" }, (p ?? q).name), h("td", { class: "number", data: { value: p?.value ?? "" } }, text(p)), h("td", { class: "number", data: { value: q?.value ?? "" } }, text(q)), h("td", { class: "number" }, d === null ? "" : Number.isInteger(d) && p.text ? signed(d).replace(/\.0+$/, "") : signed(d)));
    })));
  }

  // Both over one axis; where one has no epoch of that number, it has no point.
  draw(card, key, a, b, label) {
    const x = [...new Set([...a.epochs.x, ...b.epochs.x])].sort((p, q) => p - q);
    const on = view => { const at = new Map(view.epochs.x.map((e, i) => [e, view.epochs[key][i]])); return joined(x, x.map(e => at.get(e) ?? null)); };
    const what = { label, x, xName: a.turn, xWhole: true, range: "close", height: key === "elbo" ? 300 : undefined, series: [{ name: "A", colour: "run-a", y: on(a) }, { name: "B", colour: "run-b", y: on(b) }] };
    if (card.chart) card.chart.update(what);
    else card.chart = new Chart(card.body, what);
  }

  differences(a, b) {
    const [x, y] = [a, b].map(view => new Map([...(view.details?.settings ?? []), ["version", view.details?.environment?.find(e => e[0] === "Elbo")?.[1]], ["data", view.data]]));
    return [...new Set([...x.keys(), ...y.keys()])].filter(k => x.get(k) !== y.get(k)).map(k => [k, x.get(k), y.get(k)]);
  }

  repaint() {
    for (const card of this.heats) card.map?.paint();
  }
}

// Between two points of its own a line goes straight over the places that only the other has.
function joined(x, y) {
  let before = -1;
  y.forEach((v, i) => {
    if (v === null) return;
    if (before >= 0) for (let k = before + 1; k < i; k++) y[k] = y[before] + (v - y[before]) * (x[k] - x[before]) / (x[i] - x[before]);
    before = i;
  });
  return y;
}
