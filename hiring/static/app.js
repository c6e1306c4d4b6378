// What a page gains where scripts run; every page works without.
(() => {
  "use strict";

  // Deadlines tick by the server's clock, whatever the reader's says.
  const stated = document.querySelector('meta[name="server-now"]');
  const offset = stated ? Date.parse(stated.content) - Date.now() : 0;

  const span = (seconds) => {
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 30) return `${minutes} min ${seconds % 60} s`;
    if (minutes < 120) return `${minutes} min`;
    return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
  };

  const tick = () => {
    const now = Date.now() + offset;
    for (const element of document.querySelectorAll("[data-due]")) {
      const left = Math.round((Date.parse(element.dataset.due) - now) / 1000);
      const words = left < 0 ? `late by ${span(-left)}` : `due in ${span(left)}`;
      if (element.textContent !== words) element.textContent = words;
      element.classList.toggle("deadline-late", left < 0);
      element.classList.toggle("deadline-soon", left >= 0 && left < 900);
    }
    for (const closed of document.querySelectorAll("fieldset[data-opens]:disabled")) {
      if (Date.parse(closed.dataset.opens) <= now) unlock(closed);
    }
  };

  // What waited for an hour opens at that hour; the server has the last word on it, and keeps what was typed.
  const unlock = (closed) => {
    const form = closed.form;
    closed.disabled = false;
    form.dataset.touched = "yes";
    for (const button of form.querySelectorAll('[aria-disabled="true"]')) button.removeAttribute("aria-disabled");
    for (const reason of form.querySelectorAll('[id$="-why"]')) reason.hidden = true;
    for (const note of form.querySelectorAll("[data-not-open]")) note.textContent = "It has begun: you may write.";
  };
  tick();
  setInterval(tick, 1000);

  // On a narrow screen the navigation scrolls; the reader's place in it is in sight.
  const here = document.querySelector(".main-nav [aria-current]");
  if (here) here.closest("nav").scrollLeft = here.offsetLeft - 48;

  // What went wrong is where reading goes on.
  const problem = document.querySelector("[data-focus]");
  if (problem) problem.focus();

  // A blocked button explains itself and does nothing; a risky one asks first; no form leaves twice.
  const ask = (words) => {
    const dialog = document.getElementById("confirm");
    if (!dialog) return Promise.resolve(true);
    dialog.querySelector("#confirm-words").textContent = words;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  };

  // What blocked a form may be over since the page came: whoever typed into it asks the server, which keeps the words.
  document.addEventListener("input", (event) => {
    if (event.target.form) event.target.form.dataset.touched = "yes";
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter || form.querySelector('button[type="submit"]');
    if (form.getAttribute("method") !== "post" || !button) return;
    const blocked = button.getAttribute("aria-disabled") === "true" && !form.dataset.touched;
    if (blocked || form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    if (button.dataset.confirm && !form.dataset.confirmed) {
      event.preventDefault();
      if (await ask(button.dataset.confirm)) {
        form.dataset.confirmed = "yes";
        form.requestSubmit(button);
      }
      return;
    }
    delete form.dataset.confirmed;
    if (!form.hasAttribute("hx-post")) form.setAttribute("aria-busy", "true");
  });

  // A page brought back by the back button is ready again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll('form[aria-busy="true"]')) form.removeAttribute("aria-busy");
  });
})();
