"use strict";
// The script of the page: uploads files one after another, shows how far they are, and joins the
// player with the timelines. All text is written as text, never as HTML; the only HTML that is
// inserted is the result, in which the server has escaped every name.

const POLL_MS = 500;
const byId = (id) => document.getElementById(id);

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// The class of a verdict in the style sheet; of `sound fake` that of `fake`.
function kindOf(verdict) {
  return ["fake", "real", "unsure"].find((word) => verdict.endsWith(word)) || "none";
}

// ---------------------------------------------------------------- uploads

class Uploads {
  // Files that are not on the server yet. One at a time is sent; the others wait.
  constructor(onChange, onSent) {
    this.items = [];
    this.lastKey = 0;
    this.onChange = onChange;
    this.onSent = onSent;
  }

  add(files) {
    const largest = Number(document.body.dataset.largest);
    for (const file of files) {
      const item = { key: `upload-${++this.lastKey}`, file, share: 0, error: "", request: null };
      // The server refuses it, too; but only after some of it has been sent.
      if (file.size > largest) {
        item.error = `larger than ${document.body.dataset.largestWords}`;
      }
      this.items.push(item);
    }
    this.onChange();
    this.sendNext();
  }

  remove(item) {
    this.items = this.items.filter((other) => other !== item);
    if (item.request) item.request.abort();
    this.onChange();
    this.sendNext();
  }

