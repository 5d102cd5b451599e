// The console works without this file. It adds keys, holding to see, and the lease's countdown.
"use strict";

const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select") !== null;

function focusRow(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (rows.length === 0) return;
  const here = rows.indexOf(document.activeElement);
  const there = here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step;
  rows[Math.min(Math.max(there, 0), rows.length - 1)].focus();
}

function reveal(veil, shown) {
  veil.classList.toggle("is-shown", shown);
  veil.setAttribute("aria-pressed", String(shown));
}

const veils = () => document.querySelectorAll(".veil");
const coverAll = () => veils().forEach((veil) => reveal(veil, false));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof Element ? event.target : document.body;
  if (typing(target)) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (target.matches(".veil") && (event.key === " " || event.key === "Enter")) {
    event.preventDefault();
    reveal(target, true);
    return;
  }
  if (document.body.dataset.keys === "off") return;
  if (event.key === "v") {
    veils().forEach((veil) => reveal(veil, true));
    return;
  }
  // A key that is held must not decide twice, or decide the next item.
  if (event.repeat && event.key !== "j" && event.key !== "k") return;
  if (event.key === "j" || event.key === "k") {
    focusRow(event.key === "j" ? 1 : -1);
    return;
  }
  const key = CSS.escape(event.key);
  const field = document.querySelector(`[data-focus-key="${key}"]`);
  const control = document.querySelector(`[data-key="${key}"]:not(:disabled)`);
  if (field) {
    event.preventDefault();
    field.focus();
  } else if (control) {
    event.preventDefault();
    control.click();
  }
});

document.addEventListener("keyup", (event) => {
  if (event.key === "v" || event.key === " " || event.key === "Enter") coverAll();
});

document.addEventListener("pointerdown", (event) => {
  const veil = event.target instanceof Element && event.target.closest(".veil");
  if (veil && event.button === 0) reveal(veil, true);
});
for (const end of ["pointerup", "pointercancel", "blur"]) window.addEventListener(end, coverAll);
document.addEventListener("contextmenu", (event) => {
  // A long press on a phone is holding, not asking for a menu.
  if (event.target instanceof Element && event.target.closest(".veil")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-keys-open]")) document.getElementById("keys").showModal();
  const restriction = event.target.closest("[data-needs-category]");
  if (restriction && !document.querySelector("#decide [name=category]:checked")) {
    event.preventDefault();
    document.getElementById("need-category").hidden = false;
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-speed]")) {
    event.target.closest(".sound").querySelector("audio").playbackRate = Number(event.target.value);
  }
  const hint = document.getElementById("need-category");
  if (hint && event.target.matches("[name=category]")) hint.hidden = true;
});

setInterval(() => {
  const clock = document.querySelector("[data-countdown]");
  if (!clock) return;
  const left = Math.max(0, Number(clock.dataset.countdown) - 1);
  clock.dataset.countdown = String(left);
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}, 1000);

document.querySelectorAll("img[data-may-fail]").forEach((image) => {
  // Some formats play in a browser and cannot be drawn: then there is nothing to look at.
  image.addEventListener("error", () => image.remove());
  if (image.complete && image.naturalWidth === 0) image.remove();
});

document.querySelectorAll("[data-gone-after]").forEach((form) => {
  setTimeout(() => form.remove(), Number(form.dataset.goneAfter) * 1000);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  // A page that nobody looks at neither refreshes nor keeps an item from others.
  if (document.hidden && event.target.matches("[data-poll]")) event.preventDefault();
});
document.addEventListener("htmx:afterSwap", () => {
  if (!document.querySelector("[data-lease-lost]")) return;
  document.querySelectorAll("#decide button").forEach((button) => (button.disabled = true));
});
