import { h, fill, say } from "./dom.js";
import { nats, signed, count, duration, ago, plural } from "./format.js";
import {
  stateChip, BoundCard, TermsCard, LatentsCard, ColumnsCard, LatentSpaceCard, PictureCard, LossCard, LevelsCard, PosteriorCard, PredictiveCard, ImputationsCard, MarginalsCard, TopicsCard, TableCard, WarningsCard, CertificateCard, NoticesCard,
  DetailsCard, ProblemsCard, KNOWN_TABLES, tableTitle,
} from "./parts.js";

// The page of one run.
export class RunPage {
  constructor(host, source, id, { onCompare = null, isReport = false } = {}) {
    this.host = host;
    this.source = source;
    this.id = id;
    this.of = source.of(id);
    this.view = {};
    this.cards = [];
    this.title = h("h1");
    this.chip = h("span");
    this.meta = h("p", { class: "meta" });
    this.verdict = h("div", { class: "verdict", role: "status" }, h("span", { class: "verdict-mark", "aria-hidden": "true" }), h("div", null, h("strong"), h("p")));
    this.progress = h("div", { class: "progress", role: "progressbar", "aria-label": "Epochs done", "aria-valuemin": 0, "aria-valuemax": 100 }, h("i"));
    this.tiles = h("div", { class: "tiles" });
    this.grid = h("div", { class: "grid-cards" });
    this.unreachable = h("p", { class: "unreachable", hidden: true, role: "alert" }, "The page's server does not answer. What you see is as of the last answer; it goes on by itself when the server is back.");
    const compare = onCompare ? h("button", { type: "button", class: "plain", on: { click: onCompare } }, "Compare with …") : null;
    this.element = h("article", { class: "run" }, this.unreachable, h("header", { class: "run-head" }, h("div", null, h("div", { class: "run-title" }, this.title, this.chip), this.meta), compare), this.verdict, this.progress, this.tiles, this.grid);
    host.append(this.element);
    const fixed = [
      new ProblemsCard(), new WarningsCard(), new BoundCard(this.of), new TermsCard(), new LatentsCard(), new LossCard(), new LevelsCard(), new PosteriorCard(this.of), new PredictiveCard(this.of), new ColumnsCard(), new LatentSpaceCard(this.of),
      new TopicsCard(this.of), new MarginalsCard(this.of), new ImputationsCard(this.of),
    ];
    this.end = [new CertificateCard(), new NoticesCard(), new DetailsCard()];
    this.cards.push(...fixed);
    this.stop = source.follow(id, part => this.change(part), isLost => { this.unreachable.hidden = !isLost; });
    // Times go on where nothing else happens.
    this.clock = isReport ? null : setInterval(() => this.head(), 1000);
  }

  close() {
    this.stop();
    clearInterval(this.clock);
  }

  change(part) {
    if (part.gone) {
      this.close();
      fill(this.host, h("p", { class: "empty" }, "This run has been removed."));
      return;
    }
    Object.assign(this.view, part);
    this.received = Date.now();
    const view = this.view;
    for (const kind of new Set((view.pictures ?? []).map(p => p.kind))) if (!this.cards.some(c => c instanceof PictureCard && c.kind === kind)) this.cards.push(new PictureCard(this.of, kind));
    for (const kind of new Set((view.tables ?? []).map(t => t.kind))) if (!KNOWN_TABLES.includes(kind) && !this.cards.some(c => c instanceof TableCard && c.kind === kind)) this.cards.push(new TableCard(this.of, kind, tableTitle(kind, view)));
    const shown = [...this.cards, ...this.end].filter(card => card.has(view));
    // A chart needs its width, so that cards are in the page before they are told.
    shown.forEach((card, i) => {
      if (this.grid.children[i] !== card.element) this.grid.insertBefore(card.element, this.grid.children[i] ?? null);
    });
    while (this.grid.children.length > shown.length) this.grid.lastChild.remove();
    this.head();
    for (const card of shown) card.show(view);
    fillOut(this.grid);
    this.element.dataset.seq = view.seq;
  }

