// Says in words when a passkey could not be used. The ceremony itself is allauth's script, which
// dispatches `allauth.error` on failure and would otherwise speak to the console alone.

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.getElementById("passkey-error");
  place.hidden = false;
  place.focus();
});

if (!window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey]")) {
    part.hidden = true;
  }
}
