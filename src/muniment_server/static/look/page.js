// What the pages gain where scripts run. Every page works without this file.
// - Digests can be copied with one press.
// - Asking to see a veiled picture is counted, once for each picture and page.
// - A person may choose the light or the dark scheme; the choice is a cookie, so that no page flashes.
// - The summary of errors takes the focus.

const YEAR = 365 * 24 * 60 * 60;

function say(text) {
  const status = document.getElementById("said");
  status.textContent = "";
  requestAnimationFrame(() => {
    status.textContent = text;
  });
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  say(button.dataset.said);
}

function count(veil) {
  if (!veil.open || !veil.dataset.exposure) {
    return;
  }
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  fetch(veil.dataset.exposure, {
    method: "POST",
    headers: { "HX-Request": "true", ...(token && { "X-CSRFToken": token }) },
    keepalive: true,
  });
  delete veil.dataset.exposure;
}

function look(choice) {
  const root = document.documentElement;
  if (choice) {
    root.dataset.look = choice;
  } else {
    delete root.dataset.look;
  }
  const age = choice ? YEAR : 0;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `look=${choice}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

function offer(within) {
  if (navigator.clipboard) {
    for (const button of within.querySelectorAll("[data-copy]")) {
      button.hidden = false;
    }
  }
  for (const choice of within.querySelectorAll("[data-look-choice]")) {
    choice.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-look-set]");
  if (button?.dataset.copy) {
    copy(button);
  } else if (button) {
    look(button.dataset.lookSet);
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details.veil")) {
      count(event.target);
    }
  },
  true,
);

document.addEventListener("htmx:load", (event) => offer(event.detail.elt));
offer(document);
document.querySelector("[data-focus]")?.focus();