  head() {
    const view = this.view;
    if (!view.name) return;
    say(this.title, view.name);
    document.title = `${view.name} – Elbo`;
    if (this.state !== view.state) fill(this.chip, stateChip(view.state));
    this.state = view.state;
    const seconds = view.state === "running" ? view.seconds + (Date.now() - this.received) / 1000 : view.seconds;
    say(this.meta, [view.kindName, view.data, view.rows ? plural(view.rows, "row") : null, view.started ? `began ${ago(view.started)}` : null, `${duration(seconds)}`].filter(Boolean).join(" · "));
    this.meta.title = view.started ?? "";
    const [mark, text] = [this.verdict.firstChild, this.verdict.lastChild];
    this.verdict.dataset.tone = view.verdict.tone;
    say(mark, { good: "✓", calm: "●", watch: "!", bad: "×" }[view.verdict.tone] ?? "●");
    say(text.firstChild, view.verdict.text);
    say(text.lastChild, view.verdict.detail ?? "");
    const done = view.plannedEpochs ? Math.min(1, view.epochCount / view.plannedEpochs) : null;
    this.progress.hidden = view.state !== "running" || done === null;
    this.progress.firstChild.style.width = `${(done ?? 0) * 100}%`;
    this.progress.setAttribute("aria-valuenow", Math.round((done ?? 0) * 100));
    this.showTiles(tilesOf(view));
  }

  showTiles(tiles) {
    if (this.tiles.children.length !== tiles.length) fill(this.tiles, tiles.map(() => h("div", { class: "tile" }, h("span"), h("b"), h("small"))));
    tiles.forEach((tile, i) => {
      const [name, value, note] = this.tiles.children[i].children;
      this.tiles.children[i].dataset.tile = tile.id;
      say(name, tile.name);
      say(value, tile.text ?? nats(tile.value));
      if (tile.value !== undefined && tile.value !== null) value.dataset.value = tile.value;
      value.className = tile.colour ?? "";
      say(note, tile.note ?? "");
    });
  }

  repaint() {
    for (const card of this.cards) {
      card.map?.paint();
      card.repaint?.();
    }
  }
}

// A card alone in its row takes all of it.
export function fillOut(grid) {
  let open = null;
  for (const card of grid.children) {
    card.classList.remove("alone");
    if (card.classList.contains("wide")) {
      open?.classList.add("alone");
      open = null;
    } else open = open ? null : card;
  }
  open?.classList.add("alone");
}

export function tilesOf(view) {
  const now = view.now ?? {};
  const per = view.unit === "total" ? "nats, total" : "nats per row";
  const tiles = [{ id: "elbo", name: "ELBO", value: now.elbo, note: now.change === null || now.change === undefined ? per : `${signed(now.change)} in ${plural(now.changeOver, view.turn)}`, colour: "elbo" }];
  if (now.reconstruction !== undefined) tiles.push({ id: "reconstruction", name: "Reconstruction", value: now.reconstruction, note: "rows explained", colour: "reconstruction" });
  if (now.kl !== undefined) tiles.push({ id: "kl", name: "KL", value: now.kl, note: "what the code tells", colour: "kl" });
  if (now.iwae !== undefined) tiles.push({ id: "gap", name: "Gap, at least", value: now.iwae - now.elbo, note: "IWAE − ELBO", colour: "iwae" });
  if (now.gap !== undefined) tiles.push({ id: "gap", name: "Gap", value: now.gap, note: "ln evidence − ELBO", colour: "iwae" });
  if (now.khat !== undefined) tiles.push({ id: "khat", name: "Pareto k̂", text: now.khat.toFixed(2), value: now.khat, note: now.khat <= now.khatLimit ? "weights can be trusted" : "too high to be trusted" });
  if (now.active !== undefined) tiles.push({ id: "active", name: "Latents in use", text: `${count(now.active)} of ${count(now.latents)}`, value: now.active, note: now.active < now.latents ? `${count(now.latents - now.active)} unused` : "all of them" });
  if (view.epochCount) tiles.push({ id: "epochs", name: view.turn === "epoch" ? "Epochs" : "Sweeps", text: count(view.epochCount), value: view.epochCount, note: view.bestEpoch ? `best: ${count(view.bestEpoch)}` : view.plannedEpochs ? `of at most ${count(view.plannedEpochs)}` : "" });
  else if (view.stepCount) tiles.push({ id: "steps", name: "Steps", text: count(view.stepCount), value: view.stepCount, note: view.now?.settled === true ? "settled" : "" });
  return tiles;
}