  sendNext() {
    if (this.items.some((item) => item.request)) return;
    const item = this.items.find((one) => !one.error);
    if (!item) return;
    // Unlike fetch, this reports how much has been sent.
    const request = new XMLHttpRequest();
    item.request = request;
    request.open("POST", `/jobs?name=${encodeURIComponent(item.file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      item.share = event.total ? event.loaded / event.total : 0;
      this.onChange();
    };
    request.onload = () => {
      if (request.status === 201) this.items = this.items.filter((other) => other !== item);
      this.finish(item, request.status === 201 ? "" : request.response?.reason || "not accepted");
      this.onSent();
    };
    request.onerror = () => this.finish(item, "the connection to the server was lost");
    request.onabort = () => this.finish(item, "");
    request.send(item.file);
  }

  finish(item, error) {
    item.request = null;
    item.error = error;
    this.onChange();
    this.sendNext();
  }
}

// ---------------------------------------------------------------- the list of files

class FileList {
  constructor() {
    this.jobs = [];
    this.shown = null; // number of the file whose result is shown
    this.timer = null;
    this.rows = new Map(); // key -> its element, kept so that the focus stays where it is
    this.cases = new Cases(() => this.poll());
    this.uploads = new Uploads(() => this.draw(), () => this.poll());
    window.addEventListener("hashchange", () => this.showChosen());
  }

  get chosen() {
    const match = /^#file-(\d+)$/.exec(location.hash);
    return match ? Number(match[1]) : null;
  }

  async poll() {
    clearTimeout(this.timer);
    let answer = null;
    try {
      answer = await fetch("/jobs");
    } catch {
      // Said on the page below.
    }
    byId("offline").hidden = Boolean(answer && answer.ok);
    if (answer && answer.ok) {
      const before = new Map(this.jobs.map((job) => [job.number, job.state]));
      this.jobs = await answer.json();
      this.announce(before);
      this.draw();
      this.showChosen();
      this.cases.show(this.jobs.find((job) => job.number === this.shown));
    }
    const busy = this.jobs.some((job) => job.state === "waiting" || job.state === "scoring" ||
      ["waiting", "making"].includes(job.case?.state));
    if (busy || !answer || !answer.ok) {
      this.timer = setTimeout(() => this.poll(), POLL_MS);
    }
  }

  // What has ended since the last look; at the first look everything is new.
  announce(before) {
    for (const job of this.jobs) {
      if (before.get(job.number) === job.state) continue;
      if (job.state === "done") {
        byId("announced").textContent = `${job.name}: ${job.verdict}`;
        // The first result opens itself; after that, the user chooses.
        if (this.chosen === null) location.hash = `#file-${job.number}`;
      }
      if (job.state === "failed") {
        byId("announced").textContent = `${job.name}: could not be scored: ${job.words}`;
      }
    }
  }

  draw() {
    const list = byId("list");
    const wanted = [
      ...this.jobs.map((job) => [`job-${job.number}`, () => this.jobRow(job)]),
      ...this.uploads.items.map((item) => [item.key, () => this.uploadRow(item)]),
    ];
    const keys = new Set(wanted.map(([key]) => key));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.remove();
        this.rows.delete(key);
      }
    }
    for (const [key, describe] of wanted) {
      if (!this.rows.has(key)) {
        const row = this.emptyRow();
        this.rows.set(key, row);
        list.append(row);
      }
      this.fill(this.rows.get(key), describe());
    }
  }

  emptyRow() {
    const row = element("li", "item");
    const open = element("button", "open");
    open.type = "button";
    open.append(element("span", "name"), element("span", "state"));
    const act = element("button", "act");
    act.type = "button";
    row.append(open, act, document.createElement("progress"));
    return row;
  }

  fill(row, { name, state, kind, share, act, onAct, onOpen, current }) {
    const [open, button, progress] = row.children;
    row.className = `item ${kind}`;
    open.children[0].textContent = name;
    open.title = name;
    open.children[1].textContent = state;
    open.disabled = !onOpen;
    open.onclick = onOpen;
    open.setAttribute("aria-current", current ? "true" : "false");
    button.textContent = act;
    button.setAttribute("aria-label", `${act} ${name}`);
    button.onclick = onAct;
    progress.hidden = share === undefined;
    progress.setAttribute("aria-label", `progress of ${name}`);
    // Without a value the bar moves: how long scoring takes is not known before.
    if (share === null) progress.removeAttribute("value");
    else if (share !== undefined) progress.value = share;
  }

  uploadRow(item) {
    const percent = Math.round(100 * item.share);
    const sending = item.request ? `copying, ${percent} %` : "waiting to be copied";
    return {
      name: item.file.name,
      state: item.error ? `not accepted: ${item.error}` : sending,
      kind: item.error ? "failed" : "waiting",
      share: item.request ? item.share : undefined,
      act: item.error ? "Remove" : "Cancel",
      onAct: () => this.uploads.remove(item),
      onOpen: null,
    };
  }

  jobRow(job) {
    const url = `/jobs/${job.number}`;
    const ended = !["waiting", "scoring"].includes(job.state);
    const before = this.jobs.filter(
      (one) => one.number < job.number && ["waiting", "scoring"].includes(one.state),
    ).length;
    const seconds = job.seconds === null ? "" : `${Math.round(job.seconds)} s`;
    const words = {
      waiting: before ? `waiting, ${before} before it` : "waiting",
      scoring: `${job.words}, ${seconds}`,
      done: job.words ? `${job.verdict}, but ${job.words}` : job.verdict,
      failed: `could not be scored: ${job.words}`,
      cancelled: "cancelled",
    };
    return {
      name: job.name,
      state: words[job.state],
      kind: job.state === "done" ? `done ${kindOf(job.verdict)}` : job.state,
      share: job.state === "scoring" ? null : undefined,
      act: ended ? "Remove" : "Cancel",
      onAct: () => (ended ? this.remove(job) : this.send(`${url}/cancel`, "POST")),
      onOpen: job.state === "done" ? () => this.choose(job) : null,
      current: this.shown === job.number,
    };
  }

  choose(job) {
    location.hash = `#file-${job.number}`;
    // The address stays the same where the result could not be read the first time.
    this.showChosen();
  }

  async remove(job) {
    // The player must not hold the file that is about to go.
    if (this.shown === job.number) this.clear();
    await this.send(`/jobs/${job.number}`, "DELETE");
    byId("choose").focus();
  }

  async send(url, method) {
    try {
      await fetch(url, { method });
    } finally {
      this.poll();
    }
  }

  clear() {
    this.shown = null;
    history.replaceState(null, "", "/");
    byId("result").replaceChildren(element("div", "empty soft", "Choose a file from the list."));
  }

  async showChosen() {
    const number = this.chosen;
    const job = this.jobs.find((one) => one.number === number);
    if (!job || job.state !== "done" || this.shown === number) return;
    this.shown = number;
    let text = null;
    try {
      const answer = await fetch(`/jobs/${number}/result`);
      if (answer.ok) text = await answer.text();
    } catch {
      // Said on the page below.
    }
    if (this.shown !== number) return;
    if (text === null) {
      // So that it is asked for again when the file is chosen again.
      this.shown = null;
      const words = "The result could not be read. Choose the file again.";
      byId("result").replaceChildren(element("div", "empty soft", words));
      return;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    byId("result").replaceChildren(...page.body.childNodes);
    new Viewer(byId("result"));
    this.cases.listen(byId("result"), number);
    // In a narrow window the result is below the list.
    if (byId("result").getBoundingClientRect().top > innerHeight / 2) {
      byId("result").scrollIntoView();
    }
    this.cases.show(this.jobs.find((one) => one.number === number));
    this.draw();
  }
}

