// Sends the calls of order retrieval to this server. What is typed in stays in the page: it is in
// no address, and nothing keeps it.
import { LANGUAGES, bodyOf, pretty } from "./snippets.js";

const SHOWN_MAX = 200_000;

const part = (id) => document.getElementById(id);
const form = part("request");
const sections = [...document.querySelectorAll("section[data-call]")];
const example = (section) => section.querySelector("pre").textContent;
const edited = new Map(sections.map((it) => [it.dataset.call, example(it)]));

let chosen = "";
let isSending = false;

form.hidden = false;
part("same").hidden = false;
document.body.classList.add("works");
form.addEventListener("input", draw);
form.addEventListener("submit", send);
part("call").addEventListener("change", choose);
part("language").addEventListener("change", draw);
part("copy").addEventListener("click", copy);
choose();

// What was typed for another call is there again when that one is chosen.
function choose() {
  chosen = part("call").value;
  part("body").value = edited.get(chosen);
  for (const section of sections) section.hidden = section.dataset.call !== chosen;
  draw();
}

function draw() {
  edited.set(chosen, part("body").value);
  let body = null;
  let fault = "";
  try {
    body = bodyOf(part("store").value.trim(), part("secret").value, part("body").value);
  } catch (error) {
    fault = error.message;
  }
  part("body").setAttribute("aria-invalid", String(fault !== ""));
  if (part("fault").textContent !== fault) part("fault").textContent = fault;
  const write = LANGUAGES[part("language").value];
  part("snippet").textContent = body === null ? "" : write(location.origin + path(), body);
  part("copy").disabled = body === null;
  part("copied").textContent = "";
  return body;
}

function path() {
  return `/${form.elements.version.value}/${chosen}`;
}

async function send(event) {
  event.preventDefault();
  const body = draw();
  if (body === null) {
    part("body").focus();
    return;
  }
  if (isSending) return;
  isSending = true;
  part("answer").hidden = false;
  part("status").textContent = "Sending …";
  part("headers").textContent = "";
  part("answered").textContent = "";
  try {
    await receive(path(), body);
  } catch (error) {
    part("status").textContent = `No answer: ${error.message}`;
  }
  isSending = false;
}

async function receive(to, body) {
  const headers = { "Content-Type": "application/json" };
  const started = performance.now();
  const response = await fetch(to, { method: "POST", headers, body, credentials: "omit" });
  const text = await response.text();
  const took = Math.round(performance.now() - started);
  const status = `${response.status} ${response.statusText}`.trim();
  part("status").textContent = `${to}: ${status}, ${took} ms`;
  part("headers").textContent = [...response.headers].map((it) => it.join(": ")).join("\n");
  part("answered").textContent = cut(pretty(text));
}

function cut(text) {
  if (text.length <= SHOWN_MAX) return text;
  return `${text.slice(0, SHOWN_MAX)}\n… and ${text.length - SHOWN_MAX} characters more`;
}

// Where a page came without TLS there is no clipboard, and a selection is copied the older way.
async function copy() {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(part("snippet").textContent);
    } else {
      getSelection().selectAllChildren(part("snippet"));
      if (!document.execCommand("copy")) throw new Error("not allowed");
    }
    part("copied").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(part("snippet"));
    part("copied").textContent = "It is selected: copy it with the keyboard";
  }
}
