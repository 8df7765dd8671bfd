// Where runs come from: the server of this page, or the report that this page is.

export class LiveSource {
  async runs() {
    return this.get("/api/runs");
  }

  async run(id) {
    return this.get(`/api/runs/${encodeURIComponent(id)}`);
  }

  steps(id, from, to) {
    return this.get(`/api/runs/${encodeURIComponent(id)}/steps?from=${from}&to=${to}`);
  }

  of(id) {
    const base = `/api/runs/${encodeURIComponent(id)}`;
    return {
      picture: file => `${base}/pictures/${encodeURIComponent(file)}`,
      table: file => this.get(`${base}/tables/${encodeURIComponent(file)}`),
      steps: (from, to) => this.steps(id, from, to),
    };
  }

  // Tells the parts of a run that changed, from the whole of it on. What it returns ends it.
  follow(id, changed, lost) {
    return this.listen(`/api/runs/${encodeURIComponent(id)}/changes`, changed, lost);
  }

  followAll(changed, lost) {
    return this.listen("/api/changes", changed, lost);
  }

  listen(address, changed, lost) {
    const stream = new EventSource(address);
    stream.addEventListener("view", event => {
      lost(false);
      changed(JSON.parse(event.data));
    });
    // The browser tries again by itself; the server then begins with the whole, so nothing is missed.
    stream.addEventListener("error", () => lost(true));
    return () => stream.close();
  }

  async get(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(answer.status === 404 ? "This run is not there (any more)." : await answer.text());
    return answer.json();
  }
}

export class ReportSource {
  constructor(content) {
    this.content = content;
  }

  async runs() {
    return { folder: this.content.folder, runs: this.content.runs.map(r => r.summary) };
  }

  async run(id) {
    const run = this.content.runs.find(r => r.summary.id === id);
    if (!run) throw new Error("This run is not in the report.");
    return run.view;
  }

  of(id) {
    const run = this.content.runs.find(r => r.summary.id === id);
    return {
      picture: file => run.pictures[file] ?? "",
      table: async file => run.tables[file] ?? { problem: "This table is not in the report." },
      steps: null,
    };
  }

  follow(id, changed) {
    this.run(id).then(changed);
    return () => {};
  }

  followAll(changed) {
    this.runs().then(changed);
    return () => {};
  }
}