// ---------------------------------------------------------------- cases

class Cases {
  constructor(onAsked) {
    this.onAsked = onAsked;
    this.load();
  }

  listen(root, number) {
    this.form = root.querySelector(".case-form");
    this.state = root.querySelector(".case-state");
    this.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(number);
    });
  }

  async ask(number) {
    const fields = this.form.elements;
    const wish = {
      ask: fields.ask.value,
      examiner: fields.examiner.value,
      copy: fields.copy.checked,
    };
    this.form.hidden = true;
    try {
      const answer = await fetch(`/jobs/${number}/case`, {
        method: "POST",
        body: JSON.stringify(wish),
      });
      if (!answer.ok) {
        this.state.textContent = `Not saved: ${(await answer.json()).reason}`;
        this.form.hidden = false;
      }
    } finally {
      this.onAsked();
    }
  }

  // How far the case of the file is whose result is shown.
  show(job) {
    if (!this.state?.isConnected || !job?.case) return;
    const { state, words } = job.case;
    this.form.hidden = state !== "failed";
    const texts = {
      waiting: "Waiting for its turn.",
      making: "The file is scored and the case is written.",
      made: `Saved as ${words}.`,
      failed: `Not saved: ${words}`,
    };
    if (this.state.textContent === texts[state]) return;
    this.state.textContent = texts[state];
    if (state === "made") this.load();
  }

  async load() {
    const list = byId("cases");
    if (!list) return;
    const answer = await fetch("/cases");
    if (!answer.ok) return;
    const cases = await answer.json();
    list.replaceChildren(...cases.map((one) => this.row(one)));
    if (!cases.length) list.append(element("li", "soft", "none yet"));
  }

  row({ name, written, file, question, verdict }) {
    const row = element("li", `item done ${kindOf(verdict)}`);
    const link = element("a", "open");
    link.href = `/cases/${encodeURIComponent(name)}/report`;
    link.target = "_blank";
    link.rel = "noopener";
    const when = new Date(written).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    link.append(
      element("span", "name", `${file}: ${question}`),
      element("span", "state", verdict || "no verdict"),
      element("span", "soft", when),
    );
    link.title = `${name}: ${question}`;
    row.append(link);
    return row;
  }
}

// ---------------------------------------------------------------- player and timelines

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600];
const LEAST_TICK = 64; // pixels between two marks of time

// The player, and the timelines of each face, which all show the same instant.
class Viewer {
  constructor(root) {
    this.video = root.querySelector("video");
    if (!this.video) return;
    this.still = root.querySelector(".still");
    this.note = root.querySelector(".unplayable");
    this.readout = root.querySelector(".readout");
    this.time = 0;
    this.playable = true;
    this.figures = [...root.querySelectorAll(".figure")].map((one) => new Figure(one, this));
    this.active = this.figures[0]; // whose values are shown beside the player
    this.listen();
    this.load();
    this.show(0);
  }

