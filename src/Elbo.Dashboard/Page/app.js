import { h, fill, say } from "./dom.js";
import { nats, ago, plural } from "./format.js";
import { sparkline } from "./chart.js";
import { LiveSource, ReportSource } from "./source.js";
import { RunPage } from "./run.js";
import { ComparePage } from "./compare.js";

const THEMES = { auto: "◐ Auto", light: "☀ Light", dark: "☾ Dark" };

const KEYS = [
  ["j k", "next, previous run"], ["Enter", "open the run"], ["c", "compare with another"], ["/", "find a run"], ["t", "light, dark, as the system"],
  ["← →", "move along a chart; with Shift in large steps"], ["+ −", "zoom a chart; Esc shows all of it again"], ["Esc", "back"], ["?", "this help"],
];

class App {
  constructor(source, isReport) {
    this.source = source;
    this.isReport = isReport;
    this.runs = [];
    this.comparing = null;
    this.theme = h("button", { type: "button", class: "plain", title: "Light, dark, or as the system has it (t)", on: { click: () => this.nextTheme() } });
    this.find = h("input", { type: "search", placeholder: "Find a run", "aria-label": "Find a run", on: { input: () => this.list() } });
    this.items = h("nav", { class: "runs", "aria-label": "Runs" });
    this.folder = h("p", { class: "folder" });
    this.hint = h("p", { class: "hint", hidden: true, role: "status" });
    this.main = h("main", { tabindex: "-1" });
    this.help = h("dialog", { class: "help", "aria-label": "Keys" }, h("h2", null, "Keys"), h("dl", null, KEYS.map(([key, what]) => h("div", null, h("dt", null, key.split(" ").map(k => h("kbd", null, k))), h("dd", null, what)))), h("button", { type: "button", class: "plain", on: { click: () => this.help.close() } }, "Close"));
    const brand = h("a", { class: "brand", href: "#/" }, "Elbo");
    this.side = h("aside", null, h("div", { class: "side-head" }, brand, this.theme, h("button", { type: "button", class: "plain", "aria-label": "Keys", title: "Keys (?)", on: { click: () => this.help.showModal() } }, "?")), this.find, this.hint, this.items, this.folder);
    this.back = h("a", { class: "back", href: "#/" }, "‹ All runs");
    fill(document.body, h("a", { class: "skip", href: "#main", on: { click: event => { event.preventDefault(); this.main.focus(); } } }, "To the run"), this.side, this.back, this.main, this.help);
    this.setTheme(read("theme") ?? "auto");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.setTheme(this.chosen));
    addEventListener("hashchange", () => this.route());
    addEventListener("keydown", event => this.key(event));
    source.followAll(part => this.changed(part), () => {});
    this.route();
  }

  changed(part) {
    if (part.runs) this.runs = part.runs;
    if (part.folder) this.folder.textContent = part.folder;
    const isFirst = !this.isKnown;
    this.isKnown = true;
    document.body.classList.toggle("single", this.isReport && this.runs.length === 1);
    this.list();
    // A wide page begins with the latest run rather than with nothing.
    if (isFirst || this.current === null) this.route();
  }

  list() {
    const words = this.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = this.runs.filter(r => words.every(w => `${r.name} ${r.id} ${r.kindName} ${r.data} ${r.state}`.toLowerCase().includes(w)));
    const focused = document.activeElement?.dataset?.run;
    fill(this.items, shown.map(r => this.item(r)), this.isKnown && shown.length === 0 ? h("p", { class: "empty" }, this.runs.length === 0 ? "No runs yet. Fit a model, and it appears here: elbo fit DATA" : "No run has that in its name.") : null);
    if (focused) [...this.items.querySelectorAll("a")].find(a => a.dataset.run === focused)?.focus();
  }

  item(run) {
    const isCurrent = this.current === run.id || this.ids?.includes(run.id);
    return h("a", { href: this.comparing ? `#/compare/${encodeURIComponent(this.comparing)}/${encodeURIComponent(run.id)}` : `#/run/${encodeURIComponent(run.id)}`, class: `item state-${run.state}`, "aria-current": isCurrent ? "page" : null, data: { run: run.id } },
      h("span", { class: "item-name" }, h("i", { class: "item-dot", title: run.state }), h("strong", null, run.name)),
      h("span", { class: "item-value" }, run.elbo === null || run.elbo === undefined ? "" : nats(run.elbo)),
      h("span", { class: "item-note" }, [run.state === "finished" ? null : run.state, run.warnings > 0 ? plural(run.warnings, "warning") : null, run.started ? ago(run.started) : null, run.kindName.split(",")[0]].filter(Boolean).join(" · ")),
      run.course?.length > 1 ? sparkline(run.course) : h("span"));
  }

  route() {
    const [, what, first, second] = location.hash.split("/").map(part => { try { return decodeURIComponent(part); } catch { return part; } });
    const isWide = matchMedia("(min-width: 900px)").matches || this.isReport;
    const ids = what === "compare" && first && second ? [first, second] : null;
    let current = what === "run" ? first : null;
    if (!current && !ids && (isWide) && this.runs.length > 0) current = (this.runs.find(r => r.state === "running") ?? this.runs[0]).id;
    document.body.classList.toggle("at-list", !current && !ids);
    const key = JSON.stringify([current, ids, this.isKnown && this.runs.length === 0]);
    if (this.shown === key) return;
    this.shown = key;
    this.comparing = null;
    this.hint.hidden = true;
    this.page?.close();
    this.page = null;
    [this.current, this.ids] = [current, ids];
    fill(this.main);
    scrollTo(0, 0);
    try {
      if (ids) this.page = new ComparePage(this.main, this.source, ...ids);
      else if (current) this.page = new RunPage(this.main, this.source, current, { onCompare: this.runs.length > 1 || !this.isReport ? () => this.compare() : null, isReport: this.isReport });
      else if (this.isKnown && this.runs.length === 0) fill(this.main, h("div", { class: "welcome" }, h("h1", null, "Nothing has been fitted here yet"), h("p", null, "Every fit writes a record of itself, and this page shows it while it grows. In another terminal:"), h("pre", null, "elbo fit customers.csv"), h("p", null, "It will appear here by itself.")));
    } catch (error) {
      fill(this.main, h("p", { class: "empty" }, error.message));
    }
    this.list();
  }

  compare() {
    this.comparing = this.comparing ? null : this.current;
    this.hint.hidden = !this.comparing;
    const name = this.runs.find(r => r.id === this.comparing)?.name;
    say(this.hint, this.comparing ? `Choose the run to compare ${name} with.` : "");
    if (this.comparing) document.body.classList.add("at-list");
    this.list();
    if (this.comparing) this.items.querySelector("a:not([aria-current])")?.focus();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (isTyping && event.key !== "Escape") return;
    const links = [...this.items.querySelectorAll("a")];
    const at = links.findIndex(a => a === document.activeElement), here = at >= 0 ? at : links.findIndex(a => a.getAttribute("aria-current"));
    const actions = {
      j: () => links[Math.min(links.length - 1, here + 1)]?.focus(),
      k: () => links[Math.max(0, here - 1)]?.focus(),
      c: () => this.current && this.compare(),
      t: () => this.nextTheme(),
      "/": () => this.find.focus(),
      "?": () => this.help.open ? this.help.close() : this.help.showModal(),
      Escape: () => {
        if (isTyping) event.target.blur();
        else if (this.comparing) { this.compare(); document.body.classList.toggle("at-list", !this.current); }
        else if (document.querySelector("dialog[open]")) return false;
        else location.hash = "#/";
      },
    };
    if (!actions[event.key]) return;
    if (actions[event.key]() !== false) event.preventDefault();
  }

  nextTheme() {
    const names = Object.keys(THEMES);
    this.setTheme(names[(names.indexOf(this.chosen) + 1) % names.length]);
  }

  setTheme(name) {
    this.chosen = THEMES[name] ? name : "auto";
    document.documentElement.dataset.theme = this.chosen !== "auto" ? this.chosen : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.theme.textContent = THEMES[this.chosen];
    try { localStorage.setItem("elbo-theme", this.chosen); } catch { /* A report opened from a file may not keep anything. */ }
    this.page?.repaint?.();
  }
}

function read(name) {
  try {
    return localStorage.getItem(`elbo-${name}`);
  } catch {
    return null;
  }
}

const content = document.getElementById("report");
new App(content ? new ReportSource(JSON.parse(content.textContent)) : new LiveSource(), !!content);
