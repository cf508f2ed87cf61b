// A file that is open in the editor: its text here against what it says in the sandbox.

import { readFile, versionOf, writeFile } from "./file-content.js";

const GONE = Object.freeze({ text: "", crlf: false, version: "", gone: true });

export class OpenFile {
  /** `changed()` after whatever may show differently; `draft`: a text of it that was not saved. */
  constructor(sandbox, path, changed, draft = null) {
    Object.assign(this, { sandbox, path, changed, draft });
    this.view = null;
    this.scroll = null;
    this.saving = false;
    this.comparing = false;
    // What the file says by now, where that is not what the text here was made of.
    this.theirs = null;
  }

  /** Read it and make its view; false where it is gone and nothing of it is kept here. */
  async load() {
    this.loading ??= this.#load().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  async #load() {
    const [editing, found] = await Promise.all([
      import("./editor-view.js"),
      readFile(this.sandbox, this.path),
    ]);
    if (!found && !this.draft) return false;
    const theirs = found ?? GONE;
    const base = this.draft ?? theirs;
    this.editing = editing;
    this.version = base.version;
    this.crlf = base.crlf;
    this.saved = editing.textOf(theirs.text);
    this.view = editing.makeView({
      path: this.path,
      text: base.text,
      changed: () => this.changed(this),
    });
    if (theirs.version !== this.version) this.#meet(theirs);
    return true;
  }

  /** Whether the text here is not what was last read or written. */
  get dirty() {
    return this.view
      ? this.theirs !== null || !this.view.state.doc.eq(this.saved)
      : this.draft !== null;
  }

  get text() {
    return this.view.state.doc.toString();
  }

  /** What is to survive a reload; null for a text that is saved. */
  get kept() {
    if (!this.view) return this.draft;
    return this.dirty ? { text: this.text, crlf: this.crlf, version: this.version } : null;
  }

  /** See whether the file says something else by now; false where it is gone and nothing is lost. */
  async refresh() {
    if (!this.view || this.saving) return true;
    const version = (await versionOf(this.sandbox, this.path)) ?? "";
    if (this.saving || version === (this.theirs ?? this).version) return true;
    const theirs = (await readFile(this.sandbox, this.path)) ?? GONE;
    if (this.saving) return true;
    if (theirs.gone && !this.dirty) return false;
    this.#meet(theirs);
    return true;
  }

  #meet(theirs) {
    if (!theirs.gone && (!this.dirty || theirs.text === this.text)) this.#adopt(theirs);
    else this.theirs = theirs;
    if (this.comparing) this.compare(this.theirs !== null);
    this.changed(this);
  }

  #adopt({ text, crlf, version }) {
    Object.assign(this, { crlf, version, theirs: null });
    this.saved = this.editing.textOf(text);
    if (this.text !== text) this.editing.replaceText(this.view, text);
  }

  /** Write it over the version that it was made of; where it has another by now, that is told. */
  async save() {
    if (!this.view || this.theirs || this.saving) return;
    this.saving = true;
    this.changed(this);
    const { doc } = this.view.state;
    const { crlf, version } = this;
    try {
      this.version = await writeFile(this.sandbox, this.path, {
        text: doc.toString(),
        crlf,
        version,
      });
      this.saved = doc;
    } catch (error) {
      if (error.status !== 409) throw error;
      this.#meet((await readFile(this.sandbox, this.path)) ?? GONE);
    } finally {
      this.saving = false;
      this.changed(this);
    }
  }

  /** Of two texts the one here: it is written over the other. */
  async keepMine() {
    this.version = this.theirs.version;
    this.theirs = null;
    this.compare(false);
    await this.save();
  }

  /** Of two texts the one in the sandbox; undoing brings the one here back. */
  takeTheirs() {
    const { theirs } = this;
    this.compare(false);
    this.#adopt(theirs);
    this.changed(this);
  }

  compare(on) {
    this.comparing = on;
    this.editing.compareWith(this.view, on ? this.theirs.text : null);
  }
}