  listen() {
    this.video.addEventListener("error", () => this.setUnplayable());
    // Some browsers play the sound of a file whose picture they cannot decode, without an error.
    this.video.addEventListener("loadedmetadata", () => {
      if (this.video.classList.contains("picture") && !this.video.videoWidth) {
        this.setUnplayable();
      }
    });
    const follow = () => {
      if (!this.video.isConnected) return;
      this.show(this.video.currentTime);
      if (!this.video.paused) requestAnimationFrame(follow);
    };
    for (const kind of ["play", "pause", "seeking", "seeked"]) {
      this.video.addEventListener(kind, follow);
    }
  }

  async load() {
    if (!this.active) return;
    const answer = await fetch(this.active.root.dataset.timelines);
    if (!answer.ok) return;
    const timelines = await answer.json();
    for (const figure of this.figures) figure.take(timelines);
    this.show(this.time);
  }

  playOrStop() {
    if (!this.playable) return;
    if (this.video.paused) this.video.play().catch(() => {});
    else this.video.pause();
  }

  seek(wanted, figure) {
    this.active = figure;
    // To the beginning of a frame, and never behind the last one.
    const last = Math.max(0, Math.ceil(figure.end * figure.rate - 1e-6) - 1);
    const frame = Math.min(Math.max(Math.round(wanted * figure.rate), 0), last);
    const time = frame / figure.rate;
    // A millisecond later, since a rounding error would show the frame before.
    if (this.playable && this.video.readyState > 0) this.video.currentTime = time + 0.001;
    this.show(time);
  }

  show(time) {
    this.time = time;
    for (const figure of this.figures) figure.show(time);
    if (!this.active) return;
    const lines = this.active.words(time);
    const title = this.active.root.dataset.title;
    if (title) lines.unshift(["Timelines of", title]);
    const terms = lines.map((line) => [element("dt", "", line[0]), element("dd", "", line[1])]);
    this.readout.replaceChildren(...terms.flat());
    const nearest = this.active.nearestCrop(time);
    if (!this.playable && nearest) {
      const image = nearest.querySelector("img");
      this.still.src = image.src;
      this.still.alt = image.alt;
    }
  }

  setUnplayable() {
    this.playable = false;
    this.video.hidden = true;
    this.note.hidden = false;
    this.still.hidden = !this.active || !this.active.crops.length;
    this.show(this.time);
  }
}

// The timelines of one face, with what is laid over them: it takes clicks and keys.
class Figure {
  constructor(root, viewer) {
    this.root = root;
    this.viewer = viewer;
    this.face = Number(root.dataset.face);
    this.end = Number(root.dataset.end);
    this.rate = Number(root.dataset.rate);
    this.area = root.querySelector(".cursor-area");
    this.cursor = root.querySelector(".cursor");
    this.ticks = root.querySelector(".ticks");
    this.plots = [...root.querySelectorAll(".plot")];
    this.crops = [...root.querySelectorAll(".crops li[data-time]")];
    this.timelines = [];
    for (const placed of root.querySelectorAll(".place")) {
      const [start, end] = [Number(placed.dataset.start), Number(placed.dataset.end)];
      placed.style.setProperty("--left", `${(100 * start) / this.end}%`);
      placed.style.setProperty("--width", `${(100 * (end - start)) / this.end}%`);
    }
    this.listen();
    new ResizeObserver(() => this.drawTicks()).observe(this.ticks);
  }

  listen() {
    this.area.addEventListener("pointerdown", (event) => {
      this.area.setPointerCapture(event.pointerId);
      this.seekTo(event);
    });
    this.area.addEventListener("pointermove", (event) => {
      if (this.area.hasPointerCapture(event.pointerId)) this.seekTo(event);
    });
    this.area.addEventListener("keydown", (event) => this.press(event));
  }

  take(timelines) {
    this.timelines = timelines.filter((one) => !this.face || one.face === this.face);
  }

  seekTo(event) {
    const box = this.area.getBoundingClientRect();
    this.viewer.seek((this.end * (event.clientX - box.left)) / box.width, this);
  }

