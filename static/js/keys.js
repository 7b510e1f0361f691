// Security keys and passkeys: the browser's own ceremony, then a plain form post. And codes as a file.

/** The options that the page, or for a passkey the server, gives. */
async function optionsOf(form) {
  const inPage = document.getElementById(form.dataset.options ?? "");
  if (inPage) {
    return JSON.parse(inPage.textContent);
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw new Error("The server gave no challenge. Reload the page and try again.");
  }
  return answer.json();
}

async function create(form) {
  const { publicKey } = (await optionsOf(form)).creation_options;
  if (form.elements.passwordless?.checked) {
    Object.assign((publicKey.authenticatorSelection ??= {}), {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    });
  }
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
}

async function get(form) {
  const { publicKey } = (await optionsOf(form)).request_options;
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}

/** What went wrong, in words for the person at the browser. */
function wordsFor(error) {
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    return "This browser (or an address without TLS) can not use keys. Use another way.";
  }
  if (error.name === "InvalidStateError") {
    return "This key is added already.";
  }
  if (error.name === "NotAllowedError") {
    return "No key answered, or it was cancelled. Try again.";
  }
  if (error.name === "SecurityError") {
    return "The browser refuses keys at this address. Open the portal by its name, with TLS.";
  }
  return error.message || "The key did not work. Try again.";
}

for (const form of document.querySelectorAll("form[data-key]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-key-problem]");
    problem.hidden = true;
    try {
      const made = await (form.dataset.key === "create" ? create(form) : get(form));
      form.elements.credential.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch (error) {
      problem.textContent = wordsFor(error);
      problem.hidden = false;
    }
  });
}

for (const button of document.querySelectorAll("[data-download]")) {
  button.addEventListener("click", () => {
    const rows = [...document.getElementById(button.dataset.download).children].map((row) => row.textContent.trim());
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([rows.join("\n") + "\n"], { type: "text/plain" }));
    link.download = button.dataset.downloadName;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
