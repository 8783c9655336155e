// A call as it is sent, and in the words of other programs. Nothing here knows of the page.

// What is edited is put behind store and secret as it stands, so that 75.00 stays 75.00.
export function bodyOf(store, secret, edited) {
  const text = edited.trim() || "{}";
  const members = parsed(text);
  const first = [];
  if (store !== "" && !("store" in members) && !("storeId" in members)) {
    const isNumber = /^(0|[1-9]\d*)$/.test(store);
    first.push(`  "store": ${isNumber ? store : JSON.stringify(store)}`);
  }
  if (secret !== "" && !("secret" in members)) {
    first.push(`  "secret": ${JSON.stringify(secret)}`);
  }
  if (first.length === 0) return text;
  const rest = text.slice(1);
  const isEmpty = Object.keys(members).length === 0;
  const end = isEmpty ? "\n}" : `,${/^\s*\n/.test(rest) ? rest : `\n  ${rest.trimStart()}`}`;
  return `{\n${first.join(",\n")}${end}`;
}

function parsed(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${error.message}`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error("The body has to be an object: it begins with { and ends with }");
  }
  return value;
}

export const LANGUAGES = { http, curl, python, php, javascript };

function http(address, body) {
  const { host, pathname } = new URL(address);
  return `POST ${pathname} HTTP/1.1\nHost: ${host}\nContent-Type: application/json\n\n${body}`;
}

function curl(address, body) {
  return `curl -i ${inShell(address)} \\
  -H 'Content-Type: application/json' \\
  --data-raw ${inShell(body)}`;
}

function python(address, body) {
  return `import urllib.error
import urllib.request

body = (
    ${lines(body).map(inPython).join("\n    ")}
)
request = urllib.request.Request(
    ${inPython(address)},
    data=body.encode(),
    headers={'Content-Type': 'application/json'},
)
try:
    with urllib.request.urlopen(request) as answer:
        print(answer.status, answer.read().decode())
except urllib.error.HTTPError as refused:
    print(refused.code, refused.read().decode())`;
}

function php(address, body) {
  return `<?php
$body = ${inPhp(body)};
$call = curl_init(${inPhp(address)});
curl_setopt_array($call, [
    CURLOPT_POST => true,
    CURLOPT_POSTFIELDS => $body,
    CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
    CURLOPT_RETURNTRANSFER => true,
]);
$answer = curl_exec($call);
if ($answer === false) {
    exit(curl_error($call));
}
echo curl_getinfo($call, CURLINFO_RESPONSE_CODE), ' ', $answer;`;
}

function javascript(address, body) {
  return `const body =
  ${lines(body).map(inJavaScript).join(" +\n  ")};
const answer = await fetch(${inJavaScript(address)}, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body,
});
console.log(answer.status, await answer.text());`;
}

// A text of many lines is a literal a line.
function lines(text) {
  return text.split(/(?<=\n)/);
}

// Between single quotes a shell takes everything as it is; they can't stand there themselves.
function inShell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function inPhp(text) {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

function inPython(text) {
  return `'${plain(text)}'`;
}

// A script may stand in a page, where these would end it.
function inJavaScript(text) {
  return `'${plain(text).replace(/<(?=[/!s])/gi, "\\x3C")}'`;
}

// Python and JavaScript read these alike. U+2028 and U+2029 end a line for some editors.
function plain(text) {
  const named = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  return text.replace(/[\\'\u0000-\u001f\u007f\u2028\u2029]/g, (it) => {
    return named[it] ?? `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

// Breaks JSON into lines and leaves each value as it was written; anything else stays as it is.
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const shown = [];
  let depth = 0;
  let last = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const isFirst = last === "{" || last === "[";
    if (token === "}" || token === "]") {
      depth -= 1;
      if (!isFirst) shown.push(line());
    } else if (isFirst || last === ",") {
      shown.push(line());
    } else if (last === ":") {
      shown.push(" ");
    }
    if (token === "{" || token === "[") depth += 1;
    shown.push(token);
    last = token;
  }
  return shown.join("");
}