  press(event) {
    const time = this.viewer.time;
    const step = event.shiftKey ? 1 : 1 / this.rate;
    const times = {
      ArrowRight: time + step,
      ArrowUp: time + step,
      ArrowLeft: time - step,
      ArrowDown: time - step,
      PageUp: time + 1,
      PageDown: time - 1,
      Home: 0,
      End: this.end,
    };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in times) this.viewer.seek(times[event.key], this);
    else if (event.key === " " || event.key === "Enter") this.viewer.playOrStop();
    else return;
    event.preventDefault();
  }

  show(time) {
    this.cursor.style.setProperty("--left", `${(100 * Math.min(time, this.end)) / this.end}%`);
    const words = this.words(time).map((line) => line.join(" "));
    this.area.setAttribute("aria-valuenow", time.toFixed(3));
    this.area.setAttribute("aria-valuetext", words.join(", "));
    const nearest = this.nearestCrop(time);
    for (const crop of this.crops) crop.classList.toggle("now", crop === nearest);
  }

  // Titles and values at a time; a dash where nothing was examined.
  words(time) {
    const values = this.valuesAt(time);
    const lines = [["Time", `${time.toFixed(2)} s`]];
    for (const plot of this.plots) {
      const value = values[plot.dataset.name];
      lines.push([plot.dataset.title, typeof value === "number" ? value.toFixed(3) : "–"]);
    }
    return lines;
  }

  valuesAt(time) {
    for (const timeline of this.timelines) {
      const index = Math.floor((time - timeline.start) * this.rate + 0.01);
      if (index < 0 || index >= timeline.distance.length) continue;
      const columns = Object.entries(timeline).filter(([, column]) => Array.isArray(column));
      return Object.fromEntries(columns.map(([name, column]) => [name, column[index]]));
    }
    return {};
  }

  nearestCrop(time) {
    const apart = (one) => Math.abs(Number(one.dataset.time) - time);
    return this.crops.reduce(
      (best, crop) => (best && apart(best) <= apart(crop) ? best : crop),
      null,
    );
  }

  drawTicks() {
    const most = Math.max(2, Math.floor(this.ticks.clientWidth / LEAST_TICK));
    const step = STEPS.find((one) => this.end / one <= most) || STEPS.at(-1);
    const marks = [];
    for (let second = 0; second <= this.end + 1e-6; second += step) {
      const mark = element("span", "tick", `${Number(second.toFixed(1))} s`);
      mark.style.setProperty("--left", `${(100 * second) / this.end}%`);
      // The outer ones stay inside the figure.
      if (!marks.length) mark.classList.add("first");
      else if (second > 0.96 * this.end) mark.classList.add("last");
      marks.push(mark);
    }
    this.ticks.replaceChildren(...marks);
  }
}

// ---------------------------------------------------------------- start

function listenForFiles(list) {
  const input = byId("input");
  byId("choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    list.uploads.add(input.files);
    // So that the same file can be chosen again.
    input.value = "";
  });
  // Anywhere on the page: a file that misses the frame must not replace the page.
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const kind of ["dragenter", "dragover"]) {
    window.addEventListener(kind, (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      byId("drop").classList.add("over");
    });
  }
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) byId("drop").classList.remove("over");
  });
  window.addEventListener("drop", (event) => {
    byId("drop").classList.remove("over");
    if (!hasFiles(event)) return;
    event.preventDefault();
    // A folder comes as a file that cannot be read: it is left out.
    const isFolder = (item) => item.webkitGetAsEntry?.()?.isDirectory;
    const dropped = [...event.dataTransfer.items].filter((one) => one.kind === "file");
    const files = dropped.filter((one) => !isFolder(one)).map((one) => one.getAsFile());
    byId("announced").textContent =
      files.length < dropped.length ? "Folders are left out: drop the files in them." : "";
    list.uploads.add(files);
  });
  // A page that is closed while it sends a file would lose it.
  window.addEventListener("beforeunload", (event) => {
    if (list.uploads.items.some((item) => !item.error)) event.preventDefault();
  });
}

// The token has become a cookie: it must not stay in the address, where it could be copied.
if (new URLSearchParams(location.search).has("token")) {
  history.replaceState(null, "", `/${location.hash}`);
}
const fileList = new FileList();
listenForFiles(fileList);
fileList.poll();
