// Renews the overview every few seconds, while it is seen, nobody fills in its forms, and nobody has stopped it.
"use strict";
(function () {
  const place = document.getElementById("refreshing");
  if (!place || !window.htmx) {
    return;
  }
  const button = place.querySelector("button");
  const stale = document.getElementById("stale");
  let running = true;

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
    if (answer.status === 200 && !answer.responseText.includes('id="live"')) {
      event.detail.shouldSwap = false;
      window.location.reload(); // the session has ended
    }
  });
  document.body.addEventListener("htmx:sendError", () => {
    stale.hidden = false;
  });
  window.setInterval(() => {
    const live = document.getElementById("live");
    if (running && live && document.visibilityState === "visible" && !isFilledIn(live)) {
      window.htmx.trigger(live, "refresh");
    }
  }, 5000);
})();
