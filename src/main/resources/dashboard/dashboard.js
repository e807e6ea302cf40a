// Renews the overview every few seconds, and its plots every minute, while it is seen, nobody fills in its forms, and nobody has
// stopped it.
"use strict";
(function () {
  const place = document.getElementById("refreshing");
  if (!place || !window.htmx) {
    return;
  }
  const button = place.querySelector("button");
  const stale = document.getElementById("stale");
  const PLOTS_EVERY = 12;
  let running = true;
  let turn = 0;

  function isFilledIn(live) {
    return live.contains(document.activeElement)
      || Array.from(live.querySelectorAll("input[type=password]")).some((field) => field.value !== "");
  }

  place.hidden = false;
  button.addEventListener("click", () => {
    running = !running;
    button.textContent = running ? button.dataset.stop : button.dataset.go;
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr;
    stale.hidden = answer.status === 200;
    if (answer.status === 200 && !answer.responseText.includes(`id="${event.detail.target.id}"`)) {
      event.detail.shouldSwap = false;
      window.location.reload(); // the session has ended
    } else if (isFilledIn(event.detail.target)) {
      event.detail.shouldSwap = false; // somebody has begun to while the answer was on its way
    }
  });
  document.body.addEventListener("htmx:sendError", () => {
    stale.hidden = false;
  });
  window.setInterval(() => {
    const live = document.getElementById("live");
    if (running && live && document.visibilityState === "visible" && !isFilledIn(live)) {
      window.htmx.trigger(live, "refresh");
      const course = document.getElementById("course");
      turn += 1;
      if (turn % PLOTS_EVERY === 0 && !course.contains(document.activeElement) && !course.querySelector("details[open]")) {
        window.htmx.trigger(course, "refresh");
      }
    }
  }, 5000);
})();
