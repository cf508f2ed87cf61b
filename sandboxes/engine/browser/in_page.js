// Runs in a world of its own within a page, on the page's elements and none of its functions.
// Evaluates to an object of questions that a visit asks.
(() => {
  const LIMIT = 60;
  const TEXTS = "input:not([type]),input[type=text],input[type=search],input[type=email],input[type=url],"
    + "input[type=tel],input[type=password],input[type=number],input[type=date],input[type=time],"
    + "input[type=datetime-local],input[type=month],input[type=week],textarea";
  const THEME = /(dark|light|night)[ _-]?(mode|theme)|\btheme\b|[\u{1F319}\u2600\u{1F31E}\u263E\u{1F313}]|^(toggle |switch to |enable )?(dark|light)$|^dunkel|^hell$/iu;
  const THEME_ID = /(theme|dark|mode)[_-]?(toggle|switch|btn|button|select)|(toggle|switch)[_-]?(theme|dark|mode)|dark-?mode/i;
  const clip = (text, most = 80) => String(text ?? "").replace(/\s+/g, " ").trim().slice(0, most);
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility === "visible" && style.display !== "none"
      && Number(style.opacity) > 0.02 && !element.closest("[inert],[aria-hidden=true]");
  };
  const named = (element) => clip(
    element.getAttribute("aria-label")
      || (element.labels?.length ? [...element.labels].map((label) => label.innerText).join(" ") : "")
      || element.innerText || element.getAttribute("title") || element.getAttribute("placeholder")
      || element.getAttribute("alt") || element.querySelector?.("img[alt],svg[aria-label]")?.getAttribute("alt")
      || element.value || element.name || element.id || element.tagName.toLowerCase(),
  );
  const hash = (text) => {
    let found = 5381;
    for (let at = 0; at < text.length; at++) found = ((found * 33) ^ text.charCodeAt(at)) >>> 0;
    return `${found}:${text.length}`;
  };
  const everything = () => {
    const found = [];
    const walk = (root) => {
      for (const element of root.querySelectorAll("*")) {
        found.push(element);
        if (element.shadowRoot && found.length < 20_000) walk(element.shadowRoot);
      }
    };
    walk(document);
    return found;
  };
  const isChosen = (element) =>
    ["aria-pressed", "aria-selected", "aria-checked"].some((name) => element.getAttribute(name) === "true")
    || (element.getAttribute("aria-current") ?? "false") !== "false"
    || /(^|[\s_-])(active|selected|current|is-active)($|\s)/i.test(element.className?.baseVal ?? element.className ?? "");
  const classes = (element) => element.className?.baseVal ?? element.className ?? "";
  const isTheme = (element) => THEME.test(named(element)) || THEME.test(element.title ?? "")
    || THEME_ID.test(`${element.id} ${classes(element)} ${element.name ?? ""}`);
  const candidates = () => everything().filter((element) => {
    if (!visible(element)) return false;
    const tag = element.tagName;
    const role = element.getAttribute("role");
    if (element.disabled || element.getAttribute("aria-disabled") === "true") return false;
    if (tag === "BUTTON" || tag === "SUMMARY") return true;
    if (tag === "A") return element.hasAttribute("href");
    if (tag === "INPUT") {
      if (["button", "submit", "image", "reset"].includes(element.type)) return true;
      return element.type === "checkbox" && isTheme(element);
    }
    if (tag === "SELECT") return isTheme(element);
    return ["button", "switch", "menuitem", "tab"].includes(role);
  });
  const submits = (element) =>
    element.form && (element.type === "submit" || element.type === "image") ? element.form : null;
  const fields = (form) => [...form.querySelectorAll(TEXTS)].filter(
    (field) => visible(field) && !field.disabled && !field.readOnly);
  const near = (element) => {
    let around = element.parentElement;
    for (let up = 0; up < 2 && around && (up === 0 || around !== document.body); up++, around = around.parentElement) {
      if (around.querySelector(TEXTS)) return true;
    }
    return false;
  };
  const described = (element, number) => {
    const tag = element.tagName.toLowerCase();
    const form = submits(element);
    const href = tag === "a" ? element.getAttribute("href") : "";
    return {
      number, tag, name: named(element), href: clip(href, 300), chosen: isChosen(element),
      full: tag === "a" ? element.href.slice(0, 1000) : "", target: clip(element.target, 20),
      download: tag === "a" && element.hasAttribute("download"),
      theme: isTheme(element) && !form && !(tag === "a" && !/^#|^$|^javascript:/.test(href)),
      form: Boolean(form) && fields(form).length > 0, sends: Boolean(form),
      loose: !element.form && tag !== "a" && near(element), button: tag !== "a" || /btn|button|cta/i.test(classes(element)) || element.getAttribute("role") === "button",
      key: `${tag}|${named(element)}|${href}`,
    };
  };
  const at = (number, key) => {
    const all = candidates();
    const there = all[number];
    if (there && described(there, number).key === key) return there;
    return all.find((element) => described(element, 0).key === key) ?? null;
  };
  const place = (element) => {
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = element.getBoundingClientRect();
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot) {
      const deeper = hit.shadowRoot.elementFromPoint(x, y);
      if (!deeper || deeper === hit) break;
      hit = deeper;
    }
    let up = hit;
    while (up && up !== element) up = up.parentNode ?? up.host;
    const label = hit?.closest?.("label");
    const free = up === element || element.contains(hit) || (label && label.control === element);
    return { x, y, covered: free ? "" : clip(hit ? named(hit) : "nothing", 60) };
  };
  const stored = () => {
    const found = [];
    for (const kind of ["localStorage", "sessionStorage"]) {
      try { found.push(JSON.stringify({ ...window[kind] })); } catch { found.push(""); }
    }
    try { found.push(document.cookie); } catch { found.push(""); }
    return found.join("\n");
  };
  const styles = (own) => {
    const found = [];
    for (const element of [document.documentElement, ...document.body?.querySelectorAll("*") ?? []].slice(0, 400)) {
      if (own && (own === element || own.contains(element))) continue;
      const style = getComputedStyle(element);
      found.push([style.color, style.backgroundColor, style.borderTopColor, style.filter, style.backgroundImage].join());
    }
    return hash(found.join(";"));
  };
  const values = () => everything().filter((element) => "value" in element || "open" in element || "checked" in element)
    .map((element) => `${element.type === "password" ? element.value?.length : element.value}|${element.checked}|${element.open}`).join();
  return {
    look() {
      const body = document.body;
      const text = clip(body?.innerText ?? "", 4000);
      const media = everything().filter((element) => visible(element) && (
        (element.tagName === "IMG" && element.naturalWidth > 0)
        || ["CANVAS", "VIDEO", "IFRAME", "INPUT", "BUTTON", "TEXTAREA", "SELECT", "svg", "OBJECT"].includes(element.tagName))).length;
      return {
        url: location.href.slice(0, 1000), title: clip(document.title, 200), text, media,
        length: (body?.innerText ?? "").trim().length, ready: document.readyState,
        height: Math.min(document.documentElement.scrollHeight, 4000),
      };
    },
    controls() { return candidates().slice(0, LIMIT).map(described); },
    count() { return candidates().length; },
    locate(number, key) { const found = at(number, key); return found ? place(found) : null; },
    element(number, key) { return at(number, key); },
    state(number, key) {
      // A switch may change its own words.
      const own = number === undefined ? null : at(number, key) ?? candidates()[number] ?? null;
      const copy = document.documentElement.outerHTML.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, "");
      const opened = everything().filter((element) => element.matches(":popover-open,dialog[open],details[open],:fullscreen")).length;
      const scrolled = everything().reduce((sum, element) => sum + element.scrollTop + element.scrollLeft, 0);
      const focus = document.activeElement;
      return {
        dom: hash(copy), values: hash(values()), title: document.title, url: location.href.slice(0, 1000).replace(/#(top)?$/, ""),
        text: hash(clip(document.body?.innerText ?? "", 200_000)), stored: hash(stored()), style: styles(own),
        opened, scrolled: Math.round(scrolled + scrollY + scrollX),
        focus: !focus || focus === own || focus === document.body ? "" : named(focus) + everything().indexOf(focus),
      };
    },
    fill(number, key, token) {
      const own = at(number, key);
      const form = own && submits(own);
      const all = form ? fields(form) : [...document.querySelectorAll(TEXTS)].filter((f) => visible(f) && !f.disabled && !f.readOnly);
      const list = [];
      for (const field of all.slice(0, 20)) {
        const kind = (field.type || "text").toLowerCase();
        const least = Number(field.min) || 1;
        const text = {
          email: `${token.replace(/\W/g, "").toLowerCase()}@example.org`, url: `https://example.org/${token.replace(/\W/g, "")}`,
          tel: "+15550100", number: String(Math.max(least, Math.min(7, field.max === "" ? 7 : Number(field.max)))),
          date: "2026-06-15", time: "10:30", month: "2026-06", week: "2026-W24", "datetime-local": "2026-06-15T10:30",
          password: `${token.replace(/\W/g, "")}Aa1!`,
        }[kind] ?? token;
        field.focus();
        const proto = field.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
        Object.getOwnPropertyDescriptor(proto.prototype, "value").set
          .call(field, field.maxLength > 0 ? text.slice(0, field.maxLength) : text);
        for (const name of ["input", "change", "keyup"]) field.dispatchEvent(new Event(name, { bubbles: true }));
        list.push({ name: named(field), kind, value: field.value });
      }
      for (const box of form?.querySelectorAll("input[type=checkbox][required]:not(:checked),input[type=radio][required]:not(:checked)") ?? []) box.click();
      for (const choice of form?.querySelectorAll("select") ?? []) {
        const option = [...choice.options].findIndex((one) => one.value && !one.disabled);
        if (!choice.value && option >= 0) {
          choice.selectedIndex = option;
          choice.dispatchEvent(new Event("change", { bubbles: true }));
        }
      }
      const numbers = form ? form.querySelectorAll("input[type=file][required]").length : 0;
      return { fields: list, files: numbers, action: form ? clip(form.getAttribute("action"), 200) : "", method: form?.method ?? "",
        signature: form ? hash(`${form.getAttribute("action")}|${form.method}|${list.map((f) => f.name).join()}|${named(own)}`) : "" };
    },
    shows(tokens) {
      const shown = (document.body?.innerText ?? "").toLowerCase();
      const kept = stored().toLowerCase();
      const typed = everything().filter((one) => "value" in one && one.type !== "password").map((one) => String(one.value).toLowerCase());
      return { text: tokens.some((one) => shown.includes(one)), stored: tokens.some((one) => kept.includes(one)),
        fields: tokens.some((one) => typed.some((value) => value.includes(one))),
        invalid: Boolean(document.querySelector("input:user-invalid,textarea:user-invalid")) };
    },
    pick(number, key) {
      const select = at(number, key);
      if (select?.tagName !== "SELECT") return false;
      const option = [...select.options].findIndex((one) => /dark|night|dunkel/i.test(one.text) && !one.selected);
      select.selectedIndex = option >= 0 ? option : (select.selectedIndex + 1) % select.options.length;
      for (const name of ["input", "change"]) select.dispatchEvent(new Event(name, { bubbles: true }));
      return true;
    },
    find(words, typing) {
      const wanted = clip(words, 200).toLowerCase();
      const all = everything().filter((element) => visible(element));
      try {
        const found = [...document.querySelectorAll(words)].find(visible);
        if (found && /[.#[\]>:=]|^[a-z]+$/.test(words)) return found;
      } catch { /* no selector */ }
      const usable = all.filter((element) => (typing
        ? element.matches("input,textarea,select,[contenteditable=''],[contenteditable=true]")
        : element.matches("a,button,input,select,textarea,summary,label,[role],[onclick],[tabindex]")));
      const names = (element) => [named(element), element.placeholder, element.name, element.id, element.innerText, element.value]
        .map((one) => clip(one, 200).toLowerCase()).filter(Boolean);
      return usable.find((element) => names(element).includes(wanted))
        ?? usable.find((element) => names(element).some((one) => one.includes(wanted)))
        ?? (typing ? null : all.findLast((element) => clip(element.innerText, 300).toLowerCase().includes(wanted))) ?? null;
    },
    locateFound(words, typing) {
      const found = this.find(words, typing);
      return found ? { ...place(found), tag: found.tagName.toLowerCase(), name: named(found) } : null;
    },
    empty(words) {
      const field = this.find(words, true);
      if (!field) return false;
      field.focus();
      if (field.select) field.select();
      else getSelection().selectAllChildren(field);
      return true;
    },
    choose(words, value) {
      const field = this.find(words, true);
      if (field?.tagName !== "SELECT") return false;
      const option = [...field.options].findIndex((one) => one.value === value || clip(one.text) === clip(value));
      if (option < 0) return false;
      field.selectedIndex = option;
      for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
      return true;
    },
    has(words) { return (document.body?.innerText ?? "").replace(/\s+/g, " ").toLowerCase().includes(clip(words, 500).toLowerCase()); },
  };
})()
